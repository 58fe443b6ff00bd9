"""The peer of `normscope analyze examples/deep_sigmoid.py`: a plain PyTorch script that measures the same.

The same network, batch, optimizer, steps and seeds on data of the same shape; hooks give for every layer and step the
gradient norm, the output gradient's RMS, the activation's mean and standard deviation, the sigmoids' saturation and
the update ratio; then the loss on an evaluation split. With `--advise` it also trains the network with each norm
before each activation (BatchNorm also behind it), at four learning rates with the first seed and at the best of them with the others, as the
advisor does, and once more from initial weights of other sizes. `--seeds` and `--init-scales` are how many of these, as
the report says that it took. Prints JSON. Usage: python deep_sigmoid_peer.py [--advise] [--seeds N] [--init-scales N]
[--threads N]
"""

import argparse
import json
import time

START = time.perf_counter()

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, DEPTH, CLASSES, INPUT, BATCH, STEPS = 256, 10, 10, 784, 64, 20
FLAT = 3.6369
INIT_SCALES = (0.5, 2.0)


def build(norm, behind=False):
    layers, size = [], INPUT
    for _ in range(DEPTH):
        layers.append(nn.Linear(size, WIDTH))
        if norm is not None and not behind:
            layers.append(norm(WIDTH))
        layers.append(nn.Sigmoid())
        if norm is not None and behind:
            layers.append(norm(WIDTH))
        size = WIDTH
    return nn.Sequential(*layers, nn.Linear(size, CLASSES))


def measure(model, steps, seed, rate):
    torch.manual_seed(seed)
    prototypes = torch.randn(CLASSES, INPUT)
    labels = torch.randint(CLASSES, (512 + 256,))
    data = 0.6 * prototypes[labels] + 0.8 * torch.randn(512 + 256, INPUT)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    outputs, history = {}, []

    def keep(name):
        def hook(module, inputs, output):
            output.retain_grad()
            outputs[name] = (module, inputs[0], output)

        return hook

    handles = [m.register_forward_hook(keep(n)) for n, m in model.named_children()]
    for step in range(steps):
        at = torch.randint(512, (BATCH,))
        loss = F.cross_entropy(model(data[at]), labels[at])
        optimizer.zero_grad()
        loss.backward()
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        row = {"loss": loss.item()}
        for name, (module, given, output) in outputs.items():
            own = list(module.parameters())
            y = output.detach()
            row[name] = {
                "outputGradientRms": (BATCH * output.grad.square().mean().sqrt()).item(),
                "mean": y.mean().item(),
                "std": y.std(unbiased=False).item(),
            }
            if isinstance(module, nn.Sigmoid):
                z = given.detach()
                row[name]["low"] = (z < -FLAT).float().mean().item()
                row[name]["high"] = (z > FLAT).float().mean().item()
            if own:
                row[name]["gradientNorm"] = torch.cat([p.grad.flatten() for p in own]).norm().item()
        optimizer.step()
        for name, module in model.named_children():
            own = [(n, p) for n, p in model.named_parameters() if n.startswith(f"{name}.")]
            if own:
                change = torch.cat([(p.detach() - before[n]).flatten() for n, p in own]).norm()
                size = torch.cat([before[n].flatten() for n, _ in own]).norm()
                row[name]["updateRatio"] = (change / size).item()
        history.append(row)
    for handle in handles:
        handle.remove()
    model.eval()
    with torch.no_grad():
        evaluation = F.cross_entropy(model(data[512:]), labels[512:]).item()
    model.train()
    return {"history": history, "evaluation": evaluation}


def run(norm, rate, seed, behind=False, scale=1.0):
    torch.manual_seed(seed)
    model = build(norm, behind)
    with torch.no_grad():
        for module in model:
            if scale != 1.0 and isinstance(module, nn.Linear):
                for parameter in module.parameters():
                    parameter.mul_(scale)
    return measure(model, STEPS, seed, rate)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--advise", action="store_true")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--init-scales", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    imported = time.perf_counter() - START
    seeds = range(options.seeds)
    result = {"runs": [run(None, 0.1, seed) for seed in seeds]}
    if options.advise:
        variants = {
            "none": (None, False),
            "BatchNorm": (nn.BatchNorm1d, False),
            "BatchNorm behind": (nn.BatchNorm1d, True),
            "LayerNorm": (nn.LayerNorm, False),
            "RMSNorm": (nn.RMSNorm, False),
        }
        result["variants"] = {}
        for name, (norm, behind) in variants.items():
            # As it is, at its own rate, it has been trained already.
            known = {0.1: result["runs"][0]} if norm is None else {}
            sweep = {r: known.get(r) or run(norm, r, seeds[0], behind) for r in (0.01, 0.03, 0.1, 0.3)}
            best = min(sweep, key=lambda rate: sweep[rate]["evaluation"])
            result["variants"][name] = [sweep[best], *(run(norm, best, seed, behind) for seed in seeds[1:])]
            for scale in INIT_SCALES[: options.init_scales]:
                result["variants"][name].append(run(norm, best, seeds[0], behind, scale))
    result["seconds"] = {"import": imported, "total": time.perf_counter() - START}
    print(json.dumps(result))


main()
