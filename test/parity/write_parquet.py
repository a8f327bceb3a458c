"""Writes Parquet files of images with pyarrow, as Hugging Face's datasets write them.

usage: write_parquet.py FOLDER
Each image is PNG or JPEG of one gray, 40 * (its class) + 20, and 8 + i pixels wide, where i is
its number in the split. FOLDER/snappy has data/train-0000N-of-00002.parquet of 6 images each in
row groups of 4, and data/validation-00000-of-00001.parquet of 4. FOLDER/none and so on have 6 of
them in one file for each compression, FOLDER/plain without names and dictionaries, FOLDER/pages
as pages of version 2, FOLDER/delta in delta encodings, and FOLDER/epoch 24 and 6 of two classes.
With the argument large, FOLDER/large has 3,000 images of noise in one row group, whose dictionary
of bytes ends in its middle, FOLDER/paths an image of which there is only its path, and
FOLDER/unlabeled one of class -1. Written with pyarrow 26.0.1 and Pillow 13.0.0.
"""
import io
import json
import os
import sys

import pyarrow
import pyarrow.parquet
from PIL import Image

folder = sys.argv[1]
with_large = "large" in sys.argv[2:]


def gray(width, kind, encoding):
    buffer = io.BytesIO()
    Image.new("L" if encoding == "PNG" else "RGB", (width, 8), *(
        [40 * kind + 20] if encoding == "PNG" else [(40 * kind + 20,) * 3]
    )).save(buffer, encoding)
    return buffer.getvalue()


def noise(width):
    buffer = io.BytesIO()
    Image.frombytes("L", (width, 60), os.urandom(width * 60)).save(buffer, "PNG")
    return buffer.getvalue()


def write(path, images, names, group_rows, **options):
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    features = {
        "image": {"_type": "Image"},
        "label": {"names": names, "_type": "ClassLabel"},
        "note": {"dtype": "string", "_type": "Value"},
    }
    # The Arrow schema, which datasets add, would only make the files larger.
    schema = pyarrow.schema(
        [("image", image), ("label", pyarrow.int64()), ("note", pyarrow.string())])
    table = pyarrow.table({
        "image": [{"bytes": content, "path": f"{i}.png"} for i, (content, _) in enumerate(images)],
        "label": [label for _, label in images],
        "note": ["" for _ in images],
    }, schema=schema)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with pyarrow.parquet.ParquetWriter(path, schema, store_schema=False, **options) as writer:
        writer.write_table(table, row_group_size=group_rows)
        if names:
            said = json.dumps({"info": {"features": features}})
            writer.add_key_value_metadata({"huggingface": said})


NAMES = ["black", "gray", "white"]
PETS = ["cat", "dog"]


def samples(first, count, classes):
    return [(gray(8 + i, i % classes, "JPEG" if i == 3 else "PNG"), i % classes)
            for i in range(first, first + count)]


def write_splits(name, names=NAMES, **options):
    base = f"{folder}/{name}/data"
    for part in range(2):
        write(f"{base}/train-{part:05d}-of-00002.parquet", samples(6 * part, 6, 3), names, 4,
              **options)
    write(f"{base}/validation-00000-of-00001.parquet", samples(0, 4, 3), names, 4, **options)


def write_train(name, names=NAMES, **options):
    path = f"{folder}/{name}/train-00000-of-00001.parquet"
    write(path, samples(0, 6, 3), names, 4, **options)


write_splits("snappy", compression="snappy")
for compression in ["none", "zstd", "gzip", "lz4"] + (["brotli"] if with_large else []):
    write_train(compression, compression=compression)
write_train("plain", names=None, use_dictionary=False)
write_train("pages", data_page_version="2.0", compression="zstd")
write_train("delta", compression="snappy", use_dictionary=False, column_encoding={
    "image.bytes": "DELTA_LENGTH_BYTE_ARRAY", "image.path": "DELTA_BYTE_ARRAY",
    "label": "DELTA_BINARY_PACKED", "note": "PLAIN"})
for split, count in [("train", 24), ("validation", 6)]:
    write(f"{folder}/epoch/{split}-00000-of-00001.parquet", samples(0, count, 2), PETS, 10)
if with_large:
    images = [(gray(8, 0, "PNG"), 0), (None, 1)]
    write(f"{folder}/paths/train.parquet", images, PETS, 2)
    write(f"{folder}/unlabeled/train.parquet", [(gray(8, 0, "PNG"), -1)], PETS, 2)
    write(f"{folder}/large/train.parquet", [(noise(8 + i % 900), i % 2) for i in range(3000)],
          PETS, 3000)
