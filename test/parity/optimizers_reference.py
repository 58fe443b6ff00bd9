"""Parameters after each of five steps of torch.optim, under gradients that are given, as JSON.

    python test/parity/optimizers_reference.py > test/fixtures/optimizers.json
"""

import json
import math

import torch

SHAPE = 4
STEPS = 5
CASES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.2}),
    ("Adam", {"lr": 0.001}),
    ("Adam", {"lr": 0.01, "betas": [0.5, 0.9], "eps": 1e-3}),
    ("Adam", {"lr": 0.01, "betas": [0.9, 0.999], "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "betas": [0.0, 0.99]}),
]


def run(kind, settings, start, gradients):
    parameter = torch.nn.Parameter(torch.tensor(start))
    arguments = dict(settings)
    if "betas" in arguments:
        arguments["betas"] = tuple(arguments["betas"])
    optimizer = getattr(torch.optim, kind)([parameter], **arguments)
    after = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        after.append(parameter.detach().tolist())
    return after


def main():
    start = torch.tensor([math.sin(1 + i) for i in range(SHAPE)]).tolist()
    # Of very different sizes, and one of zeros: what Adam divides by.
    scales = [1.0, 1e-2, 1e-6, 0.0]
    gradients = [
        torch.tensor([scales[i] * math.cos(3 * step + i) for i in range(SHAPE)]).tolist() for step in range(STEPS)
    ]
    cases = [
        {"kind": kind, "settings": settings, "after": run(kind, settings, start, gradients)}
        for kind, settings in CASES
    ]
    print(json.dumps({"pytorch": torch.__version__, "start": start, "gradients": gradients, "cases": cases}, indent=1))


main()
