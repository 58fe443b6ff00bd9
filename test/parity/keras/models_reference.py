"""What Keras 3 (with its torch backend) says of the models in models/, each file run.

Prints {"keras": version, "models": {file: answer}}: totals, weights by layer, shapes of layers' outputs, and the outputs and
gradients in inference mode for weights and inputs that `drawn` gives, which a test draws the same.
"""

import importlib.util
import json
import math
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from layers_reference import encode  # noqa: E402

BATCH = 2

# Inputs of these names end in zeros in the second sample, as padded sequences do.
PADDED = ("tz", "xz")


def drawn(name, shape, low, high):
    """The same numbers for the same name, anywhere: the fraction of a large sine."""
    seed = sum(ord(letter) * (i + 1) for i, letter in enumerate(name)) % 1000
    count = int(np.prod(shape)) if len(shape) else 1
    values = [math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453 for i in range(count)]
    return np.array([low + (v - math.floor(v)) * (high - low) for v in values], dtype=np.float32).reshape(shape)


def children(layer):
    if type(layer) is keras.layers.RNN:
        return [layer.cell]
    if isinstance(layer, keras.layers.RNN):
        return []
    if isinstance(layer, keras.layers.StackedRNNCells):
        return layer.cells
    return layer.layers if isinstance(layer, keras.Model) else layer._flatten_layers(include_self=False, recursive=False)


def weights_of(layer, prefix, found, seen):
    own = isinstance(layer, keras.layers.RNN) and type(layer) is not keras.layers.RNN
    holders = [layer.cell] if own else [layer]
    for holder in holders:
        for variable in [*holder._trainable_variables, *holder._non_trainable_variables]:
            if id(variable) not in seen and "seed" not in variable.name:
                seen.add(id(variable))
                found[f"{prefix}{variable.name}"] = variable
    for child in children(layer):
        if id(child) not in seen:
            seen.add(id(child))
            weights_of(child, f"{prefix}{child.name}.", found, seen)
    return found


def answer(file):
    keras.backend.clear_session()
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return answer_of(module.model)


def answer_of(model):
    inputs = model.inputs if getattr(model, "inputs", None) else None
    shapes = [tuple(i.shape[1:]) for i in inputs] if inputs else [(9, 9, 3)]
    whole = ["int" in i.dtype for i in inputs] if inputs else [False]
    given = []
    for i, shape in enumerate(shapes):
        values = drawn(f"input {i}", (BATCH, *shape), 0 if whole[i] else -1, 10 if whole[i] else 1)
        if inputs and inputs[i].name in PADDED:
            values[1, 2:] = 0
        given.append(torch.from_numpy(values.astype(np.int64) if whole[i] else values))
    weights = weights_of(model, "", {}, set())
    for name, variable in weights.items():
        spread = (0.5, 1.5) if name.endswith("variance") else (-0.5, 0.5)
        variable.assign(drawn(name, variable.shape, *spread))
    outputs = model(given if len(given) > 1 else given[0], training=False)
    outputs = keras.tree.flatten(outputs)
    loss = sum((o * torch.from_numpy(drawn(f"output {i}", o.shape, -1, 1))).sum() for i, o in enumerate(outputs))
    if loss.requires_grad:
        loss.backward()
    shown = {}
    for layer in getattr(model, "layers", []):
        try:
            shown[layer.name] = [None if d is None else d for d in layer.output.shape]
        except Exception:
            continue
    return {
        "total": model.count_params(),
        "trainable": int(sum(np.prod(v.shape) for v in model.trainable_weights)),
        "weights": {name: list(variable.shape) for name, variable in weights.items()},
        "shapes": shown,
        "outputs": [encode(o) for o in outputs],
        "gradients": {
            name: encode(v.value.grad)
            for name, v in weights.items()
            if v.trainable and v.value.grad is not None
        },
    }


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(__file__).resolve().parent / "models"
    models = {file.name: answer(file) for file in sorted(folder.glob("*.py"))}
    json.dump({"keras": keras.__version__, "models": models}, sys.stdout)


if __name__ == "__main__":
    main()
