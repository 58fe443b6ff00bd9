"""Parameters that Keras 3 (with its torch backend) counts in the models that examples/ make.

Each file is run statement by statement: what needs data, TensorFlow or the network fails or is left out, as nothing of it
changes a model. Prints {"keras": version, "examples": {file: {name: total}}}; a model that another holds is
`holder.attribute`.
"""

import ast
import json
import os
import pathlib
import sys
from unittest.mock import MagicMock

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

# The shapes of the data sets; how many samples there are does not matter.
DATA = {"cifar": (32, 32, 3), "mnist": (28, 28), "imdb": (10,)}


def tensorflow():
    """TensorFlow's functions that the examples' models call, by Keras's."""
    ops = keras.ops
    tf = MagicMock(name="tensorflow")
    tf.__spec__ = None
    tf.keras, tf.newaxis, tf.int64, tf.float32 = keras, None, "int64", "float32"
    tf.nn.relu, tf.nn.tanh, tf.nn.softmax = ops.relu, ops.tanh, ops.softmax
    tf.expand_dims, tf.reduce_sum, tf.concat, tf.reshape = ops.expand_dims, ops.sum, ops.concatenate, ops.reshape
    tf.shape, tf.square, tf.sin, tf.cos, tf.math.sqrt = ops.shape, ops.square, ops.sin, ops.cos, ops.sqrt
    tf.cast = lambda x, dtype=None: ops.cast(x, "float32")
    tf.zeros = lambda shape, dtype=None: ops.zeros(shape, dtype=dtype or "float32")
    tf.random.uniform = lambda shape, *_: ops.zeros(shape, dtype="int64")
    return {"tensorflow": tf, "tensorflow.data": tf.data, "tensorflow.keras": keras, "tensorflow.keras.layers": keras.layers}


def data(text):
    shape = next((shape for name, shape in DATA.items() if name in text), (28, 28))
    x, y = np.zeros((8, *shape), "float32"), np.zeros((8,), "int64")
    return {**dict.fromkeys(["x", "x_train", "x_test", "x_val"], x), **dict.fromkeys(["y", "y_train", "y_test", "y_val", "_"], y)}


def totals(file):
    keras.backend.clear_session()
    source = file.read_text().replace('weights="imagenet"', "weights=None")
    stubs = {name: MagicMock() for name in ("matplotlib", "matplotlib.pyplot", "pandas", "tensorflow_datasets")}
    if "tensorflow" in source:
        stubs.update(tensorflow())
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorflow"]:
        del sys.modules[name]
    sys.modules.update(stubs)
    scope = {"__name__": file.stem}
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node)
        if "load_data" in text:
            scope.update(data(text))
            continue
        try:
            exec(compile(ast.Module([node], []), str(file), "exec"), scope)
        except Exception:  # what a model is made of does not fail
            continue
    found = {}
    for name, value in scope.items():
        if not isinstance(value, keras.Model):
            continue
        if value.built and value.weights:
            found[name] = value.count_params()
        held = {key: each for key, each in vars(value).items() if isinstance(each, keras.Model) and each.built}
        if not getattr(value, "inputs", None):
            found.update({f"{name}.{key}": each.count_params() for key, each in held.items()})
    return found


def main():
    for name in ("fit", "summary", "predict"):
        setattr(keras.Model, name, lambda *_, **__: None)
    keras.layers.Normalization.adapt = lambda *_, **__: None
    folder = pathlib.Path(__file__).resolve().parent / "examples"
    found = {file.name: totals(file) for file in sorted(folder.glob("*.py"))}
    json.dump({"keras": keras.__version__, "examples": found}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
