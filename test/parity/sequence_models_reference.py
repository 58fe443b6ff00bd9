"""What PyTorch says of the networks in models/sequence_models.py, from given parameters on given inputs.

Reads a list of {"model", "inputs", "parameters", "cotangents"} from standard input, and prints for each the modules and
parameters in PyTorch's order, the outputs, and the gradient by every parameter of the sum of output times cotangent.
"""

import importlib.util
import json
import pathlib
import sys
import warnings

import torch

from layers_reference import decode, encode, flat

MODELS = pathlib.Path(__file__).resolve().parent / "models" / "sequence_models.py"


def load():
    spec = importlib.util.spec_from_file_location("sequence_models", MODELS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(models, request):
    model = getattr(models, request["model"])()
    with torch.no_grad():
        for name, tensor in request["parameters"].items():
            model.get_parameter(name).copy_(decode(tensor))
    outputs = flat(model(*[decode(tensor) for tensor in request["inputs"]]))
    loss = sum((output * decode(tensor)).sum() for output, tensor in zip(outputs, request["cotangents"]))
    loss.backward()
    return {
        "modules": [[name, type(module).__name__] for name, module in model.named_modules() if name],
        "parameters": [[name, list(p.shape)] for name, p in model.named_parameters()],
        "outputs": [encode(output) for output in outputs],
        "gradients": {name: encode(p.grad) for name, p in model.named_parameters()},
    }


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    models = load()
    json.dump([answer(models, request) for request in json.load(sys.stdin)], sys.stdout)


main()
