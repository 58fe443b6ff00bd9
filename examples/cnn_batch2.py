"""A convolutional network with BatchNorm, trained with two images at a time.

Large images force small batches. Here the memory of one GPU is the excuse: with
two images BatchNorm2d estimates its statistics from almost nothing.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class ConvBlock(nn.Sequential):
    """Convolution, BatchNorm, ReLU."""

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class SmallCNN(nn.Module):
    def __init__(self, num_classes=5):
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(3, 16),
            nn.MaxPool2d(2),
            ConvBlock(16, 32),
            nn.MaxPool2d(2),
            ConvBlock(32, 64),
            ConvBlock(64, 64, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64 * 8 * 8, 128),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(128, num_classes),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


class Patches(Dataset):
    """Noise with a class-dependent brightness: enough to see the loss fall."""

    def __init__(self, samples, num_classes=5):
        self.labels = torch.randint(num_classes, (samples,))
        self.images = torch.randn(samples, 3, 64, 64) + self.labels.view(-1, 1, 1, 1)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index], self.labels[index]


def main():
    torch.manual_seed(0)
    model = SmallCNN()
    loader = DataLoader(Patches(64), batch_size=2, shuffle=True, drop_last=True)
    val_loader = DataLoader(Patches(32), batch_size=32)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    for epoch in range(2):
        model.train()
        for images, labels in loader:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        model.eval()
        with torch.no_grad():
            val_loss = sum(criterion(model(x), y).item() for x, y in val_loader) / len(val_loader)
        print(f"epoch {epoch + 1}: training loss {loss.item():.3f}, validation loss {val_loss:.3f}")


if __name__ == "__main__":
    main()
