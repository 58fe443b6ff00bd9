"""Chains of the benchmark's growth: `depth` linear layers of width 64, each followed by tanh, then a head."""
# normscope: input=64 batch=32

from torch import nn


class Chain(nn.Module):
    def __init__(self, depth=1000):
        super().__init__()
        layers = []
        for _ in range(depth):
            layers += [nn.Linear(64, 64), nn.Tanh()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.body(x))
