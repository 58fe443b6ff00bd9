"""What torchvision's models are: parameters and modules of every builder called without arguments, made on no device.

Prints {"site", "models": [{"name", "file", "builder", "family", "total", "published", "modules": [[id, kind], …]}]};
`published` lists the totals that the metadata of the builder's own weights state. Detectors are left out but for their
backbones' parts, which are classifiers.
"""

import importlib
import inspect
import json
import pathlib
import re
import sys
import warnings

import torch


def library():
    """torchvision; a build of it whose compiled operators do not load asks for them by name, though no model is made of them."""
    operators = torch.library.Library("torchvision", "FRAGMENT")
    library.operators = operators
    for _ in range(50):
        try:
            return importlib.import_module("torchvision")
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if not missing:
                raise
            operators.define(f"{missing[1]}(Tensor input) -> Tensor")
            for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
                del sys.modules[name]
    raise RuntimeError("torchvision asks for ever more operators")


def main():
    warnings.simplefilter("ignore")
    torchvision = library()
    models = torchvision.models
    site = pathlib.Path(torchvision.__file__).resolve().parent.parent
    # RegNet asks the numbers of the tensors that it works its widths out with.
    regnet = importlib.import_module("torchvision.models.regnet")
    made = regnet.BlockParams.from_init_params.__func__

    def with_numbers(cls, *given, **named):
        with torch.device("cpu"):
            return made(cls, *given, **named)

    regnet.BlockParams.from_init_params = classmethod(with_numbers)
    answers = []
    for name in models.list_models():
        builder = models.get_model_builder(name)
        file = pathlib.Path(inspect.getsourcefile(inspect.unwrap(builder))).resolve()
        folder = file.parent.name
        if folder in ("detection", "optical_flow", "quantization"):
            continue
        with torch.device("meta"):
            # Weights, which would be fetched, change no module.
            offline = {"weights_backbone": None} if "weights_backbone" in inspect.signature(builder).parameters else {}
            model = builder(**offline)
        totals = [entry.meta.get("num_params") for entry in models.get_model_weights(name)]
        answers.append(
            {
                "name": name,
                "file": file.relative_to(site).as_posix(),
                "builder": inspect.unwrap(builder).__name__,
                "family": "classification" if folder == "models" else folder,
                "total": sum(parameter.numel() for parameter in model.parameters()),
                "published": totals,
                "modules": [[path, type(module).__name__] for path, module in model.named_modules() if path],
            }
        )
    json.dump({"site": str(site), "version": torchvision.__version__, "models": answers}, sys.stdout)


main()
