"""Networks over sequences, read by NormScope from this text and run by PyTorch (sequence_models_reference.py)."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Encoder(nn.Module):
    """Post-norm layers behind one another, padded keys left out."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=12, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(8, 3)

    def forward(self, x, padding):
        return self.head(self.encoder(x, src_key_padding_mask=padding))


class PreNorm(nn.Module):
    """Pre-norm layers with GELU, no biases and a last norm."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            8, 4, 12, 0.0, "gelu", 1e-3, batch_first=True, norm_first=True, bias=False
        )
        self.layers = nn.TransformerEncoder(layer, 3, nn.LayerNorm(8, bias=False))

    def forward(self, x):
        return self.layers(x)


class OwnActivation(nn.Module):
    """An activation that is a module is registered; one that is a function is called."""

    def __init__(self):
        super().__init__()
        self.first = nn.TransformerEncoderLayer(8, 2, 6, dropout=0.0, activation=nn.SiLU())
        self.second = nn.TransformerEncoderLayer(8, 2, 6, dropout=0.0, activation=torch.tanh)

    def forward(self, x):
        return self.second(self.first(x))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerDecoderLayer(8, 2, 10, dropout=0.0, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, 2, norm=nn.LayerNorm(8))

    def forward(self, x, memory, padding):
        return self.decoder(x, memory, memory_key_padding_mask=padding)


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = nn.Transformer(
            8, 2, 1, num_decoder_layers=2, dim_feedforward=10, dropout=0.0, batch_first=True, norm_first=True
        )
        self.head = nn.Linear(8, 2)

    def forward(self, x, target):
        return self.head(self.transformer(x, target))


class Recurrent(nn.Module):
    """An LSTM over padded sequences, whose last states begin a GRU."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(10, 5, num_layers=4)
        self.head = nn.Linear(5, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        packed, (h, c) = self.lstm(packed)
        y, _ = pad_packed_sequence(packed)
        y, h = self.gru(y, h)
        return self.head(y), c


class Cells(nn.Module):
    """A cell that a loop calls again and again: its weights gather every step's gradient."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(8, 6)
        self.plain = nn.RNNCell(6, 6, nonlinearity="relu")

    def forward(self, x):
        h, c = self.cell(x)
        state = None
        for _ in range(3):
            h, c = self.cell(x, (h, c))
            state = self.plain(h, state)
        return state, c


class Heads(nn.Module):
    """Attention written out with the function, each head's width its own."""

    def __init__(self):
        super().__init__()
        self.q, self.v = (nn.Linear(8, 8) for _ in range(2))
        # A bias of the keys moves a row of scores as a whole: its gradient is nothing but rounding.
        self.k = nn.Linear(8, 8, bias=False)
        self.cross = nn.MultiheadAttention(8, 2, kdim=8, vdim=8, batch_first=True, add_zero_attn=True)

    def forward(self, x):
        y = F.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x), is_causal=True)
        y, weights = self.cross(y, x, x, average_attn_weights=False)
        return y, weights
