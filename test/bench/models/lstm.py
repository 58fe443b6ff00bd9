"""A recurrent network of the benchmark: two LSTM layers of width 128 over 32 steps, a head on the last one."""

from torch import nn


class Recurrent(nn.Module):
    def __init__(self, width=128, layers=2, classes=10):
        super().__init__()
        self.lstm = nn.LSTM(width, width, num_layers=layers, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        y, _ = self.lstm(x)
        return self.head(y[:, -1])


def lstm_2x128():
    return Recurrent()
