"""Multilayer perceptrons of the benchmark: `depth` hidden layers of one width, ReLU between them."""

from torch import nn


class MLP(nn.Module):
    def __init__(self, depth, width, classes=10):
        super().__init__()
        layers = []
        for _ in range(depth):
            layers += [nn.Linear(width, width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(self.body(x))


def mlp_8x64():
    return MLP(8, 64)


def mlp_20x256():
    return MLP(20, 256)


def mlp_10x1024():
    return MLP(10, 1024)
