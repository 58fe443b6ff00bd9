"""Image networks of different families, small. Each class is built and called without arguments by the tests."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class PlainCNN(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 13 * 13, classes)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.dropout(F.relu(self.conv2(x)), 0.25, self.training)
        return F.log_softmax(self.fc(x.flatten(1)), dim=-1)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Sequential()
        if stride != 1 or inplanes != planes * self.expansion:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inplanes, planes * self.expansion, 1, stride, bias=False),
                nn.BatchNorm2d(planes * self.expansion),
            )

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, layers=(2, 1, 1), width=8, classes=10):
        super().__init__()
        self.inplanes = width
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True))
        for i, blocks in enumerate(layers, 1):
            setattr(self, f"layer{i}", self._make_layer(width * 2 ** (i - 1), blocks, 1 if i == 1 else 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(self.inplanes, classes)

    def _make_layer(self, planes, blocks, stride):
        made = []
        for step in [stride] + [1] * (blocks - 1):
            made.append(BasicBlock(self.inplanes, planes, step))
            self.inplanes = planes * BasicBlock.expansion
        return nn.Sequential(*made)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.stem(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def double_conv(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1), nn.GroupNorm(4, cout), nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=1), nn.GroupNorm(4, cout), nn.ReLU(),
    )


class UNet(nn.Module):
    def __init__(self, channels=(8, 16, 32), classes=2):
        super().__init__()
        self.downs = nn.ModuleList()
        self.ups = nn.ModuleList()
        cin = 3
        for c in channels:
            self.downs.append(double_conv(cin, c))
            cin = c
        self.bottleneck = double_conv(channels[-1], channels[-1] * 2)
        for c in reversed(channels):
            self.ups.append(nn.ConvTranspose2d(c * 2, c, 2, 2))
            self.ups.append(double_conv(c * 2, c))
        self.head = nn.Conv2d(channels[0], classes, 1)

    def forward(self, x):
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        skips = skips[::-1]
        for i in range(0, len(self.ups), 2):
            x = self.ups[i](x)
            skip = skips[i // 2]
            if x.shape != skip.shape:
                x = F.interpolate(x, size=skip.shape[2:])
            x = self.ups[i + 1](torch.cat((skip, x), dim=1))
        return self.head(x)


class ConvNeXtBlock(nn.Module):
    def __init__(self, dim, layer_scale=1e-6):
        super().__init__()
        self.dwconv = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(4 * dim, dim)
        self.gamma = nn.Parameter(layer_scale * torch.ones(dim))

    def forward(self, x):
        shortcut = x
        x = self.dwconv(x).permute(0, 2, 3, 1)
        x = self.gamma * self.pwconv2(self.act(self.pwconv1(self.norm(x))))
        return shortcut + x.permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self, dims=(8, 16), depths=(1, 2), classes=5):
        super().__init__()
        self.stem = nn.Conv2d(3, dims[0], kernel_size=4, stride=4)
        self.stages = nn.ModuleList([nn.Sequential(*[ConvNeXtBlock(d) for _ in range(n)]) for d, n in zip(dims, depths)])
        self.down = nn.Conv2d(dims[0], dims[1], 2, 2)
        self.norm = nn.LayerNorm(dims[-1])
        self.head = nn.Linear(dims[-1], classes)

    def forward(self, x):
        x = self.stages[0](self.stem(x))
        x = self.stages[1](self.down(x))
        return self.head(self.norm(x.mean([-2, -1])))


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio):
        super().__init__()
        hidden = int(round(inp * expand_ratio))
        self.use_res_connect = stride == 1 and inp == oup
        layers = []
        if expand_ratio != 1:
            layers.extend([nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True)])
        layers.extend([
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(True),
            nn.Conv2d(hidden, oup, 1, bias=False), nn.BatchNorm2d(oup),
        ])
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        features = [nn.Conv2d(3, 8, 3, 2, 1, bias=False)]
        cin = 8
        for t, c, n, s in [[1, 8, 1, 1], [6, 12, 2, 2]]:
            for i in range(n):
                features.append(InvertedResidual(cin, c, s if i == 0 else 1, expand_ratio=t))
                cin = c
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(cin, classes))

    def forward(self, x):
        x = self.features(x)
        x = nn.functional.adaptive_avg_pool2d(x, 1).reshape(x.shape[0], -1)
        return self.classifier(x)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False), nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False), nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand(b, c, *x.shape[2:])


class SENet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.BatchNorm2d(8), SqueezeExcitation(8), nn.Hardswish())
        self.head = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8, 3))

    def forward(self, x):
        return self.head(self.body(x))


class DenseLayer(nn.Module):
    def __init__(self, cin, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(cin)
        self.conv = nn.Conv2d(cin, growth, 3, padding=1, bias=False)

    def forward(self, inputs):
        return self.conv(F.relu(self.norm(torch.cat(inputs, 1))))


class DenseNet(nn.Module):
    def __init__(self, growth=4, layers=3):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        for i in range(layers):
            self.add_module("denselayer%d" % (i + 1), DenseLayer(8 + i * growth, growth))
        self.layers = layers
        self.head = nn.Linear(8 + layers * growth, 6)

    def forward(self, x):
        features = [self.stem(x)]
        for i in range(self.layers):
            features.append(getattr(self, "denselayer{}".format(i + 1))(features))
        return self.head(torch.cat(features, dim=1).mean(dim=(2, 3)))


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 4, 1)
        self.three = nn.Sequential(nn.Conv2d(3, 2, 1), nn.Conv2d(2, 6, kernel_size=(3, 3), padding=1))
        self.factored = nn.Sequential(nn.Conv2d(3, 5, (1, 7), padding=(0, 3)), nn.Conv2d(5, 5, (7, 1), padding=(3, 0)))
        self.pool = nn.Conv2d(3, 3, 1)
        self.head = nn.Linear(4 + 6 + 5 + 3, 7)

    def forward(self, x):
        pooled = F.avg_pool2d(x, kernel_size=3, stride=1, padding=1)
        x = torch.cat([self.one(x), self.three(x), self.factored(x), self.pool(pooled)], 1)
        return self.head(F.adaptive_avg_pool2d(F.relu(x), (1, 1)).squeeze(-1).squeeze(-1))


class StyleTransfer(nn.Module):
    class Residual(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.conv = nn.Conv2d(c, c, 3)
            self.norm = nn.InstanceNorm2d(c, affine=True)

        def forward(self, x):
            return x + self.norm(self.conv(F.pad(x, (1, 1, 1, 1), mode="reflect")))

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.ReflectionPad2d(4), nn.Conv2d(3, 8, 9), nn.InstanceNorm2d(8, affine=True), nn.ReLU())
        self.stride = nn.Conv2d(8, 16, 3, 2, 1)
        self.res = nn.ModuleList(self.Residual(16) for _ in range(2))
        self.up = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), nn.ReflectionPad2d(1), nn.Conv2d(16, 3, 3))

    def forward(self, x):
        x = self.stride(self.down(x))
        for block in self.res:
            x = block(x)
        return torch.tanh(self.up(x))


class SuperResolution(nn.Module):
    def __init__(self, upscale_factor=3):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(16, upscale_factor ** 2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        nn.init.orthogonal_(self.conv1.weight, nn.init.calculate_gain("relu"))

    def forward(self, x):
        return self.pixel_shuffle(self.conv2(F.relu(self.conv1(x))))


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 4, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 12 * 12, 8))
        self.fc = nn.Linear(16, 1)

    def forward_once(self, x):
        return self.encoder(x)

    def forward(self, input1, input2):
        both = torch.cat((self.forward_once(input1), self.forward_once(input2)), 1)
        return torch.sigmoid(self.fc(both))


class FeaturePyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1)
        self.lateral = nn.ModuleDict({"p1": nn.Conv2d(8, 8, 1), "p2": nn.Conv2d(16, 8, 1)})
        self.classify = nn.Conv2d(8, 9, 3, padding=1)

    def forward(self, x):
        c1 = F.leaky_relu(self.c1(x), 0.1)
        c2 = F.leaky_relu(self.c2(c1), 0.1)
        p2 = self.lateral["p2"](c2)
        p1 = self.lateral["p1"](c1) + F.interpolate(p2, scale_factor=2, mode="bilinear", align_corners=False)
        outputs = [self.classify(p).permute(0, 2, 3, 1).reshape(x.size(0), -1, 3) for p in (p1, p2)]
        return torch.cat(outputs, dim=1)
