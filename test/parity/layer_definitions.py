"""Layers that torch.nn has no class for, as their papers or their own libraries define them, in plain PyTorch."""

import torch


class SyncBatchNorm(torch.nn.modules.batchnorm._BatchNorm):
    """What torch.nn.SyncBatchNorm computes on one device, which it refuses to compute on a CPU: BatchNorm of any rank."""

    def _check_input_dim(self, input):
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")
