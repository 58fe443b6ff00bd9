"""The benchmark's peer: eager PyTorch that trains the same networks and measures the same quantities with hooks.

One long-lived process: a JSON object a line on stdin, one a line on stdout. Requests are

    {"do": "load", "name", "file", "model", "input", "batch", "samples", "optimizer": {"kind", "settings"}}
    {"do": "run", "name", "steps", "threads"}     trains on; answers {"seconds", "cpuSeconds", "numbers"}
    {"do": "forget", "name"}
    {"do": "memory"}                               resets the peak first with {"reset": true}; answers {"now", "peak"}, bytes

What is written for speed: every reading is a tensor, one transfer a step brings all of them over; reductions are the
fastest of PyTorch's (vector_norm and count_nonzero instead of std and mean of a comparison); norms of parameters are
torch._foreach_norm, as torch.nn.utils.clip_grad_norm_ takes them.
"""

import importlib.util
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

# Where |φ'(z)| falls under a tenth of its maximum, for the sigmoid and for tanh.
FLAT_SIGMOID, FLAT_TANH = 3.6369, 1.8184
norm = torch.linalg.vector_norm


def attention_weights(module, args, kwargs):
    """The saturation of attention is measured on its weights, so the call must hand them over, for each head."""
    return args, {**kwargs, "need_weights": True, "average_attn_weights": False}


class Peer:
    def __init__(self, spec):
        module_spec = importlib.util.spec_from_file_location("model", spec["file"])
        module = importlib.util.module_from_spec(module_spec)
        module_spec.loader.exec_module(module)
        torch.manual_seed(0)
        self.model = getattr(module, spec["model"])(*spec.get("arguments", []))
        self.batch, samples = spec["batch"], spec["samples"]
        self.data = torch.randn(samples, *spec["input"])
        with torch.no_grad():
            self.model.eval()
            classes = self.model(self.data[:2]).shape[1]
            self.model.train()
        self.labels = torch.randint(classes, (samples,))
        self.samples = samples
        settings = dict(spec["optimizer"]["settings"])
        if spec["optimizer"]["kind"] == "Adam":
            settings["betas"] = (settings.pop("beta1"), settings.pop("beta2"))
        self.optimizer = getattr(torch.optim, spec["optimizer"]["kind"])(self.model.parameters(), **settings)
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.owners = self._owners()
        self.before = [torch.empty_like(p) for p in self.parameters]
        self.readings = []
        if spec.get("measure", True):
            self._hook()
        self.measure = spec.get("measure", True)

    def _owners(self):
        """For every parameter the number of the module whose own it is; attention's out_proj counts as a module."""
        place, owners = {id(p): i for i, p in enumerate(self.parameters)}, [0] * len(self.parameters)
        count = 0
        for module in self.model.modules():
            own = [place[id(p)] for p in module.parameters(recurse=False) if id(p) in place]
            for i in own:
                owners[i] = count
            count += 1 if own else 0
        self.modules = count
        return torch.tensor(owners)

    def _hook(self):
        for module in self.model.modules():
            leaf = isinstance(module, nn.MultiheadAttention) or not any(True for _ in module.children())
            # What only moves values is measured by nobody.
            if not leaf or isinstance(module, (nn.Flatten, nn.Identity, nn.modules.linear.NonDynamicallyQuantizableLinear)):
                continue
            if isinstance(module, nn.MultiheadAttention):
                module.register_forward_pre_hook(attention_weights, with_kwargs=True)
            module.register_forward_hook(self._forward_hook(module))

    def _forward_hook(self, module):
        kind = type(module)

        def gradient(g):
            self.readings.append(norm(g))

        def hook(module, args, output):
            y = output[0] if isinstance(output, tuple) else output
            if y.requires_grad:
                y.register_hook(gradient)
            with torch.no_grad():
                readings = self.readings
                mean = y.mean()
                readings.append(mean)
                readings.append(norm(y - mean))
                if kind is nn.ReLU:
                    readings.append(torch.count_nonzero(y))
                elif kind is nn.GELU:
                    readings.append(torch.count_nonzero(args[0] < -3))
                elif kind in (nn.Sigmoid, nn.Tanh):
                    flat = FLAT_TANH if kind is nn.Tanh else FLAT_SIGMOID
                    readings.append(torch.count_nonzero(args[0] < -flat))
                    readings.append(torch.count_nonzero(args[0] > flat))
                elif kind is nn.MultiheadAttention:
                    weights = output[1]
                    spread = 1 - weights.square().sum(-1)
                    readings.append(torch.count_nonzero(spread < 0.1 * (1 - 1 / weights.shape[-1])))

        return hook

    def step(self):
        at = torch.randint(self.samples, (self.batch,))
        loss = F.cross_entropy(self.model(self.data[at]), self.labels[at])
        self.optimizer.zero_grad()
        loss.backward()
        if not self.measure:
            self.optimizer.step()
            return [loss.item()]
        with torch.no_grad():
            torch._foreach_copy_(self.before, self.parameters)
            gradients = torch.stack(torch._foreach_norm([p.grad for p in self.parameters]))
            sizes = torch.stack(torch._foreach_norm(self.before))
            self.optimizer.step()
            changes = torch.stack(torch._foreach_norm(torch._foreach_sub(self.before, self.parameters)))
            squares = torch.stack([gradients, sizes, changes]).square_()
            norms = torch.zeros(3, self.modules).index_add_(1, self.owners, squares).sqrt_()
            numbers = torch.stack([loss.detach(), *(r.to(torch.float32) for r in self.readings)])
            self.readings.clear()
            return torch.cat([numbers, norms[0], norms[2] / norms[1]]).tolist()


def kilobytes(field):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def answer(peers, request):
    what = request["do"]
    if what == "load":
        peers[request["name"]] = Peer(request)
        return {"parameters": sum(p.numel() for p in peers[request["name"]].parameters)}
    if what == "run":
        torch.set_num_threads(request["threads"])
        peer = peers[request["name"]]
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(request["steps"]):
            numbers = peer.step()
        return {
            "seconds": time.perf_counter() - began,
            "cpuSeconds": time.process_time() - cpu,
            "numbers": len(numbers),
        }
    if what == "forget":
        peers.pop(request["name"], None)
        return {}
    if what == "memory":
        if request.get("reset"):
            with open("/proc/self/clear_refs", "w") as clear:
                clear.write("5")
        return {"now": 1024 * kilobytes("VmRSS"), "peak": 1024 * kilobytes("VmHWM")}
    raise ValueError(f"unknown request {what}")


def main():
    torch.set_flush_denormal(True)
    peers = {}
    print(json.dumps({"ready": True, "pytorch": torch.__version__}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(peers, json.loads(line))
        except Exception as error:  # the benchmark reports it beside the case
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
