"""What PyTorch computes for layer requests.

Reads {"requests": [...], "names": [...], "kinds": [...], "conditioning": bool} as JSON from standard input (the type is `LayerRequest` in layerRequests.ts)
and prints {"pytorch": version, "answers": [...], "missing": [...], "signatures": {...}}: for each request the forward values, the gradient of
every parameter and float input for the request's loss (`CaseLoss` in layerCase.ts), and the updated buffers, or {"error": message};
with `conditioning`, also how far float32 took each of these from what PyTorch computes in double precision (`Rounding`).
`missing` lists those of `names` that PyTorch does not have; `signatures` gives the parameters of the constructors of
`kinds` and of those of `names` that are written in Python. Tensors are {"shape", "data", "dtype"?}: float32 unless said, in base64.
Classes that torch.nn does not have are in layer_definitions.py.
"""

import base64
import inspect
import json
import operator
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F

import layer_definitions

KEYWORD_ONLY = {
    "alpha",
    "approximate",
    "beta",
    "correction",
    "decimals",
    "dtype",
    "include_self",
    "indexing",
    "rounding_mode",
    "stable",
    "value",
}

LIBRARIES = {"torch": torch, "Tensor": torch.Tensor, "operator": operator}


DTYPES = {"float32": "<f4", "int64": "<i8", "bool": "?"}


def decode(tensor):
    values = np.frombuffer(base64.b64decode(tensor["data"]), dtype=DTYPES[tensor.get("dtype", "float32")]).copy()
    return torch.from_numpy(values).reshape(tensor["shape"])


def encode(tensor):
    values = tensor.detach().to(torch.float32).contiguous().numpy(force=True).astype("<f4")
    return {"shape": list(tensor.shape), "data": base64.b64encode(values.tobytes()).decode("ascii")}


def plain(value):
    """Attributes as Python writes them: tuples for lists."""
    return tuple(plain(v) for v in value) if isinstance(value, list) else value


def index_part(part, tensors):
    """One part of an index as Python has it; `tensors` gives what stands for itself."""
    if part == "...":
        return Ellipsis
    if part == "tensor":
        return next(tensors)
    if isinstance(part, tuple):
        return slice(*part[1:]) if part and part[0] == "slice" else list(part)
    return part


def resolve(name):
    """The function of a full name; a tensor's method as a function of the tensor."""
    parts = name.split(".")
    if parts[0] not in LIBRARIES:
        return getattr(layer_definitions, parts[-1])
    found = LIBRARIES[parts[0]]
    for part in parts[1:]:
        found = getattr(found, part)
    return found


def call_function(request, inputs):
    """Positional arguments as far as they follow one another, the rest by name: the order of parameters is checked too."""
    spec = request["function"]
    given = {name: plain(value) for name, value in request["attributes"].items()}
    if isinstance(given.get("index"), tuple):
        count = sum(1 for name in spec["operands"] if not name.startswith("*"))
        tensors = iter(inputs[count:])
        inputs = inputs[:count]
        given["index"] = tuple(index_part(part, tensors) for part in given["index"])
    if isinstance(given.get("dtype"), str):
        given["dtype"] = getattr(torch, given["dtype"])
    for name in ("p", "ord"):
        if given.get(name) in ("inf", "-inf"):
            given[name] = float(given[name])
    if len(spec["operands"]) == 1 and spec["operands"][0].startswith("*"):
        given[spec["operands"][0][1:]] = list(inputs)
    else:
        # Those that may be None have a mark; which are there, the attribute says.
        there = given.pop("operands", ())
        wanted = [name for name in spec["operands"] if not name.endswith("?") or name[:-1] in there]
        open_operands = [name.rstrip("?") for name in wanted if name.rstrip("?") not in given]
        given.update(zip(open_operands, inputs))
        # Running statistics take no gradient, nor do the weights of a binary cross-entropy.
        fixed = ("running_", "weight", "pos_weight") if "binary_cross_entropy" in spec["name"] else ("running_",)
        given.update({name: given[name].detach() for name in open_operands if name.startswith(fixed)})
    if spec["name"] == "operator.setitem":
        changed = given["input"].clone()
        changed[given["index"]] = given["value"]
        return changed
    if spec["name"] == "torch.tensor":
        return torch.tensor(given["values"], dtype=given.get("dtype", torch.float32)).reshape(given["shape"])
    positional, named, gap = [], {}, False
    for parameter in spec["parameters"]:
        name = parameter.lstrip("*")
        if name not in given and name + "?" in spec["operands"]:
            positional.append(None)
        elif name not in given:
            gap = True
        elif parameter.startswith("*"):
            positional.extend(given[name])
        elif gap or (name in KEYWORD_ONLY and name not in spec["operands"]):
            gap = True
            named[name] = given[name]
        else:
            positional.append(given[name])
    if "unflatten" in spec["name"] and "unflattened_size" in named:
        named["sizes"] = named.pop("unflattened_size")
    return resolve(spec["name"])(*positional, **named)


def class_of(kind):
    return getattr(layer_definitions, kind, None) or getattr(torch.nn, kind)


# What is said where a module is called, not where it is made.
OF_CALL = {"padded", "lengths", "operands", "need_weights", "average_attn_weights", "is_causal"}


def call_module(module, request, inputs):
    said = {name: value for name, value in request["attributes"].items() if name in OF_CALL}
    if isinstance(module, torch.nn.RNNBase):
        return call_recurrent(module, inputs, **said)
    if isinstance(module, torch.nn.RNNCellBase):
        return module(inputs[0], nested_state(inputs[1:]))
    if request["kind"] == "MultiheadAttention":
        masks = said.pop("operands", [])
        tensors = inputs[: len(inputs) - len(masks)]
        query, key, value = tensors if len(tensors) == 3 else tensors * 3 if len(tensors) == 1 else [*tensors, tensors[1]]
        return module(query, key, value, **dict(zip(masks, inputs[len(tensors) :])), **said)
    return module(*inputs)


def nested_state(states):
    """None, a hidden state, or LSTM's two."""
    return tuple(states) if len(states) > 1 else states[0] if states else None


def call_recurrent(module, inputs, padded=False, lengths=None):
    """Padded: the last input says each sample's length; or the lengths are known, those of the samples in turn."""
    x, *states = inputs[:-1] if padded else inputs
    if not padded and lengths is None:
        return module(x, nested_state(states))
    batch, steps = (x.shape[0], x.shape[1]) if module.batch_first else (x.shape[1], x.shape[0])
    known = inputs[-1] if padded else [lengths[i % len(lengths)] for i in range(batch)]
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, known, module.batch_first, enforce_sorted=False)
    output, last = module(packed, nested_state(states))
    total = steps if padded else max(lengths)
    return torch.nn.utils.rnn.pad_packed_sequence(output, module.batch_first, total_length=total)[0], last


def flat(outputs):
    """The tensors of nested tuples and lists, in order."""
    if isinstance(outputs, (list, tuple)):
        return [tensor for output in outputs for tensor in flat(output)]
    return [outputs]


def loss_of(request, outputs, load):
    """What is differentiated; what is not float adds nothing."""
    kind = request["loss"]
    if kind == "crossEntropy":
        logits = outputs[0]
        if not logits.is_floating_point():
            return 0
        return F.cross_entropy(logits, decode(request["classes"]))
    pairs = [(o, load(t)) for o, t in zip(outputs, request["cotangents"]) if o.is_floating_point()]
    if kind == "linear":
        return sum((output * factors).sum() for output, factors in pairs)
    if kind == "squares":
        return sum((output * output).sum() for output, _ in pairs)
    return sum(F.mse_loss(output, target) for output, target in pairs)


def compute(request, dtype):
    """Everything about one request, its float tensors of one type: {"outputs", "inputGradients", …} as tensors."""

    def load(tensor):
        loaded = decode(tensor)
        return loaded.to(dtype) if loaded.is_floating_point() else loaded

    inputs = [load(tensor) for tensor in request["inputs"]]
    for tensor in inputs:
        tensor.requires_grad_(tensor.is_floating_point())
    module = None
    initial = []
    if request.get("function") is None:
        attributes = {name: plain(value) for name, value in request["attributes"].items() if name not in OF_CALL}
        module = class_of(request["kind"])(**attributes)
        initial = [
            {"name": name, "shape": list(p.shape), "largest": p.detach().abs().max().item() if p.numel() else 0.0}
            for name, p in module.named_parameters()
        ]
        module.train(request["mode"] == "train").to(dtype)
        with torch.no_grad():
            for name, tensor in request["parameters"].items():
                module.get_parameter(name).copy_(load(tensor))
            for name, tensor in request["buffers"].items():
                module.get_buffer(name).copy_(load(tensor))

    # A function that works in place may not do so on a leaf.
    operands = [tensor * 1 if tensor.requires_grad else tensor for tensor in inputs]
    outputs = call_function(request, operands) if module is None else call_module(module, request, operands)
    outputs = [output for output in flat(outputs) if output is not None]
    values = [output.detach().clone() for output in outputs]
    for output in outputs:
        if output.requires_grad:
            output.retain_grad()
    loss = loss_of(request, outputs, load)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    parameters = {} if module is None else dict(module.named_parameters())

    def gradient(tensor):
        return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad

    return {
        "outputs": values,
        "inputGradients": [gradient(tensor) if tensor.requires_grad else None for tensor in inputs],
        "parameterGradients": {name: gradient(parameter) for name, parameter in parameters.items()},
        "buffers": {name: module.get_buffer(name) for name in request["buffers"]},
        "outputGradient": sum(finite(output.grad).abs().sum().item() for output in outputs if output.grad is not None),
        "initial": initial,
        "submodules": {} if module is None else {n: type(m).__name__ for n, m in module.named_modules() if n},
    }


TENSORS = ("outputs", "inputGradients", "parameterGradients", "buffers")


def each(tensors, function):
    """The function of each tensor of a list or a dictionary; None stays None."""
    if isinstance(tensors, dict):
        return {name: function(name, tensor) for name, tensor in tensors.items()}
    return [None if tensor is None else function(i, tensor) for i, tensor in enumerate(tensors)]


def largest(tensor):
    return tensor.detach().abs().max().item() if tensor.numel() else 0.0


def finite(tensor):
    return torch.nan_to_num(tensor, nan=0.0, posinf=0.0, neginf=0.0)


def answer(request, conditioning):
    found = compute(request, torch.float32)
    values = {key: each(found[key], lambda _, tensor: encode(tensor)) for key in TENSORS}
    values.update({key: found[key] for key in ("initial", "submodules")})
    if not conditioning:
        return values
    # What float32 does to PyTorch's own values. RMSNorm's default ε is its type's: the double one gets float32's.
    if request["kind"] == "RMSNorm" and request["attributes"].get("eps") is None:
        request = {**request, "attributes": {**request["attributes"], "eps": torch.finfo(torch.float32).eps}}
    exact = compute(request, torch.float64)

    # NaN and infinity are compared as they are: rounding makes none.
    def rounding(key):
        return lambda name, tensor: largest(finite(tensor.double() - exact[key][name].double()))

    values["rounding"] = {key: each(found[key], rounding(key)) for key in TENSORS}
    values["rounding"]["outputGradient"] = found["outputGradient"]
    return values


def answer_or_error(request, conditioning):
    try:
        return answer(request, conditioning)
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
    found = {kind: parameters_of(class_of(kind).__init__) for kind in kinds}
    found.update({name: parameters_of(resolve(name)) for name in names if exists(name)})
    return {name: parameters for name, parameters in found.items() if parameters is not None}


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    json.dump(
        {
            "pytorch": torch.__version__,
            "answers": [answer_or_error(request, asked["conditioning"]) for request in asked["requests"]],
            "missing": [name for name in asked["names"] if not exists(name)],
            "signatures": signatures(asked["kinds"], asked["names"]),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
