"""What Keras 3 (with its torch backend) gives for each line of uses/*.txt.

Prints {"keras": version, "uses": {file: {line: answer}}}, each answer as models_reference.py has them, without shapes
of inner layers, and the model's saved configuration; a line that Keras itself refuses has {"error": its words}.
"""

import json
import os
import pathlib
import re
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

from models_reference import answer_of

# Inputs that a line may name: what each is, as Python that makes it. `useText` in uses.ts writes the same.
INPUTS = {
    "x": 'keras.Input((6, 4), name="x")',
    "y": 'keras.Input((6, 4), name="y")',
    "v": 'keras.Input((8,), name="v")',
    "m": 'keras.Input((4, 4), name="m")',
    "t": 'keras.Input((6,), dtype="int64", name="t")',
    "tz": 'keras.Input((6,), dtype="int64", name="tz")',
    "xz": 'keras.Input((6, 4), name="xz")',
    "img": 'keras.Input((8, 8, 3), name="img")',
    "seq": 'keras.Input((3, 7, 4), name="seq")',
    "vid": 'keras.Input((3, 6, 6, 2), name="vid")',
    "wave": 'keras.Input((32,), name="wave")',
}


def text_of(line):
    """The line as a file that makes a model: what stands before its last `; ` is done first."""
    *first, last = line.split("; ")
    named = [name for name in INPUTS if re.search(rf"(?<![\w.\"]){name}(?![\w\"=])", line)]
    made = [f"{name} = {INPUTS[name]}" for name in named]
    model = f"model = keras.Model([{', '.join(named)}], {last})"
    return "\n".join(["import keras", "from keras import layers, ops", *made, *first, model, ""])


def answer(line):
    keras.backend.clear_session()
    scope = {}
    try:
        exec(text_of(line), scope)
        found = answer_of(scope["model"])
        del found["shapes"]
        # A function of the file's own has no place in a configuration.
        return found if "lambda" in line else {**found, "saved": scope["model"].to_json()}
    except Exception as error:  # what Keras says is the answer
        return {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"}


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(__file__).resolve().parent / "uses"
    uses = {}
    for file in sorted(folder.glob("*.txt")):
        lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
        uses[file.name] = {line: answer(line) for line in lines}
    json.dump({"keras": keras.__version__, "uses": uses}, sys.stdout)


if __name__ == "__main__":
    main()
