"""Writes what Python gives for every case of the files beside this one: `{"control.for_else": "[2, 3, 5, 7, 11]", ...}`."""

import importlib
import inspect
import json
import pathlib
import re
import sys

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here))
# Where a class was defined is no matter.
LOCAL = re.compile(r"[\w.]*<locals>\.")
answers = {}
for name in sorted(path.stem for path in here.glob("*.py")):
    if name == "answers":
        continue
    module = importlib.import_module(name)
    for case, function in list(vars(module).items()):
        if inspect.isfunction(function) and function.__module__ == name:
            answers[f"{name}.{case}"] = LOCAL.sub("", repr(function()))
print(json.dumps(answers, indent=1))
