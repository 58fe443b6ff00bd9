"""Networks over patches, points, graphs and coordinates, and policies, small."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, dim, heads=2):
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, dim * 3, bias=False)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        attn = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1)
        return self.proj((attn @ v).transpose(1, 2).reshape(B, N, C))


class Block(nn.Module):
    def __init__(self, dim, ratio=2):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim), Attention(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, dim * ratio), nn.GELU(), nn.Linear(dim * ratio, dim))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, image=32, patch=8, dim=16, depth=2, classes=10):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, dim) * 0.02)
        self.blocks = nn.Sequential(*[Block(dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        B, C, H, W = x.shape
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(B, -1, -1), x), dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class MixerBlock(nn.Module):
    def __init__(self, tokens, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.token_mix = nn.Sequential(nn.Linear(tokens, 8), nn.GELU(), nn.Linear(8, tokens))
        self.channel_mix = nn.Sequential(nn.Linear(channels, 24), nn.GELU(), nn.Linear(24, channels))

    def forward(self, x):
        x = x + self.token_mix(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channel_mix(self.norm2(x))


class MLPMixer(nn.Module):
    def __init__(self, patch=8, tokens=16, channels=12, depth=2):
        super().__init__()
        self.patch = patch
        self.embed = nn.Linear(3 * patch * patch, channels)
        self.blocks = nn.ModuleList(MixerBlock(tokens, channels) for _ in range(depth))
        self.head = nn.Linear(channels, 5)

    def forward(self, x):
        b, c, h, w = x.shape
        p = self.patch
        x = x.reshape(b, c, h // p, p, w // p, p).permute(0, 2, 4, 1, 3, 5).reshape(b, -1, c * p * p)
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(dim=1))


def window_partition(x, size):
    B, H, W, C = x.shape
    x = x.view(B, H // size, size, W // size, size, C)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, size, size, C)


def window_reverse(windows, size, H, W):
    B = int(windows.shape[0] / (H * W / size / size))
    x = windows.view(B, H // size, W // size, size, size, -1)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(B, H, W, -1)


class WindowBlock(nn.Module):
    def __init__(self, dim, window, shift):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm, self.attn = nn.LayerNorm(dim), Attention(dim)
        self.bias = nn.Parameter(torch.zeros((2 * window - 1) ** 2, 1))

    def forward(self, x):
        B, H, W, C = x.shape
        shortcut = x
        x = self.norm(x)
        if self.shift > 0:
            x = torch.roll(x, shifts=(-self.shift, -self.shift), dims=(1, 2))
        windows = window_partition(x, self.window).view(-1, self.window * self.window, C)
        windows = self.attn(windows).view(-1, self.window, self.window, C)
        x = window_reverse(windows, self.window, H, W)
        if self.shift > 0:
            x = torch.roll(x, shifts=(self.shift, self.shift), dims=(1, 2))
        return shortcut + x + self.bias.mean()


class WindowTransformer(nn.Module):
    def __init__(self, dim=8, window=4):
        super().__init__()
        self.embed = nn.Conv2d(3, dim, 4, 4)
        self.blocks = nn.ModuleList([WindowBlock(dim, window, 0 if i % 2 == 0 else window // 2) for i in range(2)])
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.head = nn.Linear(2 * dim, 7)

    def forward(self, x):
        x = self.embed(x).permute(0, 2, 3, 1)
        for block in self.blocks:
            x = block(x)
        x = torch.cat([x[:, 0::2, 0::2, :], x[:, 1::2, 0::2, :], x[:, 0::2, 1::2, :], x[:, 1::2, 1::2, :]], -1)
        return self.head(self.reduction(x).mean((1, 2)))


class PointNet(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(3, 8, 1), nn.BatchNorm1d(8)
        self.conv2, self.bn2 = nn.Conv1d(8, 16, 1), nn.BatchNorm1d(16)
        self.transform = nn.Linear(16, 9)
        self.fc = nn.Linear(16, classes)

    def features(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return torch.max(self.bn2(self.conv2(x)), 2, keepdim=True)[0].view(-1, 16)

    def forward(self, x):
        matrix = self.transform(self.features(x)).view(-1, 3, 3) + torch.eye(3).view(1, 3, 3)
        x = torch.bmm(x.transpose(2, 1), matrix).transpose(2, 1)
        return self.fc(self.features(x))


class GraphConvolution(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(cin, cout))
        self.bias = nn.Parameter(torch.zeros(cout))
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.weight.size(1))
        self.weight.data.uniform_(-stdv, stdv)

    def forward(self, x, adj):
        return torch.matmul(adj, torch.matmul(x, self.weight)) + self.bias


class GCN(nn.Module):
    """Over a dense adjacency of the 10 nodes of each graph."""

    def __init__(self, nfeat=5, nhid=8, nclass=3):
        super().__init__()
        self.embed = nn.Linear(nfeat, nhid)
        self.gc1 = GraphConvolution(nhid, nhid)
        self.gc2 = GraphConvolution(nhid, nclass)

    def forward(self, x, adj):
        x = self.embed(x.view(-1, 10, 5))
        x = F.dropout(F.relu(self.gc1(x, adj.view(-1, 10, 10))), 0.5, training=self.training)
        return F.log_softmax(self.gc2(x, adj.view(-1, 10, 10)), dim=2)


class SineLayer(nn.Module):
    def __init__(self, cin, cout, is_first=False, omega_0=30):
        super().__init__()
        self.omega_0, self.is_first, self.in_features = omega_0, is_first, cin
        self.linear = nn.Linear(cin, cout)
        self.init_weights()

    def init_weights(self):
        with torch.no_grad():
            bound = 1 / self.in_features if self.is_first else math.sqrt(6 / self.in_features) / self.omega_0
            self.linear.weight.uniform_(-bound, bound)

    def forward(self, input):
        return torch.sin(self.omega_0 * self.linear(input))


class Siren(nn.Module):
    def __init__(self, hidden=16, layers=2):
        super().__init__()
        net = [SineLayer(2, hidden, is_first=True)]
        net.extend(SineLayer(hidden, hidden) for _ in range(layers))
        net.append(nn.Linear(hidden, 3))
        self.net = nn.Sequential(*net)

    def forward(self, coords):
        return self.net(coords)


class NeRF(nn.Module):
    def __init__(self, depth=4, width=16, frequencies=3, skips=(2,)):
        super().__init__()
        self.frequencies, self.skips = frequencies, skips
        size = 3 + 3 * 2 * frequencies
        self.pts_linears = nn.ModuleList(
            [nn.Linear(size, width)]
            + [nn.Linear(width, width) if i not in skips else nn.Linear(width + size, width) for i in range(depth - 1)]
        )
        self.alpha, self.rgb = nn.Linear(width, 1), nn.Linear(width, 3)

    def encode(self, x):
        parts = [x]
        for i in range(self.frequencies):
            for fn in (torch.sin, torch.cos):
                parts.append(fn(2.0 ** i * x))
        return torch.cat(parts, -1)

    def forward(self, rays):
        pts = self.encode(rays.view(-1, 3))
        h = pts
        for i, layer in enumerate(self.pts_linears):
            h = F.relu(layer(h))
            if i in self.skips:
                h = torch.cat([pts, h], -1)
        return torch.cat([torch.sigmoid(self.rgb(h)), F.relu(self.alpha(h))], -1)


class DuelingDQN(nn.Module):
    def __init__(self, actions=4):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(4, 8, kernel_size=8, stride=4), nn.ReLU(), nn.Conv2d(8, 8, kernel_size=4, stride=2), nn.ReLU()
        )
        self.advantage = nn.Sequential(nn.Linear(8 * 9 * 9, 16), nn.ReLU(), nn.Linear(16, actions))
        self.value = nn.Sequential(nn.Linear(8 * 9 * 9, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        x = self.features(x / 255.0).view(x.size(0), -1)
        advantage = self.advantage(x)
        return self.value(x) + advantage - advantage.mean(dim=1, keepdim=True)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 32)
        self.action_head = nn.Linear(32, 2)
        self.value_head = nn.Linear(32, 1)
        self.saved_actions = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


class MixtureOfExperts(nn.Module):
    def __init__(self, dim=6, experts=3):
        super().__init__()
        self.gate = nn.Linear(dim, experts)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(dim, 12), nn.SiLU(), nn.Linear(12, dim)) for _ in range(experts)])

    def forward(self, x):
        weights = self.gate(x).softmax(dim=-1)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        return torch.einsum("be,bed->bd", weights, outputs)
