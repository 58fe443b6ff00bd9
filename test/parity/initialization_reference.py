"""What torch.nn.init says and fills without chance, and moments of what it draws, as JSON.

    python test/parity/initialization_reference.py > test/fixtures/initialization.json
"""

import json

import torch
from torch.nn import init

GAINS = [
    ("linear", None),
    ("conv1d", None),
    ("conv2d", None),
    ("conv3d", None),
    ("conv_transpose1d", None),
    ("conv_transpose2d", None),
    ("conv_transpose3d", None),
    ("sigmoid", None),
    ("tanh", None),
    ("relu", None),
    ("leaky_relu", None),
    ("leaky_relu", 0.2),
    ("leaky_relu", 0),
    ("selu", None),
]
SHAPE = [48, 20, 3, 5]
DRAWN = [
    ("uniform_", {"a": -0.5, "b": 2.0}),
    ("normal_", {"mean": 0.3, "std": 0.2}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 0.1, "std": 0.5, "a": -0.2, "b": 0.9}),
    ("xavier_uniform_", {"gain": 1.3}),
    ("xavier_normal_", {"gain": 0.7}),
    ("kaiming_uniform_", {"a": 0.3}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "selu"}),
    ("orthogonal_", {"gain": 2.0}),
]


def moments(name, settings):
    torch.manual_seed(0)
    values = torch.stack([getattr(init, name)(torch.empty(SHAPE), **settings) for _ in range(20)])
    return {
        "mean": values.mean().item(),
        "std": values.std(correction=0).item(),
        "fourth": (values - values.mean()).pow(4).mean().item(),
        "low": values.min().item(),
        "high": values.max().item(),
    }


torch.manual_seed(0)
fixed = [
    ("eye_", [3, 5], {}),
    ("eye_", [5, 3], {}),
    ("dirac_", [4, 6, 3], {}),
    ("dirac_", [6, 2, 2, 3], {"groups": 3}),
    ("dirac_", [4, 3, 1, 2, 3], {"groups": 2}),
    ("zeros_", [2, 2], {}),
    ("ones_", [2, 2], {}),
    ("constant_", [2, 2], {"val": 0.3}),
]
sparse = init.sparse_(torch.empty(10, 4), sparsity=0.34)
json.dump(
    {
        "pytorch": torch.__version__,
        "gains": [[name, param, init.calculate_gain(name, param)] for name, param in GAINS],
        "fixed": [
            [name, shape, settings, getattr(init, name)(torch.empty(shape), **settings).flatten().tolist()]
            for name, shape, settings in fixed
        ],
        "shape": SHAPE,
        "drawn": [[name, settings, moments(name, settings)] for name, settings in DRAWN],
        "sparseZeros": (sparse == 0).sum(0).tolist(),
    },
    __import__("sys").stdout,
    indent=1,
)
