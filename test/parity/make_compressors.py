"""Makes compressors.json: the lossy compression in numpy, and PowerSGD by PyTorch's own hook.

    python test/parity/make_compressors.py          with numpy 2.4.6 and torch 2.15.0

The values are those of test/support/compressors.ts. PyTorch's powerSGD_hook runs in a process group
of one, on the sum of the gradients of two workers: with error feedback what it applies depends on
the sum alone.
"""
import hashlib
import json
import os
import tempfile

import numpy as np
import torch
import torch.distributed as dist
from torch.distributed.algorithms.ddp_comm_hooks import powerSGD_hook as power_sgd

FOLDER = os.path.dirname(os.path.abspath(__file__))
ELEMENTS = 1000
FRACTION = 0.05
BLOCK = 256
ROWS, COLUMNS, RANK, STEPS = 24, 20, 2, 5


def values(count, stream):
    """As valuesOf() in test/support/compressors.ts: exact in every step."""
    index = np.arange(count, dtype=np.uint64) + stream * 100_003
    uniform = ((index * 2654435761) & 0xFFFFFFFF).astype(np.float64) / 2 ** 32 - 0.5
    exponent = ((index * 40503) >> 4) % 20
    return np.ldexp(uniform, exponent.astype(np.int64) - 10).astype(np.float32)


def encode_int8(total):
    data, pending = b'', []
    for begin in range(0, len(total), BLOCK):
        block = total[begin:begin + BLOCK]
        scale = np.float32(np.abs(block).max() / np.float32(127))
        codes = np.rint(block * np.float32(np.float32(1) / scale)).astype(np.int8)
        data += scale.tobytes() + codes.tobytes()
        pending.append(block - codes.astype(np.float32) * scale)
    return data, np.concatenate(pending)


def varint(number):
    data = bytearray()
    while number >= 0x80:
        data.append((number & 0x7F) | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def encode_top_k(total):
    kept = np.sort(np.argsort(-np.abs(total), kind='stable')[:int(np.ceil(len(total) * FRACTION))])
    gaps = np.diff(kept, prepend=-1) - 1
    narrow = torch.from_numpy(total[kept]).to(torch.bfloat16)
    data = np.uint32(len(kept)).tobytes() + b''.join(varint(int(gap)) for gap in gaps)
    data += narrow.view(torch.int16).numpy().tobytes()
    pending = total.copy()
    pending[kept] -= narrow.float().numpy()
    return data, pending


def two_steps(encode):
    """Two steps with error feedback; the same values, so that only the residual differs."""
    residual = np.zeros(ELEMENTS, np.float32)
    steps = []
    for step in range(2):
        data, residual = encode(values(ELEMENTS, step) + residual)
        steps.append({
            'bytes': len(data),
            'sha256': hashlib.sha256(data).hexdigest(),
            'residualSha256': hashlib.sha256(residual.tobytes()).hexdigest(),
        })
    return steps


def gradient_of(model, wanted):
    """The gradient of sum(weight * wanted) is `wanted`."""
    model.zero_grad()
    (model(torch.eye(COLUMNS)).t() * wanted).sum().backward()
    return model.module.weight.grad.clone()


def power_sgd_steps():
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        dist.init_process_group('gloo', rank=0, world_size=1, init_method=f'file://{folder}/store')
        layer = torch.nn.Linear(COLUMNS, ROWS, bias=False)
        model = torch.nn.parallel.DistributedDataParallel(layer)
        state = power_sgd.PowerSGDState(None, RANK, start_powerSGD_iter=2, min_compression_rate=2)
        model.register_comm_hook(state, power_sgd.powerSGD_hook)
        # The first steps are not compressed; the next makes Q and the error, which are then set.
        for _ in range(3):
            gradient_of(model, torch.from_numpy(values(ROWS * COLUMNS, 90).reshape(ROWS, COLUMNS)))
        right = values(COLUMNS * RANK, 91).reshape(RANK, COLUMNS)
        (memory,) = state.q_memory_dict.values()
        memory.copy_(torch.from_numpy(right.T.copy()).reshape(-1))
        (error,) = state.error_dict.values()
        error.zero_()
        results = []
        for step in range(STEPS):
            total = values(ROWS * COLUMNS, 10 + step) + values(ROWS * COLUMNS, 20 + step)
            result = gradient_of(model, torch.from_numpy(total.reshape(ROWS, COLUMNS)))
            results.append([float(f'{value:.7g}') for value in result.reshape(-1).tolist()])
        dist.destroy_process_group()
    return results


def main():
    result = {
        'madeBy': 'test/parity/make_compressors.py',
        'numpy': np.__version__,
        'torch': torch.__version__.split('+')[0],
        'int8': two_steps(encode_int8),
        'topK': two_steps(encode_top_k),
        'powerSgd': power_sgd_steps(),
    }
    with open(os.path.join(FOLDER, 'compressors.json'), 'w') as file:
        json.dump(result, file)
        file.write('\n')


if __name__ == '__main__':
    main()
