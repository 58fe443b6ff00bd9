"""Losses of torch.nn and their gradients by the output, for the requests of test/parity/losses.test.ts on standard input."""

import base64
import json
import sys

import numpy
import torch
from torch import nn


def tensor(encoded, dtype="<f4"):
    values = numpy.frombuffer(base64.b64decode(encoded["data"]), dtype=dtype).reshape(encoded["shape"])
    return torch.from_numpy(values.copy())


def settings_of(given):
    return {name: torch.tensor(value) if isinstance(value, list) else value for name, value in given.items()}


def answer(request):
    output = tensor(request["output"]).requires_grad_()
    target = tensor(request["target"], "<i8" if request["classes"] else "<f4")
    scores = output if request["classAxis"] is None else output.movedim(request["classAxis"], 1)
    loss = getattr(nn, request["kind"])(**settings_of(request["settings"]))(scores, target)
    (gradient,) = torch.autograd.grad(loss, output)
    return {"loss": loss.item(), "gradient": gradient.flatten().tolist()}


requests = json.load(sys.stdin)
json.dump({"pytorch": torch.__version__, "answers": [answer(request) for request in requests]}, sys.stdout)
