"""The policies of AutoAugment in timm and torchvision, and timm's random erasing at given draws.

    make_policies.py FILE

FILE has {"draws": [[...], ...], "sidesPx": [...]} and receives, in its place, {"imagenetV0": ...,
"cifar10": ...}, each a list of sub-policies of [name, probability, level], and {"boxes": ...}: for
each side and row of draws (uniform in 0 to 1) left, right, top, bottom, or null.
"""
import json
import random
import sys

import torch
from timm.data import auto_augment
from timm.data.random_erasing import RandomErasing
from torchvision.transforms import autoaugment


def names(policy):
    return [[[op.name, op.prob, op.magnitude] for op in pair] for pair in policy]


def boxes(draws, side):
    """Of an image of ones, what RandomErasing makes zero with these draws."""
    left = iter(draws)
    real = random.random, random.uniform, random.randint
    random.random = lambda: next(left)
    random.uniform = lambda low, high: low + (high - low) * next(left)
    random.randint = lambda low, high: low + int(next(left) * (high - low + 1))
    try:
        image = RandomErasing(probability=1, device='cpu')(torch.ones(3, side, side))
    finally:
        random.random, random.uniform, random.randint = real
    rows, columns = torch.where(image[0] == 0)
    if len(rows) == 0:
        return None
    ends = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    return [int(end) for end in ends]


def main():
    path = sys.argv[1]
    with open(path) as file:
        asked = json.load(file)
    cifar = autoaugment.AutoAugment(autoaugment.AutoAugmentPolicy.CIFAR10).policies
    result = {
        'imagenetV0': names(auto_augment.auto_augment_policy_v0(auto_augment._HPARAMS_DEFAULT)),
        'cifar10': cifar,
        'boxes': [[boxes(row, side) for row in asked['draws']] for side in asked['sidesPx']],
    }
    with open(path, 'w') as file:
        json.dump(result, file)


main()
