"""Chains of the benchmark's growth: `depth` linear layers of one width, each followed by tanh, then a head."""
# normscope: input=64 batch=32

from torch import nn


class Chain(nn.Module):
    def __init__(self, depth=1000, width=64):
        super().__init__()
        layers = []
        for _ in range(depth):
            layers += [nn.Linear(width, width), nn.Tanh()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.body(x))
