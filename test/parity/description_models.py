"""The networks of the description examples in PyTorch, and what PyTorch says about them.

Prints {file: {total, modules: [[id, kind], ...], shapes: {id: [...]}}}: the parameter total, `named_modules()` without
the root, and each called module's output shape at the file's batch. `python test/parity/description_models.py` writes
to standard output; its result is committed as test/fixtures/description.json.
"""

import json

import torch
from torch import nn


class Residual(nn.Module):
    """x + branch(x), or shortcut(x) + branch(x); the shortcut is registered last."""

    def __init__(self, *branch, shortcut=None):
        super().__init__()
        self.branch_length = len(branch)
        for index, layer in enumerate(branch):
            self.add_module(str(index), layer)
        if shortcut is not None:
            self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x):
        y = x
        for index in range(self.branch_length):
            y = call(self.get_submodule(str(index)), y)
        return (self.shortcut(x) if hasattr(self, "shortcut") else x) + y


class Concat(nn.Module):
    """The branches' outputs, side by side along one dimension."""

    def __init__(self, *branches, dim=1):
        super().__init__()
        self.dim = dim
        for index, branch in enumerate(branches):
            self.add_module(str(index), nn.Sequential(*branch))

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.children()], self.dim)


class MeanOverTokens(nn.Module):
    """Children in order, the mean over dimension 1 right before the head."""

    def __init__(self, *layers, **named):
        super().__init__()
        for index, layer in enumerate(layers):
            self.add_module(str(index), layer)
        for name, layer in named.items():
            self.add_module(name, layer)

    def forward(self, x):
        for name, layer in self.named_children():
            x = call(layer, x.mean(dim=1) if name == "head" else x)
        return x


def call(layer, x):
    """One input means self-attention."""
    return layer(x, x, x)[0] if isinstance(layer, nn.MultiheadAttention) else layer(x)


def deep_sigmoid():
    first = nn.Linear(784, 256, bias=False)
    nn.init.normal_(first.weight, std=0.0625)
    model = nn.Sequential(first, nn.BatchNorm1d(256), nn.Sigmoid())
    for _ in range(8):
        model.append(nn.Linear(256, 256)).append(nn.Sigmoid())
    model.append(Residual(nn.Linear(256, 256), nn.ReLU()))
    model.append(Concat([nn.Linear(256, 64)], [nn.Identity()]))
    model.add_module("head", nn.Linear(320, 10))
    return model, torch.zeros(64, 784)


def attention():
    return nn.MultiheadAttention(128, 4, batch_first=True)


def mlp():
    return [nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128)]


def pre_ln_transformer():
    blocks = []
    for _ in range(6):
        blocks += [Residual(nn.LayerNorm(128), attention()), Residual(nn.LayerNorm(128), *mlp())]
    return MeanOverTokens(*blocks, norm=nn.LayerNorm(128), head=nn.Linear(128, 10)), torch.zeros(32, 32, 128)


def post_ln_transformer():
    blocks = []
    for _ in range(6):
        blocks += [Residual(attention()), nn.LayerNorm(128), Residual(*mlp()), nn.LayerNorm(128)]
    return MeanOverTokens(*blocks, head=nn.Linear(128, 10)), torch.zeros(32, 32, 128)


def shortcut():
    """A residual with a shortcut of its own, for the order of registration."""
    branch = [nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU()]
    block = Residual(*branch, shortcut=[nn.Conv2d(3, 8, 1, stride=2)])
    model = nn.Sequential(block, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))
    return model, torch.zeros(4, 3, 16, 16)


def describe(model, example):
    shapes = {}
    for name, module in model.named_modules():

        def record(_module, _inputs, output, name=name):
            shapes[name] = list((output[0] if isinstance(output, tuple) else output).shape)

        if name:
            module.register_forward_hook(record)
    model(example)
    return {
        "total": sum(parameter.numel() for parameter in model.parameters()),
        "modules": [[name, type(module).__name__] for name, module in model.named_modules() if name],
        "parameters": {name: list(parameter.shape) for name, parameter in model.named_parameters()},
        "buffers": {name: list(b.shape) for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")},
        "shapes": shapes,
    }


MODELS = {
    "examples/deep_sigmoid.normscope.yaml": deep_sigmoid,
    "examples/pre_ln_transformer.normscope.yaml": pre_ln_transformer,
    "examples/post_ln_transformer.normscope.yaml": post_ln_transformer,
    "test/fixtures/shortcut.normscope.json": shortcut,
}

if __name__ == "__main__":
    torch.manual_seed(0)
    print(json.dumps({file: describe(*make()) for file, make in MODELS.items()}, indent=1))
