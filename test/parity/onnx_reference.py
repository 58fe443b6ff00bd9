"""Writes test/fixtures/onnx: small models as PyTorch exports them, and what PyTorch computes with them.

Needs torch, onnx and onnxscript: python test/parity/onnx_reference.py
"""

import base64
import json
import logging
import math
import os
import warnings

import onnx
import torch
import torch.nn.functional as F
from torch import nn

OUT = "test/fixtures/onnx"
BATCH = 3


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 12)
        self.norm = nn.LayerNorm(12)
        self.act = nn.GELU()
        self.drop = nn.Dropout(0.1)
        self.fc2 = nn.Linear(12, 4, bias=False)

    def forward(self, x):
        return self.fc2(self.drop(self.act(self.norm(self.fc1(x)))))


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + x)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(Block(8), Block(8))
        self.gn = nn.GroupNorm(2, 8)
        self.avg = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.layer1(self.pool(self.stem(x)))
        x = F.silu(self.gn(x))
        return self.fc(torch.flatten(self.avg(x), 1))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.position = nn.Parameter(torch.randn(1, 5, 8) * 0.1)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 20)

    def forward(self, tokens):
        return self.head(self.encoder(self.embed(tokens) + self.position))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7, num_layers=2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(14, 5, batch_first=True)
        self.rnn = nn.RNN(5, 4, batch_first=True, nonlinearity="relu")
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        y, _ = self.lstm(x)
        y, _ = self.gru(y)
        y, _ = self.rnn(y)
        return self.out(y[:, -1])


class Decoder(nn.Module):
    """Transposed convolutions, instance norm, padding, upsampling."""

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 6, 3, 2, 1, output_padding=1)
        self.norm = nn.InstanceNorm2d(6, affine=True)
        self.pad = nn.ReflectionPad2d((1, 1, 2, 0))
        self.conv = nn.Conv2d(6, 4, 3, groups=2)
        self.act = nn.PReLU(4)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        x = self.act(self.conv(self.pad(F.leaky_relu(self.norm(self.up(x)), 0.2))))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return torch.tanh(self.shuffle(F.interpolate(x, scale_factor=2, mode="nearest")))


class Written(nn.Module):
    """Norms and activations as people write them by hand."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 8)
        self.weight = nn.Parameter(torch.ones(8))
        self.bias = nn.Parameter(torch.zeros(8))
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x):
        x = self.fc(x)
        mean = x.mean(-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(-1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + 1e-6) * self.weight + self.bias
        x = 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.scale
        x = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        return x * torch.tanh(F.softplus(x)) + x * torch.sigmoid(x) + F.hardswish(x)


class Selection(nn.Module):
    """Slices, splits, picks, masks, reductions and rearrangements."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.tril(torch.ones(4, 4)))
        self.query = nn.Parameter(torch.randn(1, 1, 6))
        self.proj = nn.Linear(6, 12)

    def forward(self, x):
        x = torch.cat([self.query.expand(x.shape[0], -1, -1), x[:, 1:]], dim=1)
        a, b = self.proj(x).chunk(2, dim=-1)
        scores = torch.einsum("btd,bsd->bts", a, b) / 6**0.5
        scores = scores.masked_fill(self.mask == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ x
        y = torch.where(y > 0, y, y.clamp(min=-0.5, max=0.5)) + x.amax(dim=1, keepdim=True)
        y = F.normalize(y, dim=-1) + torch.cumsum(x, 1) * y.abs().sum(-1, keepdim=True)
        y = y.reshape(y.shape[0], 2, 2, 6).transpose(1, 2).flatten(1)
        return torch.log_softmax(y, dim=1)[:, ::2]


class Vit(nn.Module):
    """A patch embedding, a class token and attention, exported for one sample alone."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.cls = nn.Parameter(torch.randn(1, 1, 8))
        self.position = nn.Parameter(torch.randn(1, 5, 8) * 0.1)
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        n = x.shape[0]
        x = torch.cat([self.cls.expand(n, -1, -1), x], 1) + self.position
        q, k, v = self.qkv(self.norm(x)).reshape(n, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)
        y = (q @ k.transpose(-2, -1) * 4**-0.5).softmax(-1) @ v
        x = x + self.proj(y.transpose(1, 2).reshape(n, 5, 8))
        return self.head(x[:, 0])


def image(n):
    return torch.randn(n, 3, 8, 8)


MODELS = {
    "mlp": (Mlp, lambda n: torch.randn(n, 6)),
    "residual": (Residual, lambda n: torch.randn(n, 3, 16, 16)),
    "encoder": (Encoder, lambda n: torch.randint(0, 20, (n, 5))),
    "recurrent": (Recurrent, lambda n: torch.randn(n, 4, 6)),
    "decoder": (Decoder, lambda n: torch.randn(n, 4, 5, 5)),
    "written": (Written, lambda n: torch.randn(n, 6)),
    "selection": (Selection, lambda n: torch.randn(n, 4, 6)),
    "vit": (Vit, image),
}
# Of these the batch is fixed in the file, as torch.onnx.export does where nobody says otherwise.
FIXED = {"vit"}


def prepared(make):
    """The model with weights of which no two are equal by chance."""
    torch.manual_seed(0)
    model = make()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = 0.2 if parameter.dim() < 2 else parameter.std().item()
            parameter.copy_(torch.randn_like(parameter) * spread + (1 if name.endswith("scale") else 0))
        for module in model.modules():
            if getattr(module, "running_mean", None) is not None:
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
            if "Norm" in type(module).__name__ and module.weight is not None:
                module.weight.add_(1)
    return model.eval()


def encoded(tensor):
    data = base64.b64encode(tensor.contiguous().numpy().tobytes()).decode()
    result = {"shape": list(tensor.shape), "data": data}
    return {**result, "dtype": "int64"} if tensor.dtype == torch.int64 else result


def strip(path):
    """Takes out where on the exporting machine the source stands."""
    model = onnx.load(path)
    kept = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")
    del model.metadata_props[:], model.graph.metadata_props[:]
    for node in model.graph.node:
        properties = [each for each in node.metadata_props if each.key in kept]
        del node.metadata_props[:]
        node.metadata_props.extend(properties)
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    onnx.save(model, path)


def export(name, model, sample, dynamo):
    path = f"{OUT}/{name}.{'dynamo' if dynamo else 'script'}.onnx"
    fixed = name in FIXED
    given = (sample(1) if fixed else sample(BATCH),)
    if dynamo:
        shapes = None if fixed else ({0: torch.export.Dim("batch")},)
        torch.onnx.export(model, given, path, dynamo=True, external_data=False, dynamic_shapes=shapes, verbose=False)
        strip(path)
    else:
        axes = None if fixed else {"x": {0: "batch"}}
        names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": axes}
        mode = torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(model, given, path, dynamo=False, opset_version=17, training=mode, **names)
    return os.path.getsize(path)


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    answers = {}
    for name, (make, sample) in MODELS.items():
        model = prepared(make)
        for dynamo in (False, True):
            print(name, dynamo, export(name, model, sample, dynamo))
        torch.manual_seed(1)
        x = sample(BATCH)
        with torch.no_grad():
            answers[name] = {"x": encoded(x), "y": encoded(model(x))}
            answers[name]["parameters"] = [[key, list(each.shape)] for key, each in model.named_parameters()]
    with open(f"{OUT}/answers.json", "w", encoding="utf-8") as file:
        json.dump(answers, file)


if __name__ == "__main__":
    main()
