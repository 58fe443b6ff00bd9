"""Imports torchvision where its compiled operators do not fit the PyTorch at hand: models are made without them."""

import torch


def tolerate_missing_operators():
    """Lets torchvision register what it has no operators for."""
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    register = torch.library.register_fake

    def tolerant(name, *args, **kwargs):
        decorate = register(name, *args, **kwargs)

        def keep(function):
            try:
                return decorate(function)
            except RuntimeError:
                return function

        return keep

    torch.library.register_fake = tolerant
    return library


try:
    import torchvision  # noqa: F401
except ImportError:
    pass
except RuntimeError:
    kept = tolerate_missing_operators()
