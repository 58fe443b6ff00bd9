"""Convolutional networks of the benchmark: six times convolution, BatchNorm and ReLU at one resolution, then a head."""

import torch
from torch import nn


class CNN(nn.Module):
    def __init__(self, channels, depth=6, classes=10):
        super().__init__()
        layers, given = [], 3
        for _ in range(depth):
            layers += [nn.Conv2d(given, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            given = channels
        self.body = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        return self.head(torch.flatten(self.pool(self.body(x)), 1))


def cnn_32():
    return CNN(32)


def cnn_64():
    return CNN(64)
