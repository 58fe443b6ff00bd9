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


def optimizer_of(request, model):
    choice = request["optimizer"]
    named = dict(model.named_parameters())
    groups = [
        {**group, "params": [named.pop(name) for name in group["parameters"]]} for group in choice.get("groups", [])
    ]
    groups = [{key: value for key, value in group.items() if key != "parameters"} for group in groups]
    return getattr(torch.optim, choice["kind"])([{"params": list(named.values())}, *groups], **choice["settings"])


def clip(choice, parameters):
    if "clip_grad_norm" in choice:
        torch.nn.utils.clip_grad_norm_(parameters, choice["clip_grad_norm"])
    if "clip_grad_value" in choice:
        torch.nn.utils.clip_grad_value_(parameters, choice["clip_grad_value"])


def train(request, model, inputs, targets, loss_of):
    optimizer = optimizer_of(request, model)
    summed = request["lossSettings"].get("reduction") == "sum"
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
        # What is measured is the gradient itself, before anything is cut from it.
        gradients = {name: p.grad.clone() for name, p in model.named_parameters()}
        clip(request["optimizer"], model.parameters())
        optimizer.step()
        for name, (layer, output) in enumerate(zip(model, outputs)):
            rms = output.grad.square().mean().sqrt().item() * (1 if summed else len(batch))
            record(name, "outputGradientRms", rms)
            record(name, "activationMean", output.mean().item())
            record(name, "activationStd", output.std(correction=0).item())
            own = {f"{name}.{key}": p for key, p in layer.named_parameters()}
            if own:
                record(name, "gradientNorm", norm([gradients[key] for key in own]))
                changes = [p.detach() - before[key] for key, p in own.items()]
                record(name, "updateRatio", norm(changes) / norm([before[key] for key in own]))
    return losses, series


def evaluate(model, inputs, targets, loss_of):
    """As a test loader of 32 samples does: a weighted mean is one of each batch."""
    model.eval()
    with torch.no_grad():
        parts = [loss_of(model(inputs[i : i + 32]), targets[i : i + 32]).item() for i in range(0, len(inputs), 32)]
    model.train()
    return sum(parts) / len(parts)


def answer(request):
    model = model_of(request)
    model.train()
    # Recomputed statistics and the loss in training mode must not change what is measured beside them.
    settings = {name: torch.tensor(v) if isinstance(v, list) else v for name, v in request["lossSettings"].items()}
    loss_of = getattr(nn, request["loss"])(**settings)
    classes = request["classes"]
    # A summed loss is told for the batch, a mean as it is.
    summed = settings.get("reduction") == "sum"
    split = {
        name: (tensor(data["inputs"]), tensor(data["targets"], "<i8" if classes else "<f4"))
        for name, data in request["splits"].items()
    }
    losses, series = train(request, model, *split["training"], loss_of)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    scale = request["batch"] / 32 if summed else 1
    running = scale * evaluate(model, *split["evaluation"], loss_of)

    inputs, targets = split["evaluation"]
    size = request["batch"]
    with torch.no_grad():
        size = size if request["modeMatters"] else 32
        parts = [loss_of(model(inputs[i : i + size]), targets[i : i + size]).item() for i in range(0, len(inputs), size)]
    model.load_state_dict(state)

    inputs = split["training"][0][: request["recomputedOn"]]
    update_bn([inputs[i : i + size] for i in range(0, len(inputs), size)], model)
    recomputed = scale * evaluate(model, *split["evaluation"], loss_of)
    return {
        "losses": losses,
        "series": series,
        "final": {"running": running, "trainMode": sum(parts) / len(parts), "recomputed": recomputed},
    }


requests = json.load(sys.stdin)
json.dump({"pytorch": torch.__version__, "answers": [answer(request) for request in requests]}, sys.stdout)
