"""Prints what real PyTorch says about the example models, as JSON.

    python test/parity/inspect_models.py > test/fixtures/inspect.json

For each file: the number of parameters, every entry of named_modules() but the
root with its class, and the shape that each leaf module gives for one input.
"""

import importlib.util
import json
import pathlib

import torch

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"

MODELS = {
    "deep_sigmoid.py": (lambda module: module.DeepSigmoid(), (4, 784)),
    "small_resnet.py": (lambda module: module.resnet14(), (4, 3, 32, 32)),
    "cnn_batch2.py": (lambda module: module.SmallCNN(), (4, 3, 64, 64)),
}


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inspect(model, shape):
    shapes = {}

    def keep(name):
        def hook(module, inputs, output):
            shapes[name] = list(output.shape)

        return hook

    modules = [(name, module) for name, module in model.named_modules() if name]
    for name, module in modules:
        if not list(module.children()):
            module.register_forward_hook(keep(name))
    model(torch.randn(*shape))
    parameters = list(model.parameters())
    return {
        "total": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "input": list(shape),
        "modules": [[name, type(module).__name__] for name, module in modules],
        "parameters": [[name, list(p.shape)] for name, p in model.named_parameters()],
        "shapes": shapes,
    }


def main():
    found = {file: inspect(build(load(EXAMPLES / file)), shape) for file, (build, shape) in MODELS.items()}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
