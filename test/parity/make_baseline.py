"""A model of timm as Crescendo has it: random weights, logits, and gradients in training."""
import argparse
import functools
import json
import os

import numpy as np
import timm
import torch
from safetensors.torch import load_file
from timm.models import vision_transformer

from gradients import describe, save_gradients, save_logits
from random_weights import draw_images, randomize

# Vision transformers resize their position embeddings for other image sizes; bilinearly here.
vision_transformer.resample_abs_pos_embed = functools.partial(
    vision_transformer.resample_abs_pos_embed, interpolation='bilinear', antialias=False)


def distance_from_kink(module, x):
    return x.abs().min().item() if isinstance(module, torch.nn.ReLU) else float('inf')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--model', required=True, help="timm's name")
    parser.add_argument('--settings', type=json.loads, default={}, help='of timm, as JSON')
    parser.add_argument('--size', type=int, required=True)
    parser.add_argument('--batch', type=int, required=True)
    parser.add_argument('--classes', type=int, required=True)
    parser.add_argument('--gradients', action='store_true')
    parser.add_argument('--load', help='weights to load strictly, for logits-loaded.npy only')
    parser.add_argument('--out', required=True)
    args = parser.parse_args()
    out = lambda name: os.path.join(args.out, name)
    model = timm.create_model(args.model, num_classes=args.classes, **args.settings).eval()
    if args.load:
        model.load_state_dict(load_file(args.load), strict=True)
        images = torch.from_numpy(np.load(out('input.npy'))).permute(0, 3, 1, 2)
        with torch.no_grad():
            np.save(out('logits-loaded.npy'), model(images).numpy())
        return
    generator = torch.Generator().manual_seed(7)
    randomize(model, generator)
    shape = (args.batch, 3, args.size, args.size)
    images = (draw_images(model, shape, generator, distance_from_kink) if args.gradients
              else torch.randn(shape, generator=generator))
    save_logits(model, images, args.out)
    if args.gradients:
        save_gradients(model, images, args.classes, args.out)
    describe(args, out('timm.json'))


main()
