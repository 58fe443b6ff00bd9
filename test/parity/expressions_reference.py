"""What PyTorch gives for expressions over x, v, img (float), i (whole numbers) and m (truths).

Reads {"inputs": {name: tensor}, "expressions": [...]} from standard input and prints, for each expression, the encoded value, the
gradient by x, v and img of its product with fixed factors, or {"error": message}. A statement before the last ends in `; `.
"""

import json
import sys
import warnings

import torch
import torch.nn.functional as F

from layers_reference import decode, encode


def answer(text, given):
    inputs = {name: decode(tensor) for name, tensor in given.items()}
    inputs["m"] = inputs["m"].bool()
    leaves = {name: t.requires_grad_() for name, t in inputs.items() if t.is_floating_point()}
    # What changes in place may not do so on a leaf.
    scope = {name: tensor * 1 if tensor.is_floating_point() else tensor for name, tensor in inputs.items()}
    *statements, value = text.split("; ")
    names = {"torch": torch, "F": F}
    for statement in statements:
        exec(statement, names, scope)
    found = eval(value, names, scope)
    # Factors that differ, so that what normalizes has a gradient to speak of.
    factors = torch.sin(torch.arange(found.numel()) + 1.0).reshape(found.shape)
    loss = (found.float() * factors).sum()
    if loss.requires_grad:
        loss.backward()
    return {
        "value": encode(found),
        "gradients": {name: encode(torch.zeros_like(t) if t.grad is None else t.grad) for name, t in leaves.items()},
    }


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    answers = []
    for text in asked["expressions"]:
        try:
            answers.append(answer(text, asked["inputs"]))
        except Exception as error:
            answers.append({"error": str(error).split("\n")[0]})
    json.dump(answers, sys.stdout)


main()
