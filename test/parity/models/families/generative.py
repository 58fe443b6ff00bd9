"""Generative networks of different families, small."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import spectral_norm


class Generator(nn.Module):
    def __init__(self, nz=16, ngf=4, nc=3):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, nc, 4, 2, 1, bias=False), nn.Tanh(),
        )

    def forward(self, input):
        return self.main(input)


class Discriminator(nn.Module):
    def __init__(self, nc=3, ndf=4):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 8, 1, 0, bias=False), nn.Sigmoid(),
        )

    def forward(self, input):
        return self.main(input).view(-1, 1).squeeze(1)


class Critic(nn.Module):
    """A WGAN critic: layer norms, or a spectral norm, never batch norms."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 4, 2, 1)
        self.norm = nn.LayerNorm([8, 16, 16])
        self.second = spectral_norm(nn.Conv2d(8, 8, 4, 2, 1))
        self.out = nn.Linear(8 * 8 * 8, 1)

    def forward(self, img):
        x = F.leaky_relu(self.norm(self.conv(img)), 0.2)
        x = F.leaky_relu(self.second(x), 0.2)
        return self.out(x.view(img.shape[0], -1))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 32)
        self.fc21, self.fc22 = nn.Linear(32, 4), nn.Linear(32, 4)
        self.fc3, self.fc4 = nn.Linear(4, 32), nn.Linear(32, 784)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 784))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(28 * 28, 64), nn.ReLU(True), nn.Linear(64, 3))
        self.decoder = nn.Sequential(nn.Linear(3, 64), nn.ReLU(True), nn.Linear(64, 28 * 28), nn.Tanh())

    def forward(self, x):
        return self.decoder(self.encoder(x))


class ConditionalGenerator(nn.Module):
    def __init__(self, classes=10, latent=12, shape=(1, 8, 8)):
        super().__init__()
        self.shape = shape
        self.label_emb = nn.Embedding(classes, classes)

        def block(cin, cout, normalize=True):
            layers = [nn.Linear(cin, cout)]
            if normalize:
                layers.append(nn.BatchNorm1d(cout, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent + classes, 16, normalize=False), *block(16, 32), nn.Linear(32, math.prod(shape)), nn.Tanh()
        )

    def forward(self, noise, labels):
        img = self.model(torch.cat((self.label_emb(labels), noise), -1))
        return img.view(img.size(0), *self.shape)


class TimeEmbedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, t):
        half = self.dim // 2
        frequencies = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        angles = t[:, None] * frequencies[None, :]
        return torch.cat((angles.sin(), angles.cos()), dim=-1)


class Denoiser(nn.Module):
    """A diffusion model's network: the time shifts the features."""

    def __init__(self, dim=8):
        super().__init__()
        self.time = nn.Sequential(TimeEmbedding(dim), nn.Linear(dim, dim), nn.SiLU())
        self.conv_in = nn.Conv2d(1, dim, 3, padding=1)
        self.norm = nn.GroupNorm(2, dim)
        self.conv_out = nn.Conv2d(dim, 1, 3, padding=1)

    def forward(self, x, t: torch.Tensor):
        h = self.conv_in(x)
        h = h + self.time(t)[:, :, None, None]
        return self.conv_out(F.silu(self.norm(h)))


class RealNVP(nn.Module):
    def __init__(self, dim=6, layers=2):
        super().__init__()
        self.register_buffer("mask", torch.arange(dim) % 2)
        self.scale = nn.ModuleList([nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, dim)) for _ in range(layers)])
        self.shift = nn.ModuleList([nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, dim)) for _ in range(layers)])

    def forward(self, x):
        log_det = torch.zeros(x.shape[0])
        for i, (s_net, t_net) in enumerate(zip(self.scale, self.shift)):
            mask = self.mask if i % 2 == 0 else 1 - self.mask
            kept = x * mask
            s, t = s_net(kept) * (1 - mask), t_net(kept) * (1 - mask)
            x = kept + (1 - mask) * (x * torch.exp(s) + t)
            log_det = log_det + s.sum(dim=1)
        return x, log_det
