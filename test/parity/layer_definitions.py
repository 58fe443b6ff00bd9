"""Layers that torch.nn has no class for, as their papers or their own libraries define them, in plain PyTorch."""
