"""CoAtNet in timm (`timm.models.maxxvit`): random weights, logits, and gradients in training.

Built from timm's blocks in the layout of its TensorFlow-compatible configurations, with the
options that Crescendo has by default or that are given.
"""
import argparse
import os
from dataclasses import replace

import timm
import torch
from timm.models.maxxvit import MaxxVit, _tf_cfg, model_cfgs

from gradients import describe, save_gradients, save_logits
from random_weights import draw_images, randomize


def smallest_gap(pool, x):
    """Between the two largest values of any window that is max-pooled."""
    if not isinstance(pool, torch.nn.MaxPool2d):
        return float('inf')
    windows = torch.nn.functional.unfold(x.flatten(0, 1).unsqueeze(1), kernel_size=2, stride=2)
    largest = windows.topk(2, dim=1).values
    return (largest[:, 0] - largest[:, 1]).min().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--variant', required=True, help='0 to 5')
    parser.add_argument('--size', type=int, required=True)
    parser.add_argument('--classes', type=int, required=True)
    parser.add_argument('--pool', choices=('max', 'avg'), default='max')
    parser.add_argument('--stride', choices=('expand', 'depthwise'), default='expand')
    parser.add_argument('--expand-from', choices=('output', 'input'), default='output')
    parser.add_argument('--head', choices=('hidden', 'linear'), default='hidden')
    parser.add_argument('--gradients', action='store_true')
    parser.add_argument('--out', required=True)
    args = parser.parse_args()
    out = lambda name: os.path.join(args.out, name)
    pool = f'{args.pool}2'
    layout = _tf_cfg()
    config = replace(
        model_cfgs[f'coatnet_{args.variant}'],
        conv_cfg=replace(
            layout['conv_cfg'], pool_type=pool, expand_output=args.expand_from == 'output',
            stride_mode='1x1' if args.stride == 'expand' else 'dw'),
        transformer_cfg=replace(layout['transformer_cfg'], pool_type=pool),
    )
    if args.head == 'linear':
        config = replace(config, head_hidden_size=None)
    model = MaxxVit(config, img_size=args.size, num_classes=args.classes)
    generator = torch.Generator().manual_seed(7)
    randomize(model, generator)
    images = draw_images(model, (4, 3, args.size, args.size), generator, smallest_gap)
    save_logits(model, images, args.out)
    if args.gradients:
        save_gradients(model, images, args.classes, args.out)
    describe(args, out('timm.json'))


main()
