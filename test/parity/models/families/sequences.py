"""Networks over sequences of different families, small."""

import math
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import weight_norm


class LanguageModel(nn.Module):
    def __init__(self, vocabulary=50, size=8, layers=2, tie=True):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.encoder = nn.Embedding(vocabulary, size)
        self.rnn = getattr(nn, "LSTM")(size, size, layers, dropout=0.2)
        self.decoder = nn.Linear(size, vocabulary)
        if tie:
            self.decoder.weight = self.encoder.weight

    def forward(self, input, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        return F.log_softmax(self.decoder(self.drop(output)), dim=-1), hidden


class Seq2Seq(nn.Module):
    def __init__(self, source=30, target=40, size=8):
        super().__init__()
        self.src_emb = nn.Embedding(source, size, padding_idx=0)
        self.tgt_emb = nn.Embedding(target, size)
        self.encoder = nn.GRU(size, size, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * size, size)
        self.decoder = nn.GRU(size, size, batch_first=True)
        self.out = nn.Linear(size, target)

    def forward(self, src, tgt):
        _, hidden = self.encoder(self.src_emb(src))
        hidden = torch.tanh(self.bridge(torch.cat((hidden[-2], hidden[-1]), dim=1))).unsqueeze(0)
        output, _ = self.decoder(self.tgt_emb(tgt), hidden)
        return self.out(output)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=100):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[:, : x.size(1)]


class TransformerClassifier(nn.Module):
    def __init__(self, vocabulary=60, d_model=16, classes=3):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, d_model)
        self.pos = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(d_model, 4, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(d_model, classes)
        self.d_model = d_model

    def forward(self, tokens, mask=None):
        x = self.pos(self.embed(tokens) * math.sqrt(self.d_model))
        return self.head(self.encoder(x, src_key_padding_mask=mask).mean(dim=1))


class Translator(nn.Module):
    def __init__(self, source=30, target=35, d_model=16):
        super().__init__()
        self.source = nn.Embedding(source, d_model)
        self.target = nn.Embedding(target, d_model)
        self.transformer = nn.Transformer(d_model, 2, 1, 1, 32, batch_first=True)
        self.generator = nn.Linear(d_model, target)

    def forward(self, src, tgt):
        mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(1))
        return self.generator(self.transformer(self.source(src), self.target(tgt), tgt_mask=mask))


@dataclass
class GPTConfig:
    block_size: int = 32
    vocab_size: int = 65
    n_layer: int = 2
    n_head: int = 4
    n_embd: int = 16
    bias: bool = False


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        assert config.n_embd % config.n_head == 0
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.bias)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd, bias=config.bias)
        self.n_head = config.n_head
        mask = torch.tril(torch.ones(config.block_size, config.block_size))
        self.register_buffer("mask", mask.view(1, 1, config.block_size, config.block_size))

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(C, dim=2)
        q, k, v = [t.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for t in (q, k, v)]
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(dict(
            wte=nn.Embedding(config.vocab_size, config.n_embd),
            wpe=nn.Embedding(config.block_size, config.n_embd),
            h=nn.ModuleList([
                nn.ModuleDict({
                    "ln": nn.LayerNorm(config.n_embd), "attn": CausalSelfAttention(config),
                    "mlp": nn.Sequential(nn.LayerNorm(config.n_embd), nn.Linear(config.n_embd, 32), nn.GELU(), nn.Linear(32, config.n_embd)),
                }) for _ in range(config.n_layer)
            ]),
        ))
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.transformer.wte.weight = self.lm_head.weight
        self.apply(self._init_weights)
        for name, p in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(p, mean=0.0, std=0.02 / math.sqrt(2 * config.n_layer))

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)

    def forward(self, idx, targets=None):
        b, t = idx.size()
        assert t <= self.config.block_size, f"cannot forward {t} tokens, block size is {self.config.block_size}"
        pos = torch.arange(0, t, dtype=torch.long, device=idx.device)
        x = self.transformer.wte(idx) + self.transformer.wpe(pos)
        for block in self.transformer.h:
            x = x + block["attn"](block["ln"](x))
            x = x + block["mlp"](x)
        return self.lm_head(x)


class DilatedBlock(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.filter = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.residual = nn.Conv1d(channels, channels, 1)
        self.skip = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        out = torch.tanh(self.filter(x)) * torch.sigmoid(self.gate(x))
        return self.residual(out) + x[:, :, -out.size(2):], self.skip(out)


class WaveNet(nn.Module):
    def __init__(self, channels=8, layers=4):
        super().__init__()
        self.input = nn.Conv1d(1, channels, 1)
        self.blocks = nn.ModuleList([DilatedBlock(channels, 2 ** i) for i in range(layers)])
        self.output = nn.Sequential(nn.ReLU(), nn.Conv1d(channels, 256, 1))

    def forward(self, x):
        x = self.input(x)
        skips = []
        for block in self.blocks:
            x, skip = block(x)
            skips.append(skip)
        size = skips[-1].size(-1)
        return self.output(sum(skip[..., -size:] for skip in skips))


class Chomp1d(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        return x[:, :, : -self.size].contiguous()


class TemporalConvNet(nn.Module):
    def __init__(self, inputs=3, channels=(8, 8), kernel_size=3):
        super().__init__()
        layers = []
        for i, cout in enumerate(channels):
            cin = inputs if i == 0 else channels[i - 1]
            padding = (kernel_size - 1) * 2 ** i
            layers += [
                weight_norm(nn.Conv1d(cin, cout, kernel_size, padding=padding, dilation=2 ** i)),
                Chomp1d(padding), nn.ReLU(), nn.Dropout(0.2),
            ]
        self.network = nn.Sequential(*layers)
        self.linear = nn.Linear(channels[-1], 4)

    def forward(self, x):
        return self.linear(self.network(x)[:, :, -1])


class CellByCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 6)
        self.lstm2 = nn.LSTMCell(6, 6)
        self.linear = nn.Linear(6, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 6)
        c_t = torch.zeros(input.size(0), 6)
        h_t2 = torch.zeros(input.size(0), 6)
        c_t2 = torch.zeros(input.size(0), 6)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for _ in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            outputs += [self.linear(h_t2)]
        return torch.cat(outputs, dim=1)


class SpeechCNN(nn.Module):
    """Convolutions over a spectrogram, then a recurrent layer over time."""

    def __init__(self, mels=16):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 4, 3, stride=(2, 1), padding=1), nn.BatchNorm2d(4), nn.Hardtanh(0, 20))
        self.rnn = nn.GRU(4 * mels // 2, 8, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(16, 29)

    def forward(self, x):
        x = self.conv(x)
        b, c, f, t = x.shape
        x = x.view(b, c * f, t).transpose(1, 2)
        x, _ = self.rnn(x)
        return self.fc(x).log_softmax(-1)


class AttentionPooling(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 8, batch_first=True, bidirectional=True)
        self.attention = nn.Linear(16, 1)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        states, _ = self.lstm(x)
        weights = torch.softmax(self.attention(states).squeeze(-1), dim=1)
        return self.out(torch.bmm(weights.unsqueeze(1), states).squeeze(1))
