"""Weights, logits and gradients of a PyTorch model, under its own names."""
import json
import os
import sys

import numpy as np
import timm
import torch
from safetensors.torch import save_file


def save_logits(model, images, folder):
    """With the weights and the images that give them."""
    save_file(model.state_dict(), os.path.join(folder, 'timm.safetensors'), {'format': 'pt'})
    nhwc = np.ascontiguousarray(images.permute(0, 2, 3, 1).numpy())
    np.save(os.path.join(folder, 'input.npy'), nhwc)
    with torch.no_grad():
        np.save(os.path.join(folder, 'logits-timm.npy'), model.eval()(images).numpy())


def save_gradients(model, images, classes, folder):
    """Of the cross-entropy summed over the batch, sample i being of class i modulo `classes`.

    Computed in float64, so that the rounding is all the other side's.
    """
    labels = torch.arange(len(images)) % classes
    model.train().double().zero_grad()
    loss = torch.nn.functional.cross_entropy(model(images.double()), labels, reduction='sum')
    loss.backward()
    gradients = {name: one.grad.float().contiguous() for name, one in model.named_parameters()}
    nhwc = np.ascontiguousarray(images.permute(0, 2, 3, 1).numpy())
    np.save(os.path.join(folder, 'training-input.npy'), nhwc)
    save_file(gradients, os.path.join(folder, 'gradients.safetensors'), {'format': 'pt'})
    np.save(os.path.join(folder, 'loss.npy'), loss.detach().float().numpy().reshape(1))


def describe(args, path):
    """What made the files, and with which versions."""
    versions = {
        'python': sys.version.split()[0], 'timm': timm.__version__, 'torch': torch.__version__,
        'numpy': np.__version__, 'arguments': vars(args),
    }
    with open(path, 'w') as file:
        json.dump(versions, file)
