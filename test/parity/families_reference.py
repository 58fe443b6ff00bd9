"""What PyTorch says of the networks in models/families: modules, parameters, and the shape of every module's outputs.

Reads a list of {"file", "model", "config", "inputs": [{"name", "shape", "dtype", "vocabulary"}], "absent"} from standard
input. Every module's forward is hooked; its output shapes are printed in the order of its calls.
"""

import importlib.util
import json
import pathlib
import sys
import warnings

import torch

FOLDER = pathlib.Path(__file__).resolve().parent / "models" / "families"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [list(value.shape)]
    if isinstance(value, (tuple, list)):
        return [shape for item in value for shape in tensors(item)]
    return []


def given(request):
    if request["dtype"] == "int64":
        return torch.randint(0, request.get("vocabulary", 2), request["shape"])
    return torch.rand(request["shape"])


def answer(file, request):
    model_class = getattr(file, request["model"])
    model = model_class(getattr(file, request["config"])()) if request.get("config") else model_class()
    inputs = {each["name"]: given(each) for each in request["inputs"]}
    inputs.update({name: None for name in request["absent"]})
    model(**inputs)  # lazy modules are made by their first call
    shapes = {}
    for name, module in model.named_modules():
        module.register_forward_hook(
            lambda _, __, output, name=name: shapes.setdefault(name, []).append(tensors(output))
        )
    output = model(**inputs)
    return {
        "modules": [[name, type(module).__name__] for name, module in model.named_modules() if name],
        "parameters": [[name, list(p.shape)] for name, p in model.named_parameters()],
        "total": sum(p.numel() for p in model.parameters()),
        "shapes": shapes,
        "outputs": tensors(output),
    }


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    files = {}
    answers = []
    for request in json.load(sys.stdin):
        name = request["file"]
        files[name] = files.get(name) or load(name)
        answers.append(answer(files[name], request))
    json.dump(answers, sys.stdout)


main()
