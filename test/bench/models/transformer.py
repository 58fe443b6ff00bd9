"""Transformers of the benchmark: pre-LN encoder blocks on feature sequences, the mean over positions, a head."""

from torch import nn


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): nn.TransformerEncoderLayer with norm_first=True, without dropout."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        h = self.norm1(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, depth, width, heads, classes=10):
        super().__init__()
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(self.norm(self.blocks(x)).mean(dim=1))


def transformer_4x256():
    return Transformer(4, 256, 4)


def transformer_12x768():
    return Transformer(12, 768, 12)
