"""Writes, for every model of timm, a line of JSON: its name, its parameters, its named_modules() and its input's size.

Models are made on the meta device: no weights are drawn, none are loaded.
"""

import json
import logging
import sys

import torch

import torchvision_operators  # noqa: F401, I001
import timm

logging.disable(logging.WARNING)
every, first = int(sys.argv[1]), int(sys.argv[2])
for name in timm.list_models()[first::every]:
    with torch.device("meta"):
        try:
            model = timm.create_model(name)
        except Exception as error:
            print(json.dumps({"name": name, "error": str(error).split("\n")[0][:200]}), flush=True)
            continue
    size = (getattr(model, "default_cfg", None) or {}).get("input_size")
    modules = [[path, type(module).__name__] for path, module in model.named_modules() if path]
    total = sum(parameter.numel() for parameter in model.parameters())
    line = {"name": name, "total": total, "modules": modules, "size": size and list(size)}
    print(json.dumps(line), flush=True)
print(json.dumps({"packages": timm.__path__[0].rsplit("/timm", 1)[0]}), flush=True)
