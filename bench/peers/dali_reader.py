"""DALI's operators for processors, driven by lines on stdin.

usage: dali_reader.py FOLDER IMAGE_SIZE_PX MAGNITUDE THREADS
FOLDER has a folder of images for each class. First line out: {"ready": ...}. Then for each line
"N" in: N batches of 64, answered by {"images": ..., "seconds": ..., "cpuSeconds": ...}. The images
are read by THREADS threads of this process.
"""
import json
import resource
import sys
import time

import nvidia.dali
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.auto_aug import rand_augment

folder, size, magnitude, threads = sys.argv[1], *map(int, sys.argv[2:5])
BATCH = 64


@pipeline_def(enable_conditionals=True)
def training_images():
    encoded, labels = fn.readers.file(file_root=folder, random_shuffle=True, seed=1)
    images = fn.decoders.image_random_crop(
        encoded, device="cpu", output_type=types.RGB, random_area=[0.08, 1.0],
        random_aspect_ratio=[3 / 4, 4 / 3])
    images = fn.resize(
        images, size=[size, size], interp_type=types.INTERP_TRIANGULAR, antialias=True)
    images = fn.flip(images, horizontal=fn.random.coin_flip())
    if magnitude > 0:
        # Magnitudes of 0 to 10, as in the paper.
        images = rand_augment.rand_augment(
            images, shape=[size, size], n=2, m=magnitude, num_magnitude_bins=11)
    return images, labels


pipeline = training_images(batch_size=BATCH, num_threads=threads, device_id=None)
pipeline.build()


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


print(json.dumps({"ready": f"DALI {nvidia.dali.__version__}"}), flush=True)
for line in sys.stdin:
    batches = int(line)
    # What it has read ahead meanwhile does not count.
    for _ in range(2):
        pipeline.run()
    before, start = cpu_seconds(), time.perf_counter()
    for _ in range(batches):
        pipeline.run()
    print(json.dumps({
        "images": batches * BATCH,
        "seconds": time.perf_counter() - start,
        "cpuSeconds": cpu_seconds() - before,
    }), flush=True)
