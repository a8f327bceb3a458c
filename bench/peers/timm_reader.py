"""timm's training loader, driven by lines on stdin.

usage: timm_reader.py FOLDER IMAGE_SIZE_PX MAGNITUDE WORKERS
FOLDER has a folder of images for each class; "" measures 32 x 32 pixels in memory (random crop
after padding, flip). First line out: {"ready": ...}. Then for each line "N" in: N batches of 64,
answered by {"images": ..., "seconds": ..., "cpuSeconds": ...}. With 0 workers the images are read
by this process, otherwise by as many of PyTorch's worker processes.
"""
import itertools
import json
import multiprocessing
import os
import resource
import sys
import time

import numpy
import timm
import torch
from PIL import Image
from timm.data import create_transform
from torchvision import datasets, transforms

folder, size, magnitude, workers = sys.argv[1], *map(int, sys.argv[2:5])
BATCH = 64
torch.set_num_threads(1)


class SmallImages(torch.utils.data.Dataset):
    def __init__(self, transform):
        generator = numpy.random.default_rng(1)
        self.images = generator.integers(0, 256, (10_000, 32, 32, 3), dtype=numpy.uint8)
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index])), index % 10


if folder == "":
    dataset = SmallImages(transforms.Compose([
        transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(),
        transforms.ToTensor()]))
else:
    augment = f"rand-m{magnitude}-n2" if magnitude > 0 else None
    dataset = datasets.ImageFolder(folder, create_transform(
        size, is_training=True, auto_augment=augment, interpolation="bilinear",
        color_jitter=None, re_prob=0.0))


class Endless:
    def __iter__(self):
        generator = torch.Generator().manual_seed(1)
        while True:
            yield from torch.randperm(len(dataset), generator=generator).tolist()


loader = iter(torch.utils.data.DataLoader(
    dataset, batch_size=BATCH, sampler=Endless(), num_workers=workers,
    prefetch_factor=4 if workers > 0 else None))


def seconds_of(child):
    # Of a process that runs; RUSAGE_CHILDREN knows of those alone that have ended.
    with open(f"/proc/{child.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds():
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + sum(map(seconds_of, multiprocessing.active_children()))


print(json.dumps({"ready": f"timm {timm.__version__}, PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    batches = int(line)
    # Worker processes have filled their queues meanwhile: those batches do not count.
    for _ in itertools.islice(loader, 4 * workers):
        pass
    before, start = cpu_seconds(), time.perf_counter()
    for _ in itertools.islice(loader, batches):
        pass
    print(json.dumps({
        "images": batches * BATCH,
        "seconds": time.perf_counter() - start,
        "cpuSeconds": cpu_seconds() - before,
    }), flush=True)
