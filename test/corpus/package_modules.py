"""Makes models of packages and writes, a line of JSON for each request, their parameters and their named_modules().

Requests come as lines of JSON: the file below the packages' folder, the name, and the arguments where the name is a class or
a function that needs some. Where the name is a variable, the file is run as a script as far as it goes.
"""

import importlib
import json
import os
import signal
import sys

import torch
import torchvision_operators  # noqa: F401

SECONDS = 40


class TooLong(BaseException):
    """Not an Exception: no script swallows it."""


def too_long(*_):
    raise TooLong


def where_it_is(value, *_, **__):
    return value


signal.signal(signal.SIGALRM, too_long)
torch.Tensor.cuda = torch.nn.Module.cuda = where_it_is


def module_name(path):
    parts = path[: -len(".py")].split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def described(model):
    modules = [[path, type(module).__name__] for path, module in model.named_modules() if path]
    total = sum(parameter.numel() for parameter in model.parameters())
    return {"total": total, "modules": modules}


def value_of(given):
    """A JSON value as Python's: a list is a tuple."""
    return tuple(map(value_of, given)) if isinstance(given, list) else given


def run_script(folder, path, name):
    """Runs a file as a script as far as it goes; its variable of that name, or a function's."""
    module = module_name(path)
    package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
    place = os.path.join(folder, path)
    names = {"__name__": "__main__", "__file__": place, "__package__": package}
    with open(place, encoding="utf-8") as file:
        code = compile(file.read(), place, "exec")
    inner = {}

    def keep(frame, event, _):
        if event == "return" and frame.f_code.co_filename == place:
            inner.update({key: each for key, each in frame.f_locals.items() if isinstance(each, torch.nn.Module)})

    failure = None
    sys.setprofile(keep)
    try:
        exec(code, names)
    except (Exception, SystemExit, TooLong) as error:
        failure = error
    finally:
        sys.setprofile(None)
    for found in (names.get(name), inner.get(name)):
        if isinstance(found, torch.nn.Module):
            return found
    raise failure or LookupError(f"the script leaves no model {name}")


def make(folder, request):
    path, name, arguments = request["file"], request["name"], request["arguments"]
    if request["made"]:
        return run_script(folder, path, name)
    given = {key: value_of(each) for key, each in arguments.items()}
    of = getattr(importlib.import_module(module_name(path)), name)
    try:
        # No weights are drawn there.
        with torch.device("meta"):
            return of(**given)
    except Exception:
        return of(**given)


folder = sys.argv[1]
sys.path.insert(0, folder)
sys.argv = ["script"]
requests, sys.stdin = sys.stdin, open(os.devnull)
real_output, sys.stdout = sys.stdout, open(os.devnull, "w")
for line in requests:
    request = json.loads(line)
    signal.alarm(SECONDS)
    try:
        answer = described(make(folder, request))
    except (Exception, SystemExit, TooLong) as error:
        answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0][:200]}
    signal.alarm(0)
    print(json.dumps(answer), file=real_output, flush=True)
