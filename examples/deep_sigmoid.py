"""A deep multilayer perceptron with sigmoid activations, and the script that trains it.

Ten hidden layers of 256 sigmoid units over flattened 28x28 images. It looks
reasonable and hardly learns: run NormScope on it to see why.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 64
EPOCHS = 3


class DeepSigmoid(nn.Module):
    """``depth`` hidden layers of the same width, each a Linear and a Sigmoid."""

    def __init__(self, in_features=28 * 28, width=256, depth=10, num_classes=10):
        super().__init__()
        layers = []
        for i in range(depth):
            layers.append(nn.Linear(in_features if i == 0 else width, width))
            layers.append(nn.Sigmoid())
        self.hidden = nn.Sequential(*layers)
        self.head = nn.Linear(width, num_classes)

    def forward(self, x):
        return self.head(self.hidden(x))


def synthetic_digits(samples, num_classes=10, size=28 * 28):
    """One random prototype for a class, with noise around it."""
    prototypes = torch.randn(num_classes, size)
    labels = torch.randint(num_classes, (samples,))
    images = prototypes[labels] + 0.5 * torch.randn(samples, size)
    return TensorDataset(images, labels)


def train(model, loader, epochs=EPOCHS):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(epochs):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / len(loader):.4f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader = DataLoader(synthetic_digits(2048), batch_size=BATCH_SIZE, shuffle=True)
    model = DeepSigmoid()
    train(model, train_loader)
