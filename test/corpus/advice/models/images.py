"""Published classifiers and dense networks of images, written briefly from their papers, with the norms that they have."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 25, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.max_pool2d(torch.tanh(self.conv2(x)), 2).flatten(1)
        x = torch.tanh(self.fc1(x))
        return self.fc3(torch.tanh(self.fc2(x)))


class AllConvolutional(nn.Module):
    """Springenberg et al. 2014: All-CNN-C."""

    def __init__(self):
        super().__init__()
        widths = [(3, 96, 1), (96, 96, 1), (96, 96, 2), (96, 192, 1), (192, 192, 1), (192, 192, 2), (192, 192, 1)]
        layers = []
        for before, after, stride in widths:
            layers += [nn.Conv2d(before, after, 3, stride, 1), nn.ReLU()]
        layers += [nn.Conv2d(192, 192, 1), nn.ReLU(), nn.Conv2d(192, 10, 1), nn.ReLU()]
        self.features = nn.Sequential(*layers)

    def forward(self, x):
        return self.features(x).mean((2, 3))


class PreactivationBlock(nn.Module):
    def __init__(self, before, after, stride, norm):
        super().__init__()
        self.norm1, self.norm2 = norm(before), norm(after)
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(before, after, 1, stride, bias=False) if before != after or stride != 1 else nn.Identity()

    def forward(self, x):
        y = self.conv1(F.relu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(F.relu(self.norm2(y)))


class WideResNet(nn.Module):
    """Zagoruyko & Komodakis 2016, WRN-16-4."""

    def __init__(self, norm=nn.BatchNorm2d):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        blocks, width = [], 16
        for after, stride in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1)]:
            blocks.append(PreactivationBlock(width, after, stride, norm))
            width = after
        self.blocks = nn.Sequential(*blocks)
        self.norm = norm(width)
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        x = F.relu(self.norm(self.blocks(self.conv(x))))
        return self.fc(x.mean((2, 3)))


class PrivateWideResNet(WideResNet):
    """De et al. 2022, "Unlocking High-Accuracy Differentially Private Image Classification": GroupNorm with 16 groups."""

    def __init__(self):
        super().__init__(lambda channels: nn.GroupNorm(16, channels))


class Double(nn.Module):
    def __init__(self, before, after, norm, conv=nn.Conv2d):
        super().__init__()
        self.net = nn.Sequential(
            conv(before, after, 3, padding=1), norm(after), nn.LeakyReLU(0.01),
            conv(after, after, 3, padding=1), norm(after), nn.LeakyReLU(0.01),
        )

    def forward(self, x):
        return self.net(x)


class UNet(nn.Module):
    def __init__(self, norm=nn.BatchNorm2d, channels=1, classes=2, width=32):
        super().__init__()
        self.down1 = Double(channels, width, norm)
        self.down2 = Double(width, 2 * width, norm)
        self.down3 = Double(2 * width, 4 * width, norm)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, 2)
        self.dec2 = Double(4 * width, 2 * width, norm)
        self.up1 = nn.ConvTranspose2d(2 * width, width, 2, 2)
        self.dec1 = Double(2 * width, width, norm)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.down3(F.max_pool2d(b, 2))
        y = self.dec2(torch.cat([b, self.up2(c)], 1))
        y = self.dec1(torch.cat([a, self.up1(y)], 1))
        return self.head(y)


class InstanceUNet(UNet):
    """nnU-Net's plane configuration (Isensee et al. 2018)."""

    def __init__(self):
        super().__init__(lambda channels: nn.InstanceNorm2d(channels, affine=True), 1, 3)


class PlainUNet(UNet):
    """Ronneberger et al. 2015: no norm, batch 1."""

    def __init__(self):
        super().__init__(lambda channels: nn.Identity(), 1, 2)


class VolumeUNet(nn.Module):
    """nnU-Net's volume configuration."""

    def __init__(self, width=8):
        super().__init__()
        norm = lambda channels: nn.InstanceNorm3d(channels, affine=True)
        self.down1 = Double(1, width, norm, nn.Conv3d)
        self.down2 = Double(width, 2 * width, norm, nn.Conv3d)
        self.up = nn.ConvTranspose3d(2 * width, width, 2, 2)
        self.dec = Double(2 * width, width, norm, nn.Conv3d)
        self.head = nn.Conv3d(width, 3, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool3d(a, 2))
        return self.head(self.dec(torch.cat([a, self.up(b)], 1)))


class DenseHeads(nn.Module):
    """FCOS (Tian et al. 2019): a pyramid and shared heads with GroupNorm, 2 images a device."""

    def __init__(self, classes=80, width=64):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 7, 4, 3), nn.ReLU())
        self.c4 = nn.Sequential(nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU())
        self.c5 = nn.Sequential(nn.Conv2d(64, 128, 3, 2, 1), nn.ReLU())
        self.l3, self.l4, self.l5 = nn.Conv2d(32, width, 1), nn.Conv2d(64, width, 1), nn.Conv2d(128, width, 1)
        tower = lambda: nn.Sequential(*[m for _ in range(4) for m in (nn.Conv2d(width, width, 3, 1, 1), nn.GroupNorm(32, width), nn.ReLU())])
        self.classify, self.regress = tower(), tower()
        self.scores, self.boxes = nn.Conv2d(width, classes, 3, 1, 1), nn.Conv2d(width, 4, 3, 1, 1)

    def forward(self, x):
        c3 = self.stem(x)
        c4 = self.c4(c3)
        p5 = self.l5(self.c5(c4))
        p4 = self.l4(c4) + F.interpolate(p5, scale_factor=2.0)
        p3 = self.l3(c3) + F.interpolate(p4, scale_factor=2.0)
        out = []
        for level in (p3, p4, p5):
            out.append(self.scores(self.classify(level)))
            out.append(self.boxes(self.regress(level)))
        return tuple(out)


class Darknet(nn.Module):
    """YOLOv2 (Redmon & Farhadi 2016), shortened."""

    def __init__(self, anchors=5, classes=20):
        super().__init__()
        layers = []
        for before, after, pool in [(3, 32, 1), (32, 64, 1), (64, 128, 0), (128, 64, 0), (64, 128, 1), (128, 256, 1), (256, 256, 0)]:
            layers += [nn.Conv2d(before, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.1)]
            if pool:
                layers.append(nn.MaxPool2d(2))
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(256, anchors * (5 + classes), 1)

    def forward(self, x):
        return self.head(self.body(x))


class Detr(nn.Module):
    """Carion et al. 2020: LayerNorm in the Transformer."""

    def __init__(self, classes=91, dim=64, queries=20):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 32, 7, 4, 3), nn.ReLU(), nn.Conv2d(32, dim, 3, 4, 1), nn.ReLU())
        self.transformer = nn.Transformer(dim, 4, 2, 2, 128, batch_first=True)
        self.queries = nn.Parameter(torch.rand(queries, dim))
        self.classes = nn.Linear(dim, classes)
        self.boxes = nn.Linear(dim, 4)

    def forward(self, x):
        h = self.backbone(x).flatten(2).transpose(1, 2)
        q = self.queries.unsqueeze(0).expand(x.shape[0], -1, -1)
        h = self.transformer(h, q)
        return self.classes(h), self.boxes(h).sigmoid()


class MixerBlock(nn.Module):
    def __init__(self, tokens, dim):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.tokens = nn.Sequential(nn.Linear(tokens, 2 * tokens), nn.GELU(), nn.Linear(2 * tokens, tokens))
        self.channels = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        x = x + self.tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class Mixer(nn.Module):
    """Tolstikhin et al. 2021."""

    def __init__(self, dim=64):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 8, 8)
        self.blocks = nn.Sequential(*[MixerBlock(64, dim) for _ in range(4)])
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        x = self.blocks(self.patch(x).flatten(2).transpose(1, 2))
        return self.head(self.norm(x).mean(1))


class SpectrogramCnn(nn.Module):
    """PANNs (Kong et al. 2019), CNN6: BatchNorm behind each convolution of a log-mel spectrogram."""

    def __init__(self, classes=50):
        super().__init__()
        layers = []
        for before, after in [(1, 32), (32, 64), (64, 128), (128, 128), (128, 256), (256, 256)]:
            layers += [nn.Conv2d(before, after, 5, padding=2, bias=False), nn.BatchNorm2d(after), nn.ReLU(), nn.AvgPool2d(2)]
        self.net = nn.Sequential(*layers)
        self.fc = nn.Linear(256, classes)

    def forward(self, x):
        x = self.net(x).mean(3)
        return self.fc(x.amax(2))
