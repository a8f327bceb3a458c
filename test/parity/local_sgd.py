"""Makes local-sgd-torch.json: outer steps of local SGD as PyTorch's SGD takes them.

    python test/parity/local_sgd.py    with torch and numpy installed

In each outer step every worker moves from the common weights by some vector, on some samples; the
outer gradient is the mean of anchor minus weights, weighted by samples (DiLoCo, Douillard et al.,
2023, algorithm 1). Computed in float64. torch 2.15.0 was used.
"""
import json
import os

import numpy as np
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
ELEMENTS, WORKERS, OUTER_STEPS = 37, 3, 15
CASES = {
    "nesterov": {"lr": 0.7, "momentum": 0.9, "nesterov": True},
    "momentum": {"lr": 0.5, "momentum": 0.8, "nesterov": False},
    "averaging": {"lr": 1.0, "momentum": 0.0, "nesterov": False},
}


def as_float32(values):
    """Float32 values as the shortest decimals that read back as the same."""
    return [float(np.format_float_positional(np.float32(v), unique=True)) for v in values]


def outer_steps(weights, steps, settings):
    parameter = torch.nn.Parameter(torch.tensor(weights, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], **settings)
    for workers in steps:
        total = sum(worker["samples"] for worker in workers)
        anchor = parameter.detach().clone()
        gradient = torch.zeros_like(anchor)
        for worker in workers:
            local = anchor + torch.tensor(worker["move"], dtype=torch.float64)
            gradient += (anchor - local) * worker["samples"] / total
        parameter.grad = gradient
        optimizer.step()
    return [float(f"{value:.10g}") for value in parameter.detach().tolist()]


def main():
    random = np.random.RandomState(11)
    weights = as_float32(random.normal(size=ELEMENTS))
    steps = [
        [
            {
                "samples": int(random.randint(1, 400)),
                "move": as_float32(0.1 * random.normal(size=ELEMENTS)),
            }
            for _ in range(WORKERS)
        ]
        for _ in range(OUTER_STEPS)
    ]
    fixture = {
        "torch": torch.__version__,
        "weights": weights,
        "steps": steps,
        "cases": {
            name: {**settings, "expected": outer_steps(weights, steps, settings)}
            for name, settings in CASES.items()
        },
    }
    with open(os.path.join(FOLDER, "local-sgd-torch.json"), "w") as file:
        json.dump(fixture, file)
        file.write("\n")


main()
