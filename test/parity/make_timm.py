"""timm's side: the weights of make_keras.py under timm's names, and timm's logits.

With --load FILE it loads that safetensors file strictly instead, and writes logits-loaded.npy only.
The weights are handed over by the order of the modules, so that no table of names is involved.
"""
import argparse
import os

import numpy as np
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from gradients import describe, save_gradients
from random_weights import random_images


def take(model, layers):
    """Fills the modules in order from Keras's list of weights."""
    values = iter(layers)

    def put(parameter, value):
        tensor = torch.from_numpy(np.ascontiguousarray(value))
        assert parameter.shape == tensor.shape, (parameter.shape, tensor.shape)
        parameter.data.copy_(tensor)

    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            kernel = next(values)
            is_depthwise = module.groups > 1
            put(module.weight, kernel.transpose((2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1)))
            if module.bias is not None:
                put(module.bias, next(values))
        elif isinstance(module, nn.BatchNorm2d):
            for parameter in (module.weight, module.bias, module.running_mean, module.running_var):
                put(parameter, next(values))
        elif isinstance(module, nn.Linear):
            put(module.weight, next(values).T)
            put(module.bias, next(values))
    assert next(values, None) is None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--model', required=True, help='such as efficientnetv2-b0')
    parser.add_argument('--classes', type=int, required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--halves', action='store_true', help='also in float16 and bfloat16')
    parser.add_argument('--gradients', action='store_true', help='also those of a training step')
    parser.add_argument('--load')
    args = parser.parse_args()
    out = lambda name: os.path.join(args.out, name)
    model = timm.create_model(
        'tf_' + args.model.replace('-', '_'), num_classes=args.classes, drop_rate=0.0).eval()
    images = torch.from_numpy(np.load(out('input.npy'))).permute(0, 3, 1, 2)
    if args.load:
        model.load_state_dict(load_file(args.load), strict=True)
        with torch.no_grad():
            np.save(out('logits-loaded.npy'), model(images).numpy())
        return
    with np.load(out('layers.npz')) as layers:
        take(model, [layers[f'arr_{index}'] for index in range(len(layers.files))])
    state = model.state_dict()
    save_file(state, out('timm.safetensors'), {'format': 'pt'})
    if args.halves:
        for name, dtype in (('f16', torch.float16), ('bf16', torch.bfloat16)):
            short = {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}
            save_file(short, out(f'timm-{name}.safetensors'))
            wide = {k: v.float() if v.is_floating_point() else v for k, v in short.items()}
            save_file(wide, out(f'timm-{name}-widened.safetensors'))
    with torch.no_grad():
        logits = model(images).numpy()
    np.save(out('logits-timm.npy'), logits)
    # Else rounding alone decides, and the weights are no good for a comparison.
    keras = np.load(out('logits-keras.npy'))
    assert np.abs(logits - keras).max() < 2e-4 * keras.std(), 'the frameworks disagree'
    if args.gradients:
        # Larger than for logits: batch norm over a few values amplifies rounding.
        generator = torch.Generator().manual_seed(3)
        images = random_images((16, 3, 96, 96), generator)
        save_gradients(model, images, args.classes, args.out)
    describe(args, out('timm.json'))


main()
