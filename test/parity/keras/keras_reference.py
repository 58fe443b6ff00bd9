"""What Keras 3 (with its torch backend) computes for layer requests.

Reads {"requests": [...]} as JSON from standard input (the type is `LayerRequest` in ../layerRequests.ts) and prints
{"keras": version, "answers": [...]}: forward values, gradients, updated statistics, and the weights as Keras makes them.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from layers_reference import TENSORS, decode, each, encode, flat, largest, loss_of, plain  # noqa: E402

# What Keras takes from the input's shape, and what is said where a layer is called.
FROM_INPUT = {"features", "value_features", "key_features", "channels", "shape", "kernel_shape", "bias_shape"}
OF_CALL = {"operands", "use_causal_mask", "return_attention_scores"}
CLASSES = {"GroupedQueryAttention": "GroupQueryAttention"}
RENAMED = {"output_dim": "output_shape"}


PROJECTED = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)


def layer_of(request, dtype):
    kind = request["kind"][len("Keras") :]
    given = {
        (RENAMED.get(name, name) if kind == "MultiHeadAttention" else name): plain(value)
        for name, value in request["attributes"].items()
        if name not in FROM_INPUT and name not in OF_CALL
    }
    if kind == "PReLU":
        shape = request["attributes"]["shape"]
        own = request["inputs"][0]["shape"][1:]
        given["shared_axes"] = [i + 1 for i, size in enumerate(shape) if size == 1 and own[i] != 1] or None
    return getattr(keras.layers, CLASSES.get(kind, kind))(dtype=dtype, **given)


def name_of(variable, layer):
    """`kernel`, or `query.kernel` for a weight of an inner layer."""
    parts = variable.path.split("/")
    return ".".join(parts[-2:]) if isinstance(layer, PROJECTED) else parts[-1]


def call(layer, request, inputs, training):
    said = {name: value for name, value in request["attributes"].items() if name in OF_CALL}
    if isinstance(layer, PROJECTED):
        named = dict(zip(said.pop("operands", []), inputs[2:]))
        return layer(inputs[0], inputs[1], training=training, **named, **said)
    if isinstance(layer, (keras.layers.Attention, keras.layers.AdditiveAttention)):
        return layer(inputs, training=training, use_causal_mask=said.get("use_causal_mask", False))
    return layer(inputs if len(inputs) > 1 else inputs[0], training=training)


def compute(request, dtype):
    """Everything about one request as tensors, its floats of one type."""

    def load(tensor):
        loaded = decode(tensor)
        return loaded.to(getattr(torch, dtype)) if loaded.is_floating_point() else loaded

    training = request["mode"] == "train"
    inputs = [load(tensor) for tensor in request["inputs"]]
    for tensor in inputs:
        tensor.requires_grad_(tensor.is_floating_point())
    layer = layer_of(request, dtype)
    call(layer, request, inputs, False)
    learned = {name_of(v, layer): v for v in layer.trainable_weights}
    initial = [{"name": name, "shape": list(v.shape), "largest": largest(v.value.float())} for name, v in learned.items()]
    kept = {name_of(v, layer): v for v in layer.non_trainable_variables if "seed" not in v.path}
    for table, given in ((learned, request["parameters"]), (kept, request["buffers"])):
        for name, tensor in given.items():
            table[name].assign(load(tensor))
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
    outputs = flat(call(layer, request, inputs, training))
    values = [output.detach().clone() for output in outputs]
    for output in outputs:
        if output.requires_grad:
            output.retain_grad()
    loss = loss_of(request, outputs, load)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()

    def gradient(tensor):
        return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad

    inner = [sub for sub in layer._flatten_layers(include_self=False, recursive=False) if sub.weights]
    attention = isinstance(layer, PROJECTED)
    return {
        "outputs": values,
        "inputGradients": [gradient(t) if t.requires_grad else None for t in inputs],
        "parameterGradients": {name: gradient(v.value) for name, v in learned.items()},
        "buffers": {name: kept[name].value.float() for name in request["buffers"]},
        "outputGradient": sum(o.grad.abs().sum().item() for o in outputs if o.grad is not None),
        "initial": initial,
        "submodules": {sub.name: type(sub).__name__ for sub in inner} if attention else {},
    }


def answer(request):
    """The values, and how far float32 took each from what Keras computes in double precision."""
    found, exact = compute(request, "float32"), compute(request, "float64")
    values = {key: each(found[key], lambda _, tensor: encode(tensor)) for key in TENSORS}
    values.update({key: found[key] for key in ("initial", "submodules")})
    values["rounding"] = {
        key: each(found[key], lambda at, tensor, key=key: largest(tensor.double() - exact[key][at].double()))
        for key in TENSORS
    }
    values["rounding"]["outputGradient"] = found["outputGradient"]
    return values


def answer_or_error(request):
    try:
        return answer(request)
    except Exception as error:  # what Keras says is the answer
        return {"error": str(error)}


def main():
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    answers = [answer_or_error(request) for request in asked["requests"]]
    json.dump({"keras": keras.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
