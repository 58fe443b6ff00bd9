"""Published networks for language, speech and series, written briefly from their papers, with the norms that they have."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, dim, heads, bias=True, causal=False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.q, self.k, self.v = (nn.Linear(dim, dim, bias=bias) for _ in range(3))
        self.o = nn.Linear(dim, dim, bias=bias)

    def forward(self, x):
        b, t, d = x.shape
        split = lambda y: y.view(b, t, self.heads, d // self.heads).transpose(1, 2)
        y = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(x)), split(self.v(x)), is_causal=self.causal)
        return self.o(y.transpose(1, 2).reshape(b, t, d))


class GptBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = Attention(dim, heads, causal=True)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Gpt2(nn.Module):
    """Radford et al. 2019."""

    def __init__(self, vocabulary=1000, dim=64, depth=3):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, dim), nn.Embedding(256, dim)
        self.blocks = nn.Sequential(*[GptBlock(dim, 4) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, vocabulary, bias=False)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1]))
        return self.head(self.norm(self.blocks(x)))


class LlamaBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.RMSNorm(dim), nn.RMSNorm(dim)
        self.attention = Attention(dim, heads, bias=False, causal=True)
        self.gate, self.up, self.down = nn.Linear(dim, 2 * dim, bias=False), nn.Linear(dim, 2 * dim, bias=False), nn.Linear(2 * dim, dim, bias=False)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
    """Touvron et al. 2023; rotary positions are left out here."""

    def __init__(self, vocabulary=1000, dim=64, depth=3):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.blocks = nn.Sequential(*[LlamaBlock(dim, 4) for _ in range(depth)])
        self.norm, self.head = nn.RMSNorm(dim), nn.Linear(dim, vocabulary, bias=False)

    def forward(self, tokens):
        return self.head(self.norm(self.blocks(self.embed(tokens))))


class T5Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.RMSNorm(dim), nn.RMSNorm(dim)
        self.attention = Attention(dim, heads, bias=False)
        self.wi, self.wo = nn.Linear(dim, 4 * dim, bias=False), nn.Linear(4 * dim, dim, bias=False)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.wo(F.relu(self.wi(self.norm2(x))))


class T5Encoder(nn.Module):
    """Raffel et al. 2019: LayerNorm without mean and bias, which is RMSNorm."""

    def __init__(self, vocabulary=1000, dim=64):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.blocks = nn.Sequential(*[T5Block(dim, 4) for _ in range(3)])
        self.norm = nn.RMSNorm(dim)

    def forward(self, tokens):
        return self.norm(self.blocks(self.embed(tokens)))


class PostNormEncoder(nn.Module):
    """Vaswani et al. 2017's encoder as torch.nn has it, with a classifier."""

    def __init__(self, vocabulary=1000, dim=64, classes=4):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, 4, 128, batch_first=True), 3)
        self.head = nn.Linear(dim, classes)

    def forward(self, tokens):
        return self.head(self.encoder(self.embed(tokens)).mean(1))


class LstmLanguageModel(nn.Module):
    """As PyTorch's word_language_model and AWD-LSTM (Merity et al. 2017): no norm."""

    def __init__(self, vocabulary=1000, dim=64):
        super().__init__()
        self.embed, self.drop = nn.Embedding(vocabulary, dim), nn.Dropout(0.4)
        self.lstm = nn.LSTM(dim, dim, 3, batch_first=True, dropout=0.25)
        self.head = nn.Linear(dim, vocabulary)

    def forward(self, tokens):
        y, _ = self.lstm(self.drop(self.embed(tokens)))
        return self.head(self.drop(y))


class NormalizedLstm(nn.Module):
    """Ba et al. 2016: LayerNorm of the sums inside of the cell, at every step."""

    def __init__(self, dim=16, hidden=32, classes=5):
        super().__init__()
        self.input, self.state = nn.Linear(dim, 4 * hidden), nn.Linear(hidden, 4 * hidden)
        self.norm_input, self.norm_state, self.norm_cell = nn.LayerNorm(4 * hidden), nn.LayerNorm(4 * hidden), nn.LayerNorm(hidden)
        self.hidden, self.head = hidden, nn.Linear(hidden, classes)

    def forward(self, x):
        h = c = torch.zeros(x.shape[0], self.hidden)
        for t in range(x.shape[1]):
            i, f, g, o = (self.norm_input(self.input(x[:, t])) + self.norm_state(self.state(h))).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(self.norm_cell(c))
        return self.head(h)


class TextCnn(nn.Module):
    """Kim 2014."""

    def __init__(self, vocabulary=1000, dim=64, classes=2):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.convs = nn.ModuleList([nn.Conv1d(dim, 50, size) for size in (3, 4, 5)])
        self.head = nn.Linear(150, classes)

    def forward(self, tokens):
        x = self.embed(tokens).transpose(1, 2)
        return self.head(torch.cat([F.relu(conv(x)).amax(2) for conv in self.convs], 1))


class FastText(nn.Module):
    """Joulin et al. 2016."""

    def __init__(self, vocabulary=1000, classes=4):
        super().__init__()
        self.embed, self.hidden, self.head = nn.Embedding(vocabulary, 64), nn.Linear(64, 64), nn.Linear(64, classes)

    def forward(self, tokens):
        return self.head(self.hidden(self.embed(tokens).mean(1)))


class ConvolutionModule(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.wide, self.deep, self.narrow = nn.Conv1d(dim, 2 * dim, 1), nn.Conv1d(dim, dim, 15, padding=7, groups=dim), nn.Conv1d(dim, dim, 1)
        self.batch = nn.BatchNorm1d(dim)

    def forward(self, x):
        y = F.glu(self.wide(self.norm(x).transpose(1, 2)), 1)
        return x + self.narrow(F.silu(self.batch(self.deep(y)))).transpose(1, 2)


class Conformer(nn.Module):
    """Gulati et al. 2020."""

    def __init__(self, bands=80, dim=64, classes=40):
        super().__init__()
        self.open = nn.Linear(bands, dim)
        layers = []
        for _ in range(2):
            layers += [FeedForward(dim), SelfAttention(dim), ConvolutionModule(dim), FeedForward(dim), nn.LayerNorm(dim)]
        self.blocks, self.head = nn.Sequential(*layers), nn.Linear(dim, classes)

    def forward(self, x):
        return self.head(self.blocks(self.open(x)))


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 4 * dim), nn.SiLU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        return x + 0.5 * self.net(x)


class SelfAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(dim), nn.MultiheadAttention(dim, 4, batch_first=True)

    def forward(self, x):
        y = self.norm(x)
        return x + self.attention(y, y, y)[0]


class DeepSpeech2(nn.Module):
    """Amodei et al. 2015, shortened: two-dimensional convolutions of a spectrogram, then recurrent layers."""

    def __init__(self, bands=161, classes=29):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 8, (41, 11), (2, 2), (20, 5)), nn.BatchNorm2d(8), nn.Hardtanh(0, 20),
            nn.Conv2d(8, 8, (21, 11), (2, 1), (10, 5)), nn.BatchNorm2d(8), nn.Hardtanh(0, 20),
        )
        self.rnn = nn.GRU(8 * 41, 64, 2, batch_first=True)
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        x = self.conv(x.unsqueeze(1))
        x = x.flatten(1, 2).transpose(1, 2)
        return self.head(self.rnn(x)[0])


class WaveEncoder(nn.Module):
    """wav2vec 2.0 (Baevski et al. 2020), shortened: GroupNorm behind the first convolution, LayerNorm in the Transformer."""

    def __init__(self, dim=64):
        super().__init__()
        self.first, self.norm = nn.Conv1d(1, dim, 10, 5, bias=False), nn.GroupNorm(dim, dim)
        self.convs = nn.ModuleList([nn.Conv1d(dim, dim, 3, 2, bias=False) for _ in range(3)])
        self.layer_norm = nn.LayerNorm(dim)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, 4, 128, activation="gelu", batch_first=True), 2)
        self.head = nn.Linear(dim, 32)

    def forward(self, x):
        x = F.gelu(self.norm(self.first(x)))
        for conv in self.convs:
            x = F.gelu(conv(x))
        return self.head(self.encoder(self.layer_norm(x.transpose(1, 2))))


class HifiGenerator(nn.Module):
    """HiFi-GAN (Kong et al. 2020), shortened; its weight norms are left out here."""

    def __init__(self, bands=80, w=64):
        super().__init__()
        self.pre = nn.Conv1d(bands, w, 7, padding=3)
        self.ups = nn.ModuleList([nn.ConvTranspose1d(w // 2**i, w // 2 ** (i + 1), 16, 8, 4) for i in range(2)])
        self.res = nn.ModuleList([nn.Conv1d(w // 2 ** (i + 1), w // 2 ** (i + 1), 3, padding=3, dilation=3) for i in range(2)])
        self.post = nn.Conv1d(w // 4, 1, 7, padding=3)

    def forward(self, x):
        x = self.pre(x)
        for up, res in zip(self.ups, self.res):
            x = up(F.leaky_relu(x, 0.1))
            x = x + res(F.leaky_relu(x, 0.1))
        return torch.tanh(self.post(F.leaky_relu(x)))


class SeparableBlock(nn.Module):
    def __init__(self, a, b, size):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(a, a, size, padding=size // 2, groups=a), nn.Conv1d(a, b, 1), nn.BatchNorm1d(b), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class QuartzNet(nn.Module):
    """Kriman et al. 2019, shortened."""

    def __init__(self, bands=64, classes=29):
        super().__init__()
        self.net = nn.Sequential(SeparableBlock(bands, 64, 33), *[SeparableBlock(64, 64, 33) for _ in range(5)], nn.Conv1d(64, classes, 1))

    def forward(self, x):
        return self.net(x)


class M5(nn.Module):
    """Dai et al. 2016, "Very Deep Convolutional Neural Networks for Raw Waveforms"."""

    def __init__(self, classes=35):
        super().__init__()
        layers = []
        for a, b, size, stride in [(1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)]:
            layers += [nn.Conv1d(a, b, size, stride), nn.BatchNorm1d(b), nn.ReLU(), nn.MaxPool1d(4)]
        self.net, self.head = nn.Sequential(*layers), nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.net(x).mean(2))


class TasBlock(nn.Module):
    def __init__(self, w, dilation):
        super().__init__()
        self.a, self.b, self.c = nn.Conv1d(w, 2 * w, 1), nn.Conv1d(2 * w, 2 * w, 3, padding=dilation, dilation=dilation, groups=2 * w), nn.Conv1d(2 * w, w, 1)
        self.p1, self.p2, self.n1, self.n2 = nn.PReLU(), nn.PReLU(), nn.GroupNorm(1, 2 * w), nn.GroupNorm(1, 2 * w)

    def forward(self, x):
        return x + self.c(self.n2(self.p2(self.b(self.n1(self.p1(self.a(x)))))))


class ConvTasNet(nn.Module):
    """Luo & Mesgarani 2018: global LayerNorm, which is GroupNorm(1)."""

    def __init__(self, w=32):
        super().__init__()
        self.encode, self.norm = nn.Conv1d(1, w, 16, 8, bias=False), nn.GroupNorm(1, w)
        self.blocks = nn.Sequential(*[TasBlock(w, 2**i) for i in range(4)])
        self.mask, self.decode = nn.Conv1d(w, w, 1), nn.ConvTranspose1d(w, 1, 16, 8, bias=False)

    def forward(self, x):
        e = self.encode(x)
        return self.decode(e * torch.sigmoid(self.mask(self.blocks(self.norm(e)))))


class TcnBlock(nn.Module):
    def __init__(self, a, b, dilation):
        super().__init__()
        pad = 2 * dilation
        self.c1, self.c2 = nn.Conv1d(a, b, 3, padding=pad, dilation=dilation), nn.Conv1d(b, b, 3, padding=pad, dilation=dilation)
        self.pad, self.skip = pad, nn.Conv1d(a, b, 1) if a != b else nn.Identity()

    def forward(self, x):
        y = F.relu(self.c1(x)[:, :, : -self.pad])
        y = F.relu(self.c2(y)[:, :, : -self.pad])
        return F.relu(y + self.skip(x))


class Tcn(nn.Module):
    """Bai et al. 2018; its weight norms are left out here."""

    def __init__(self, channels=1, w=25, classes=10):
        super().__init__()
        self.net = nn.Sequential(*[TcnBlock(channels if i == 0 else w, w, 2**i) for i in range(4)])
        self.head = nn.Linear(w, classes)

    def forward(self, x):
        return self.head(self.net(x)[:, :, -1])


class SeriesFcn(nn.Module):
    """Wang et al. 2016."""

    def __init__(self, channels=3, classes=6):
        super().__init__()
        layers = []
        for a, b, size in [(channels, 128, 8), (128, 256, 5), (256, 128, 3)]:
            layers += [nn.Conv1d(a, b, size, padding="same"), nn.BatchNorm1d(b), nn.ReLU()]
        self.net, self.head = nn.Sequential(*layers), nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.net(x).mean(2))


class InceptionModule(nn.Module):
    def __init__(self, a, w=16):
        super().__init__()
        self.bottle = nn.Conv1d(a, w, 1, bias=False)
        self.convs = nn.ModuleList([nn.Conv1d(w, w, size, padding=size // 2, bias=False) for size in (9, 19, 39)])
        self.pool, self.norm = nn.Conv1d(a, w, 1, bias=False), nn.BatchNorm1d(4 * w)

    def forward(self, x):
        y = self.bottle(x)
        y = torch.cat([conv(y) for conv in self.convs] + [self.pool(F.max_pool1d(x, 3, 1, 1))], 1)
        return F.relu(self.norm(y))


class InceptionTime(nn.Module):
    """Fawaz et al. 2019, shortened."""

    def __init__(self, channels=1, classes=5):
        super().__init__()
        self.net = nn.Sequential(InceptionModule(channels), *[InceptionModule(64) for _ in range(3)])
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.net(x).mean(2))


class BatchNormed(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.BatchNorm1d(dim)

    def forward(self, x):
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class PatchLayer(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.attention, self.n1, self.n2 = Attention(dim, 4), BatchNormed(dim), BatchNormed(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = self.n1(x + self.attention(x))
        return self.n2(x + self.mlp(x))


class PatchTst(nn.Module):
    """Nie et al. 2022: patches of each channel, BatchNorm in the encoder."""

    def __init__(self, dim=32, horizon=24):
        super().__init__()
        self.embed = nn.Linear(16, dim)
        self.layers = nn.Sequential(*[PatchLayer(dim) for _ in range(2)])
        self.head, self.horizon = nn.Linear(6 * dim, horizon), horizon

    def forward(self, x):
        b, length, channels = x.shape
        p = x.transpose(1, 2).reshape(b * channels, 6, 16)
        y = self.layers(self.embed(p)).flatten(1)
        return self.head(y).view(b, channels, self.horizon).transpose(1, 2)


class ForecastTransformer(nn.Module):
    """Informer's and Autoformer's baseline: a Transformer encoder with LayerNorm."""

    def __init__(self, channels=7, dim=64, horizon=24):
        super().__init__()
        self.embed = nn.Linear(channels, dim)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, 4, 128, batch_first=True), 2)
        self.head = nn.Linear(dim, channels)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)))


class LstmForecast(nn.Module):
    """A forecaster as tutorials have it: no norm."""

    def __init__(self, channels=7):
        super().__init__()
        self.lstm, self.head = nn.LSTM(channels, 64, 2, batch_first=True), nn.Linear(64, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class GruClassifier(nn.Module):
    """A classifier of sensor series as tutorials have it: no norm."""

    def __init__(self, channels=9, classes=6):
        super().__init__()
        self.gru, self.head = nn.GRU(channels, 64, 2, batch_first=True), nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.gru(x)[0][:, -1])


class NBeatsBlock(nn.Module):
    def __init__(self, length, horizon, w=128):
        super().__init__()
        layers = [nn.Linear(length, w), nn.ReLU()]
        for _ in range(3):
            layers += [nn.Linear(w, w), nn.ReLU()]
        self.net, self.back, self.fore = nn.Sequential(*layers), nn.Linear(w, length), nn.Linear(w, horizon)

    def forward(self, x):
        h = self.net(x)
        return self.back(h), self.fore(h)


class NBeats(nn.Module):
    """Oreshkin et al. 2019: no norm."""

    def __init__(self, length=48, horizon=12):
        super().__init__()
        self.blocks = nn.ModuleList([NBeatsBlock(length, horizon) for _ in range(3)])

    def forward(self, x):
        total = 0
        for block in self.blocks:
            back, fore = block(x)
            x, total = x - back, total + fore
        return total
