"""Makes formats.json: SHA-256 of what numpy and PyTorch make of values in formats of 16 bits.

    python test/parity/make_formats.py         with numpy 2.4.6 and torch 2.15.0

The values are those of test/support/formats.ts. NaN counts as the one quiet NaN of its format.
"""
import hashlib
import json
import os

import numpy as np
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
OFFSETS = [-1, 0, 1, 0xFFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x3001, 0x7FFF, 0x8000, 0x8001]


def hard_values():
    spread = np.arange(1 << 18, dtype=np.uint64) * 0x9E3779B1
    near = (np.arange(0x10000, dtype=np.int64)[:, None] << 16) + np.array(OFFSETS)
    ties = ((np.arange(1024) + 0.5) * 2.0 ** -24).astype(np.float32).view(np.uint32)
    ties = ties.astype(np.int64)[:, None] + np.array([-1, 0, 1])
    parts = [part.astype(np.uint64).reshape(-1) for part in (spread, near, ties)]
    return (np.concatenate(parts) & 0xFFFFFFFF).astype(np.uint32).view(np.float32)


def sha256(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


def packed(values, name):
    with np.errstate(over='ignore', under='ignore', invalid='ignore'):
        if name == 'float16':
            bits = values.astype(np.float16).view(np.uint16)
            quiet = 0x7E00
        else:
            bits = torch.from_numpy(values).to(torch.bfloat16).view(torch.int16).numpy()
            bits, quiet = bits.view(np.uint16), 0x7FC0
    return np.where(np.isnan(values), np.uint16(quiet), bits)


def unpacked(bits, name):
    if name == 'float16':
        values = bits.view(np.float16).astype(np.float32)
    else:
        values = torch.from_numpy(bits.view(np.int16)).view(torch.bfloat16).float().numpy()
    return np.where(np.isnan(values), np.float32('nan'), values)


def main():
    values, every = hard_values(), np.arange(0x10000, dtype=np.uint16)
    result = {
        'madeBy': 'test/parity/make_formats.py',
        'numpy': np.__version__,
        'torch': torch.__version__.split('+')[0],
        'values': len(values),
    }
    for name in ('bfloat16', 'float16'):
        bits = packed(values, name)
        result[name] = {
            'packed': sha256(bits),
            'rounded': sha256(unpacked(bits, name)),
            'unpacked': sha256(unpacked(every, name)),
        }
    with open(os.path.join(FOLDER, 'formats.json'), 'w') as file:
        json.dump(result, file, indent=2)
        file.write('\n')


if __name__ == '__main__':
    main()
