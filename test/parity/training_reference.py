"""Trains networks in PyTorch from given weights on given batches, and measures what NormScope's probe measures.

Reads the requests of test/parity/training.test.ts from standard input, writes one answer for each: the losses, the
figures of every layer at every step, and the evaluations after the last step.
"""

import base64
import json
import sys

import numpy
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

torch.set_num_threads(1)


def tensor(encoded, dtype="<f4"):
    values = numpy.frombuffer(base64.b64decode(encoded["data"]), dtype=dtype).reshape(encoded["shape"])
    return torch.from_numpy(values.copy())


def model_of(request):
    layers = [getattr(nn, kind)(**attributes) for kind, attributes in request["layers"]]
    model = nn.Sequential(*layers)
    state = model.state_dict()
    for name, encoded in request["parameters"].items():
        state[name] = tensor(encoded)
    model.load_state_dict(state)
    return model


def norm(tensors):
    return torch.linalg.vector_norm(torch.cat([t.reshape(-1) for t in tensors])).item()


def train(request, model, inputs, targets, loss_of):
    settings = dict(request["optimizer"]["settings"])
    optimizer = getattr(torch.optim, request["optimizer"]["kind"])(model.parameters(), **settings)
    losses, series = [], {}

    def record(layer, quantity, value):
        series.setdefault(layer, {}).setdefault(quantity, []).append(value)

    for indices in request["order"]:
        batch = inputs[indices]
        outputs = []
        value = batch
        for layer in model:
            value = layer(value)
            value.retain_grad()
            outputs.append(value)
        loss = loss_of(value, targets[indices])
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        optimizer.step()
        for name, (layer, output) in enumerate(zip(model, outputs)):
            rms = output.grad.square().mean().sqrt().item() * len(batch)
            record(name, "outputGradientRms", rms)
            record(name, "activationMean", output.mean().item())
            record(name, "activationStd", output.std(correction=0).item())
            own = {f"{name}.{key}": p for key, p in layer.named_parameters()}
            if own:
                record(name, "gradientNorm", norm([p.grad for p in own.values()]))
                changes = [p.detach() - before[key] for key, p in own.items()]
                record(name, "updateRatio", norm(changes) / norm([before[key] for key in own]))
    return losses, series


def evaluate(model, inputs, targets, loss_of):
    model.eval()
    with torch.no_grad():
        loss = loss_of(model(inputs), targets).item()
    model.train()
    return loss


def answer(request):
    model = model_of(request)
    model.train()
    # Recomputed statistics and the loss in training mode must not change what is measured beside them.
    loss_of = getattr(nn, request["loss"])()
    classes = request["loss"] == "CrossEntropyLoss"
    split = {
        name: (tensor(data["inputs"]), tensor(data["targets"], "<i8" if classes else "<f4"))
        for name, data in request["splits"].items()
    }
    losses, series = train(request, model, *split["training"], loss_of)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    running = evaluate(model, *split["evaluation"], loss_of)

    inputs, targets = split["evaluation"]
    size = request["batch"]
    with torch.no_grad():
        parts = [loss_of(model(inputs[i : i + size]), targets[i : i + size]).item() for i in range(0, len(inputs), size)]
    model.load_state_dict(state)

    inputs = split["training"][0][: request["recomputedOn"]]
    update_bn([inputs[i : i + size] for i in range(0, len(inputs), size)], model)
    recomputed = evaluate(model, *split["evaluation"], loss_of)
    return {
        "losses": losses,
        "series": series,
        "final": {"running": running, "trainMode": sum(parts) / len(parts), "recomputed": recomputed},
    }


requests = json.load(sys.stdin)
json.dump({"pytorch": torch.__version__, "answers": [answer(request) for request in requests]}, sys.stdout)
