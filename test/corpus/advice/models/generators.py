"""Published networks that make, judge, restyle and enlarge images, written briefly from their papers."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class DcganGenerator(nn.Module):
    """Radford et al. 2015, as PyTorch's example has it."""

    def __init__(self, nz=100, ngf=32):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 8), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 3, 4, 2, 1, bias=False), nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)


class DcganDiscriminator(nn.Module):
    def __init__(self, ndf=32, norm=nn.BatchNorm2d, end=True):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), norm(ndf * 2), nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False), norm(ndf * 4), nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False), norm(ndf * 8), nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False), nn.Sigmoid() if end else nn.Identity(),
        )

    def forward(self, x):
        return self.main(x).view(-1)


class WganCritic(DcganDiscriminator):
    """Gulrajani et al. 2017: LayerNorm, here over channels and positions."""

    def __init__(self):
        super().__init__(32, lambda channels: nn.GroupNorm(1, channels), False)


class SpectralDiscriminator(DcganDiscriminator):
    """Miyato et al. 2018; its spectral norms are left out here."""

    def __init__(self):
        super().__init__(32, lambda channels: nn.Identity(), False)


class PatchDiscriminator(nn.Module):
    """pix2pix and CycleGAN: 70×70 patches."""

    def __init__(self, norm=lambda channels: nn.InstanceNorm2d(channels), channels=3, ndf=32):
        super().__init__()
        layers = [nn.Conv2d(channels, ndf, 4, 2, 1), nn.LeakyReLU(0.2)]
        for before, after, stride in [(ndf, 2 * ndf, 2), (2 * ndf, 4 * ndf, 2), (4 * ndf, 8 * ndf, 1)]:
            layers += [nn.Conv2d(before, after, 4, stride, 1), norm(after), nn.LeakyReLU(0.2)]
        layers.append(nn.Conv2d(8 * ndf, 1, 4, 1, 1))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


class Pix2PixGenerator(nn.Module):
    """Isola et al. 2016: a U-Net; at batch 1 its BatchNorm is InstanceNorm."""

    def __init__(self, w=32, norm=lambda channels: nn.InstanceNorm2d(channels)):
        super().__init__()
        down = lambda a, b: nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(a, b, 4, 2, 1), norm(b))
        up = lambda a, b: nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(a, b, 4, 2, 1), norm(b))
        self.d1 = nn.Conv2d(3, w, 4, 2, 1)
        self.d2, self.d3, self.d4 = down(w, 2 * w), down(2 * w, 4 * w), down(4 * w, 8 * w)
        self.u4, self.u3, self.u2 = up(8 * w, 4 * w), up(8 * w, 2 * w), up(4 * w, w)
        self.u1 = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * w, 3, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(a)
        c = self.d3(b)
        y = self.u4(self.d4(c))
        y = self.u3(torch.cat([y, c], 1))
        y = self.u2(torch.cat([y, b], 1))
        return self.u1(torch.cat([y, a], 1))


class ResidualBlock(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.net = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), norm(width), nn.ReLU(),
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), norm(width),
        )

    def forward(self, x):
        return x + self.net(x)


class CycleGenerator(nn.Module):
    """Zhu et al. 2017."""

    def __init__(self, w=32, blocks=4, norm=nn.InstanceNorm2d):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, w, 7), norm(w), nn.ReLU()]
        layers += [nn.Conv2d(w, 2 * w, 3, 2, 1), norm(2 * w), nn.ReLU(), nn.Conv2d(2 * w, 4 * w, 3, 2, 1), norm(4 * w), nn.ReLU()]
        layers += [ResidualBlock(4 * w, norm) for _ in range(blocks)]
        layers += [nn.ConvTranspose2d(4 * w, 2 * w, 3, 2, 1, 1), norm(2 * w), nn.ReLU()]
        layers += [nn.ConvTranspose2d(2 * w, w, 3, 2, 1, 1), norm(w), nn.ReLU(), nn.ReflectionPad2d(3), nn.Conv2d(w, 3, 7), nn.Tanh()]
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


class UpsampleConv(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, padding=1, padding_mode="reflect")

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0))


class FastStyle(nn.Module):
    """Johnson et al. 2016 with Ulyanov's InstanceNorm, as PyTorch's example has it."""

    def __init__(self):
        super().__init__()
        norm = lambda channels: nn.InstanceNorm2d(channels, affine=True)
        self.conv1, self.in1 = nn.Conv2d(3, 32, 9, 1, 4, padding_mode="reflect"), norm(32)
        self.conv2, self.in2 = nn.Conv2d(32, 64, 3, 2, 1), norm(64)
        self.conv3, self.in3 = nn.Conv2d(64, 128, 3, 2, 1), norm(128)
        self.blocks = nn.Sequential(*[ResidualBlock(128, norm) for _ in range(3)])
        self.up1, self.in4 = UpsampleConv(128, 64), norm(64)
        self.up2, self.in5 = UpsampleConv(64, 32), norm(32)
        self.last = nn.Conv2d(32, 3, 9, 1, 4, padding_mode="reflect")

    def forward(self, x):
        y = F.relu(self.in1(self.conv1(x)))
        y = F.relu(self.in2(self.conv2(y)))
        y = self.blocks(F.relu(self.in3(self.conv3(y))))
        y = F.relu(self.in4(self.up1(y)))
        return self.last(F.relu(self.in5(self.up2(y))))


class StarGenerator(CycleGenerator):
    """Choi et al. 2017: InstanceNorm with affine parameters, batch 16; the domain's label is left out here."""

    def __init__(self):
        super().__init__(32, 3, lambda channels: nn.InstanceNorm2d(channels, affine=True))


class TimeBlock(nn.Module):
    def __init__(self, before, after, time):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, before), nn.Conv2d(before, after, 3, padding=1)
        self.time = nn.Linear(time, after)
        self.norm2, self.conv2 = nn.GroupNorm(8, after), nn.Conv2d(after, after, 3, padding=1)
        self.skip = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(F.silu(t))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class DiffusionUNet(nn.Module):
    """Ho et al. 2020, shortened."""

    def __init__(self, w=32):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(1, w), nn.SiLU(), nn.Linear(w, w))
        self.start = nn.Conv2d(3, w, 3, padding=1)
        self.b1, self.down, self.b2 = TimeBlock(w, w, w), nn.Conv2d(w, w, 3, 2, 1), TimeBlock(w, 2 * w, w)
        self.mid, self.up, self.b3 = TimeBlock(2 * w, 2 * w, w), nn.Conv2d(2 * w, w, 3, padding=1), TimeBlock(2 * w, w, w)
        self.norm, self.end = nn.GroupNorm(8, w), nn.Conv2d(w, 3, 3, padding=1)

    def forward(self, x, t):
        t = self.embed(t)
        a = self.b1(self.start(x), t)
        b = self.mid(self.b2(self.down(a), t), t)
        b = self.up(F.interpolate(b, scale_factor=2.0))
        y = self.b3(torch.cat([a, b], 1), t)
        return self.end(F.silu(self.norm(y)))


class LatentAutoencoder(nn.Module):
    """Rombach et al. 2021: the first stage, 32 groups, few images a device, shortened."""

    def __init__(self, w=32):
        super().__init__()
        n = lambda channels: nn.GroupNorm(32, channels)
        self.encoder = nn.Sequential(
            nn.Conv2d(3, w, 3, 1, 1), n(w), nn.SiLU(), nn.Conv2d(w, 2 * w, 3, 2, 1), n(2 * w), nn.SiLU(),
            nn.Conv2d(2 * w, 4 * w, 3, 2, 1), n(4 * w), nn.SiLU(), nn.Conv2d(4 * w, 4, 3, 1, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(4, 4 * w, 3, 1, 1), n(4 * w), nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(4 * w, 2 * w, 3, 1, 1),
            n(2 * w), nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(2 * w, w, 3, 1, 1), n(w), nn.SiLU(), nn.Conv2d(w, 3, 3, 1, 1),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class ConvVae(nn.Module):
    """A convolutional variational autoencoder as PyTorch-VAE's VanillaVAE has it; the noise is left out here."""

    def __init__(self, latent=64):
        super().__init__()
        widths = [3, 32, 64, 128]
        down = [m for a, b in zip(widths, widths[1:]) for m in (nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.LeakyReLU())]
        self.encoder = nn.Sequential(*down)
        self.mu = nn.Linear(128 * 64, latent)
        self.open = nn.Linear(latent, 128 * 64)
        back = widths[:0:-1]
        up = [m for a, b in zip(back, back[1:]) for m in (nn.ConvTranspose2d(a, b, 3, 2, 1, 1), nn.BatchNorm2d(b), nn.LeakyReLU())]
        self.decoder = nn.Sequential(*up, nn.ConvTranspose2d(32, 32, 3, 2, 1, 1), nn.BatchNorm2d(32), nn.LeakyReLU(), nn.Conv2d(32, 3, 3, 1, 1), nn.Tanh())

    def forward(self, x):
        z = self.mu(self.encoder(x).flatten(1))
        return self.decoder(self.open(z).view(-1, 128, 8, 8))


class ClassGenerator(nn.Module):
    """SNGAN's generator (Miyato et al. 2018): residual blocks that double an image of a vector, BatchNorm."""

    class Block(nn.Module):
        def __init__(self, a, b):
            super().__init__()
            self.n1, self.n2 = nn.BatchNorm2d(a), nn.BatchNorm2d(b)
            self.c1, self.c2, self.s = nn.Conv2d(a, b, 3, 1, 1), nn.Conv2d(b, b, 3, 1, 1), nn.Conv2d(a, b, 1)

        def forward(self, x):
            h = self.c1(F.interpolate(F.relu(self.n1(x)), scale_factor=2.0))
            return self.c2(F.relu(self.n2(h))) + F.interpolate(self.s(x), scale_factor=2.0)

    def __init__(self, w=64):
        super().__init__()
        self.open = nn.Linear(128, 16 * w)
        self.blocks = nn.Sequential(*[ClassGenerator.Block(w, w) for _ in range(3)])
        self.norm, self.end = nn.BatchNorm2d(w), nn.Conv2d(w, 3, 3, 1, 1)

    def forward(self, z):
        x = self.blocks(self.open(z).view(-1, 64, 4, 4))
        return torch.tanh(self.end(F.relu(self.norm(x))))


class Srcnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 64, 9, padding=4), nn.ReLU(), nn.Conv2d(64, 32, 5, padding=2), nn.ReLU(), nn.Conv2d(32, 1, 5, padding=2))

    def forward(self, x):
        return self.net(x)


class EdsrBlock(nn.Module):
    def __init__(self, w, norm=lambda channels: nn.Identity()):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(w, w, 3, 1, 1), norm(w), nn.ReLU(), nn.Conv2d(w, w, 3, 1, 1), norm(w))

    def forward(self, x):
        return x + 0.1 * self.net(x)


class Edsr(nn.Module):
    """Lim et al. 2017."""

    def __init__(self, w=64, blocks=6, norm=lambda channels: nn.Identity()):
        super().__init__()
        self.head = nn.Conv2d(3, w, 3, 1, 1)
        self.body = nn.Sequential(*[EdsrBlock(w, norm) for _ in range(blocks)], nn.Conv2d(w, w, 3, 1, 1))
        self.tail = nn.Sequential(nn.Conv2d(w, 4 * w, 3, 1, 1), nn.PixelShuffle(2), nn.Conv2d(w, 3, 3, 1, 1))

    def forward(self, x):
        x = self.head(x)
        return self.tail(x + self.body(x))


class SrResNet(Edsr):
    """Ledig et al. 2016: BatchNorm in every block."""

    def __init__(self):
        super().__init__(64, 6, nn.BatchNorm2d)


class Espcn(nn.Module):
    """Shi et al. 2016."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 64, 5, padding=2), nn.Tanh(), nn.Conv2d(64, 32, 3, padding=1), nn.Tanh(), nn.Conv2d(32, 9, 3, padding=1), nn.PixelShuffle(3))

    def forward(self, x):
        return self.net(x)


class DenseBlock(nn.Module):
    def __init__(self, w=32, g=16):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(w + i * g, g if i < 4 else w, 3, 1, 1) for i in range(5)])

    def forward(self, x):
        seen = [x]
        for conv in self.convs[:4]:
            seen.append(F.leaky_relu(conv(torch.cat(seen, 1)), 0.2))
        return x + 0.2 * self.convs[4](torch.cat(seen, 1))


class Esrgan(nn.Module):
    """Wang et al. 2018: no BatchNorm, in order not to have artefacts."""

    def __init__(self, w=32):
        super().__init__()
        self.first, self.body = nn.Conv2d(3, w, 3, 1, 1), nn.Sequential(*[DenseBlock(w) for _ in range(3)])
        self.up, self.last = nn.Conv2d(w, w, 3, 1, 1), nn.Conv2d(w, 3, 3, 1, 1)

    def forward(self, x):
        x = self.first(x)
        x = x + self.body(x)
        return self.last(F.leaky_relu(self.up(F.interpolate(x, scale_factor=2.0)), 0.2))


class DnCnn(nn.Module):
    """Zhang et al. 2016."""

    def __init__(self, w=64, depth=17):
        super().__init__()
        inner = [m for _ in range(depth - 2) for m in (nn.Conv2d(w, w, 3, 1, 1, bias=False), nn.BatchNorm2d(w), nn.ReLU())]
        self.net = nn.Sequential(nn.Conv2d(1, w, 3, 1, 1), nn.ReLU(), *inner, nn.Conv2d(w, 1, 3, 1, 1))

    def forward(self, x):
        return x - self.net(x)
