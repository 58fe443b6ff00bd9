"""What PyTorch computes for layer requests.

Reads {"requests": [...], "names": [...], "kinds": [...]} as JSON from standard input (the type is `LayerRequest` in layerRequests.ts)
and prints {"pytorch": version, "answers": [...], "missing": [...], "signatures": {...}}: for each request the forward values, the gradient of
every parameter and input for the loss = sum of output times cotangent, and the updated buffers, or {"error": message}.
`missing` lists those of `names` that PyTorch does not have; `signatures` gives the parameters of the constructors of
`kinds` and of those of `names` that are written in Python. Tensors are {"shape", "data"}: float32 in base64.
"""

import base64
import inspect
import json
import operator
import sys
import warnings

import numpy as np
import torch

KEYWORD_ONLY = {"alpha", "rounding_mode", "dtype", "approximate"}


def decode(tensor):
    values = np.frombuffer(base64.b64decode(tensor["data"]), dtype="<f4").copy()
    return torch.from_numpy(values).reshape(tensor["shape"])


def encode(tensor):
    values = tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4")
    return {"shape": list(tensor.shape), "data": base64.b64encode(values.tobytes()).decode("ascii")}


def plain(value):
    """Attributes as Python writes them: tuples for lists."""
    return tuple(plain(v) for v in value) if isinstance(value, list) else value


def resolve(name):
    """The function of a full name; a tensor's method as a function of the tensor."""
    parts = name.split(".")
    found = {"torch": torch, "Tensor": torch.Tensor, "operator": operator}[parts[0]]
    for part in parts[1:]:
        found = getattr(found, part)
    return found


def call_function(request, inputs):
    """Positional arguments as far as they follow one another, the rest by name: the order of parameters is checked too."""
    spec = request["function"]
    given = {name: plain(value) for name, value in request["attributes"].items()}
    if spec["operands"] == ["*tensors"]:
        given["tensors"] = list(inputs)
    else:
        open_operands = [name for name in spec["operands"] if name not in given]
        given.update(zip(open_operands, inputs))
    positional, named, gap = [], {}, False
    for parameter in spec["parameters"]:
        name = parameter.lstrip("*")
        if name not in given:
            gap = True
        elif parameter.startswith("*"):
            positional.extend(given[name])
        elif gap or name in KEYWORD_ONLY:
            named[name] = given[name]
        else:
            positional.append(given[name])
    if "unflatten" in spec["name"] and "unflattened_size" in named:
        named["sizes"] = named.pop("unflattened_size")
    return resolve(spec["name"])(*positional, **named)


def call_module(module, kind, inputs):
    if kind == "MultiheadAttention" and len(inputs) == 1:
        return module(inputs[0], inputs[0], inputs[0])
    return module(*inputs)


def answer(request):
    inputs = [decode(tensor).requires_grad_() for tensor in request["inputs"]]
    module = None
    initial = []
    if request.get("function") is None:
        attributes = {name: plain(value) for name, value in request["attributes"].items()}
        module = getattr(torch.nn, request["kind"])(**attributes)
        initial = [
            {"name": name, "shape": list(p.shape), "largest": p.detach().abs().max().item() if p.numel() else 0.0}
            for name, p in module.named_parameters()
        ]
        module.train(request["mode"] == "train")
        with torch.no_grad():
            for name, tensor in request["parameters"].items():
                module.get_parameter(name).copy_(decode(tensor))
            for name, tensor in request["buffers"].items():
                module.get_buffer(name).copy_(decode(tensor))

    # A function that works in place may not do so on a leaf.
    operands = [tensor * 1 for tensor in inputs]
    outputs = call_function(request, operands) if module is None else call_module(module, request["kind"], operands)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    values = [encode(output) for output in outputs]
    loss = sum((output * decode(tensor)).sum() for output, tensor in zip(outputs, request["cotangents"]))
    if isinstance(loss, torch.Tensor):
        loss.backward()
    parameters = {} if module is None else dict(module.named_parameters())

    def gradient(tensor):
        return encode(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)

    return {
        "outputs": values,
        "inputGradients": [gradient(tensor) for tensor in inputs],
        "parameterGradients": {name: gradient(parameter) for name, parameter in parameters.items()},
        "buffers": {name: encode(module.get_buffer(name)) for name in request["buffers"]},
        "initial": initial,
        "submodules": {} if module is None else {n: type(m).__name__ for n, m in module.named_modules() if n},
    }


def answer_or_error(request):
    try:
        return answer(request)
    except Exception as error:  # what PyTorch says is the answer
        return {"error": str(error).split("\n")[0]}


def exists(name):
    try:
        return callable(resolve(name))
    except AttributeError:
        return False


def parameters_of(function):
    """Names of a function's parameters in order; None where it is not written in Python or takes anything."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return None
    return [p.name for p in parameters if p.name != "device"]


def signatures(kinds, names):
    found = {kind: parameters_of(getattr(torch.nn, kind).__init__) for kind in kinds}
    found.update({name: parameters_of(resolve(name)) for name in names if exists(name)})
    return {name: parameters for name, parameters in found.items() if parameters is not None}


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    json.dump(
        {
            "pytorch": torch.__version__,
            "answers": [answer_or_error(request) for request in asked["requests"]],
            "missing": [name for name in asked["names"] if not exists(name)],
            "signatures": signatures(asked["kinds"], asked["names"]),
        },
        sys.stdout,
    )


main()
