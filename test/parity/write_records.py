"""Writes TFRecord files with TensorFlow, as google/automl's and TensorFlow Datasets' are.

usage: write_records.py FOLDER
FOLDER/automl has train-00000-of-00002 and so on with image/encoded and image/class/label from 1 on,
FOLDER/tfds photos-train.tfrecord-00000-of-00001 with image and label from 0 on. Each image is
JPEG of one gray, 40 * (its class, from 0) + 20. Written with TensorFlow 2.21.0.
"""
import os
import sys

import numpy
import tensorflow as tf

folder = sys.argv[1]


def example(image_key, label_key, kind, label):
    pixels = numpy.full((24, 32, 3), 40 * kind + 20, numpy.uint8)
    image = tf.io.encode_jpeg(pixels, quality=100).numpy()
    return tf.train.Example(features=tf.train.Features(feature={
        image_key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        label_key: tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "image/height": tf.train.Feature(int64_list=tf.train.Int64List(value=[24])),
        "image/class/text": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"gray"])),
    })).SerializeToString()


def write(path, examples):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as writer:
        for one in examples:
            writer.write(one)


for shard in range(2):
    write(f"{folder}/automl/train-{shard:05d}-of-00002", [
        example("image/encoded", "image/class/label", kind, kind + 1) for kind in (shard, 2, 3)])
write(f"{folder}/automl/validation-00000-of-00001", [
    example("image/encoded", "image/class/label", kind, kind + 1) for kind in range(4)])
write(f"{folder}/tfds/photos-train.tfrecord-00000-of-00001", [
    example("image", "label", kind, kind) for kind in range(4)])
