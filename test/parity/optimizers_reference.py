"""Two parameters after each of five steps of torch.optim, under gradients that are given, as JSON.

    python test/parity/optimizers_reference.py > test/fixtures/optimizers.json
"""

import json
import math

import torch

SIZES = {"a": 4, "b": 3}
STEPS = 5
CASES = [
    {"kind": "SGD", "settings": {"lr": 0.1}},
    {"kind": "SGD", "settings": {"lr": 0.1, "momentum": 0.9}},
    {"kind": "SGD", "settings": {"lr": 0.1, "momentum": 0.9, "nesterov": True}},
    {"kind": "SGD", "settings": {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}},
    {"kind": "SGD", "settings": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}},
    {"kind": "SGD", "settings": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}},
    {"kind": "SGD", "settings": {"lr": 0.05, "weight_decay": 0.2}},
    {"kind": "SGD", "settings": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.2, "maximize": True}},
    {"kind": "Adam", "settings": {"lr": 0.001}},
    {"kind": "Adam", "settings": {"lr": 0.01, "betas": [0.5, 0.9], "eps": 1e-3}},
    {"kind": "Adam", "settings": {"lr": 0.01, "betas": [0.9, 0.999], "weight_decay": 0.1}},
    {"kind": "Adam", "settings": {"lr": 0.01, "betas": [0.0, 0.99]}},
    {"kind": "Adam", "settings": {"lr": 0.01, "betas": [0.3, 0.4], "amsgrad": True}},
    {"kind": "AdamW", "settings": {}},
    {"kind": "AdamW", "settings": {"lr": 0.02, "weight_decay": 0.3, "betas": [0.8, 0.95]}},
    {"kind": "AdamW", "settings": {"lr": 0.02, "weight_decay": 0.0}},
    {"kind": "AdamW", "settings": {"lr": 0.02, "amsgrad": True, "maximize": True, "betas": [0.3, 0.4]}},
    {"kind": "RMSprop", "settings": {}},
    {"kind": "RMSprop", "settings": {"lr": 0.02, "alpha": 0.8, "eps": 1e-4}},
    {"kind": "RMSprop", "settings": {"lr": 0.02, "momentum": 0.9}},
    {"kind": "RMSprop", "settings": {"lr": 0.02, "alpha": 0.9, "centered": True, "eps": 1e-2}},
    {"kind": "RMSprop", "settings": {"alpha": 0.9, "centered": True, "momentum": 0.5, "weight_decay": 0.1, "eps": 1e-2}},
    {"kind": "Adagrad", "settings": {}},
    {"kind": "Adagrad", "settings": {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1}},
    {"kind": "Adagrad", "settings": {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}},
    {"kind": "Adadelta", "settings": {}},
    {"kind": "Adadelta", "settings": {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}},
    {"kind": "Adamax", "settings": {}},
    {"kind": "Adamax", "settings": {"lr": 0.02, "betas": [0.5, 0.9], "eps": 1e-3, "weight_decay": 0.1}},
    # Groups: another decay, another rate, another momentum.
    {"kind": "AdamW", "settings": {"lr": 0.01, "weight_decay": 0.3}, "group": {"weight_decay": 0.0}},
    {"kind": "SGD", "settings": {"lr": 0.1}, "group": {"lr": 0.02, "momentum": 0.9}},
    {"kind": "SGD", "settings": {"lr": 0.0, "momentum": 0.5}, "group": {"lr": 0.02}},
    {"kind": "Adagrad", "settings": {"lr": 0.1}, "group": {"lr": 0.0}},
    # Clipping, on both sides of the limit over the steps, and never.
    {"kind": "SGD", "settings": {"lr": 0.1, "weight_decay": 0.1}, "clip": {"max_norm": 1.3}},
    {"kind": "SGD", "settings": {"lr": 0.1}, "clip": {"max_norm": 1.8, "norm_type": 1.0}},
    {"kind": "SGD", "settings": {"lr": 0.1}, "clip": {"max_norm": 0.9, "norm_type": math.inf}},
    {"kind": "Adam", "settings": {"lr": 0.1}, "clip": {"max_norm": 100.0}},
    {"kind": "RMSprop", "settings": {"lr": 0.02}, "clip": {"clip_value": 0.4}},
]


def run(case, start, gradients):
    parameters = {name: torch.nn.Parameter(torch.tensor(values)) for name, values in start.items()}
    arguments = dict(case["settings"])
    if "betas" in arguments:
        arguments["betas"] = tuple(arguments["betas"])
    groups = [{"params": [parameters["a"]]}, {"params": [parameters["b"]], **case.get("group", {})}]
    optimizer = getattr(torch.optim, case["kind"])(groups, **arguments)
    clip = case.get("clip")
    after = []
    for step in gradients:
        for name, values in step.items():
            parameters[name].grad = torch.tensor(values)
        if clip and "max_norm" in clip:
            torch.nn.utils.clip_grad_norm_(parameters.values(), **clip)
        elif clip:
            torch.nn.utils.clip_grad_value_(parameters.values(), **clip)
        optimizer.step()
        after.append({name: parameter.detach().tolist() for name, parameter in parameters.items()})
    return after


def main():
    start = {
        name: torch.tensor([math.sin(1 + i + len(name) * size) for i in range(size)]).tolist()
        for name, size in SIZES.items()
    }
    # Of very different sizes, and one of zeros: what Adam divides by.
    scales = [1.0, 1e-2, 1e-6, 0.0]
    gradients = [
        {
            name: torch.tensor([scales[i] * math.cos(3 * step + i + size) for i in range(size)]).tolist()
            for name, size in SIZES.items()
        }
        for step in range(STEPS)
    ]
    # JSON has no infinity.
    written = [{**case, "clip": {**case["clip"], "norm_type": "inf"}} if case.get("clip", {}).get("norm_type") == math.inf else case for case in CASES]
    cases = [{**shown, "after": run(case, start, gradients)} for case, shown in zip(CASES, written)]
    print(json.dumps({"pytorch": torch.__version__, "start": start, "gradients": gradients, "cases": cases}, indent=1))


main()
