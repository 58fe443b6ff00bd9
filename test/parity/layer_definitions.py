"""Layers that torch.nn has no class for, as their papers or their own libraries define them, in plain PyTorch."""

import torch
from torch.nn.utils import parametrizations


class SyncBatchNorm(torch.nn.modules.batchnorm._BatchNorm):
    """What torch.nn.SyncBatchNorm computes on one device, which it refuses to compute on a CPU: BatchNorm of any rank."""

    def _check_input_dim(self, input):
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")


class FrozenBatchNorm2d(torch.nn.Module):
    """torchvision.ops.FrozenBatchNorm2d: all four are buffers."""

    def __init__(self, num_features, eps=1e-5):
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, torch.full((num_features,), float(value)))

    def forward(self, x):
        weight, bias, mean, variance = (
            getattr(self, name).reshape(1, -1, 1, 1) for name in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight * (variance + self.eps).rsqrt()
        return x * scale + (bias - mean * scale)


def by_channel(vector, x, axis=1):
    """A vector beside x, its entries along the axis."""
    return vector.reshape([-1 if a == axis % x.dim() else 1 for a in range(x.dim())])


def moments(x, axes):
    """Mean and biased variance."""
    mean = x.mean(axes, keepdim=True)
    return mean, ((x - mean) ** 2).mean(axes, keepdim=True)


class BatchRenorm(torch.nn.Module):
    """Ioffe 2017, "Batch Renormalization", algorithm 1."""

    def __init__(self, num_features, eps=1e-3, momentum=0.01, rmax=3.0, dmax=5.0, affine=True):
        super().__init__()
        self.eps, self.momentum, self.rmax, self.dmax = eps, momentum, rmax, dmax
        self.weight = torch.nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = torch.nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_std", torch.ones(num_features))
        if momentum is None:
            self.register_buffer("num_batches_tracked", torch.tensor(0.0))

    def forward(self, x):
        mean, deviation = self.running_mean.clone(), self.running_std.clone()
        if self.training:
            axes = [axis for axis in range(x.dim()) if axis != 1]
            batch_mean, batch_variance = moments(x, axes)
            batch_deviation = torch.sqrt(batch_variance + self.eps)
            r = (batch_deviation / by_channel(deviation, x)).clamp(1 / self.rmax, self.rmax).detach()
            d = ((batch_mean - by_channel(mean, x)) / by_channel(deviation, x)).clamp(-self.dmax, self.dmax).detach()
            normal = (x - batch_mean) / batch_deviation * r + d
            with torch.no_grad():
                share = self.momentum
                if share is None:
                    self.num_batches_tracked += 1
                    share = 1 / self.num_batches_tracked
                self.running_mean += share * (batch_mean.flatten() - self.running_mean)
                self.running_std += share * (batch_deviation.flatten() - self.running_std)
        else:
            normal = (x - by_channel(mean, x)) / by_channel(deviation, x)
        if self.weight is None:
            return normal
        return normal * by_channel(self.weight, x) + by_channel(self.bias, x)


class LayerScale(torch.nn.Module):
    """timm.layers.LayerScale."""

    def __init__(self, dim, init_values=1e-5, inplace=False):
        super().__init__()
        self.gamma = torch.nn.Parameter(init_values * torch.ones(dim))

    def forward(self, x):
        return x * self.gamma


class LayerScale2d(LayerScale):
    def forward(self, x):
        return x * self.gamma.view(1, -1, 1, 1)


class AdaIN(torch.nn.Module):
    """Huang & Belongie 2017, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", eq. 8."""

    def __init__(self, eps=1e-5):
        super().__init__()
        self.eps = eps

    def forward(self, content, style):
        mean, variance = moments(content, list(range(2, content.dim())))
        style_mean, style_variance = moments(style, list(range(2, style.dim())))
        shape = list(content.shape[:2]) + [1] * (content.dim() - 2)
        deviation = torch.sqrt(style_variance + self.eps).reshape(shape)
        return deviation * (content - mean) / torch.sqrt(variance + self.eps) + style_mean.reshape(shape)


class SPADE(torch.nn.Module):
    """Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization", eq. 1; the maps are given."""

    def __init__(self, num_features, normalization="batch", eps=1e-5, momentum=0.1, unit_offset=True):
        super().__init__()
        self.normalization, self.eps, self.momentum, self.unit_offset = normalization, eps, momentum, unit_offset
        if normalization == "batch":
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x, gamma, beta):
        if self.normalization == "instance":
            normal = torch.nn.functional.instance_norm(x, eps=self.eps)
        else:
            normal = torch.nn.functional.batch_norm(
                x, self.running_mean, self.running_var, None, None, self.training, self.momentum, self.eps
            )
        return normal * (gamma + (1 if self.unit_offset else 0)) + beta


class AdaLN(torch.nn.Module):
    """Peebles & Xie 2023, "Scalable Diffusion Models with Transformers": LayerNorm without affine, then modulate."""

    def __init__(self, normalized_shape, eps=1e-6):
        super().__init__()
        self.norm = torch.nn.functional.layer_norm
        self.shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
        self.eps = eps

    def forward(self, x, shift, scale):
        def beside(condition):
            while condition.dim() < x.dim():
                condition = condition.unsqueeze(1)
            return condition

        return self.norm(x, self.shape, eps=self.eps) * (1 + beside(scale)) + beside(shift)


class KerasBatchNormalization(torch.nn.Module):
    """Keras 3's BatchNormalization.call: momentum is the weight of the old value, the moving variance is biased."""

    def __init__(self, channels, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True, trainable=True):
        super().__init__()
        self.axis, self.momentum, self.epsilon, self.trainable = axis, momentum, epsilon, trainable
        self.gamma = torch.nn.Parameter(torch.ones(channels)) if scale else None
        self.beta = torch.nn.Parameter(torch.zeros(channels)) if center else None
        self.register_buffer("moving_mean", torch.zeros(channels))
        self.register_buffer("moving_variance", torch.ones(channels))

    def forward(self, x):
        mean, variance = (by_channel(t.clone(), x, self.axis) for t in (self.moving_mean, self.moving_variance))
        if self.training and self.trainable:
            mean, variance = moments(x, [axis for axis in range(x.dim()) if axis != self.axis % x.dim()])
            with torch.no_grad():
                self.moving_mean.copy_(self.moving_mean * self.momentum + mean.flatten() * (1 - self.momentum))
                self.moving_variance.copy_(
                    self.moving_variance * self.momentum + variance.flatten() * (1 - self.momentum)
                )
        y = (x - mean) * torch.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            y = y * by_channel(self.gamma, x, self.axis)
        return y if self.beta is None else y + by_channel(self.beta, x, self.axis)


def along(x, axis):
    """Axes from the front in order, and the shape of a weight beside x."""
    axes = sorted(a % x.dim() for a in ([axis] if isinstance(axis, int) else axis))
    return axes, [size if a in axes else 1 for a, size in enumerate(x.shape)]


class KerasLayerNormalization(torch.nn.Module):
    def __init__(self, shape, axis=-1, epsilon=1e-3, center=True, scale=True, rms_scaling=False):
        super().__init__()
        self.axis, self.epsilon, self.rms_scaling = axis, epsilon, rms_scaling
        self.gamma = torch.nn.Parameter(torch.ones(shape)) if scale or rms_scaling else None
        self.beta = torch.nn.Parameter(torch.zeros(shape)) if center and not rms_scaling else None

    def forward(self, x):
        axes, beside = along(x, self.axis)
        mean, variance = moments(x, axes)
        inverse = torch.rsqrt(variance + self.epsilon)
        y = x * inverse if self.rms_scaling else (x - mean) * inverse
        if self.gamma is not None:
            y = y * self.gamma.reshape(beside)
        return y if self.beta is None else y + self.beta.reshape(beside)


class KerasRMSNormalization(torch.nn.Module):
    def __init__(self, shape, axis=-1, epsilon=1e-6):
        super().__init__()
        self.axis, self.epsilon = axis, epsilon
        self.scale = torch.nn.Parameter(torch.ones(shape))

    def forward(self, x):
        axes, beside = along(x, self.axis)
        return x * torch.rsqrt((x**2).mean(axes, keepdim=True) + self.epsilon) * self.scale.reshape(beside)


class KerasGroupNormalization(torch.nn.Module):
    def __init__(self, channels, groups=32, axis=-1, epsilon=1e-3, center=True, scale=True):
        super().__init__()
        self.groups, self.axis, self.epsilon = channels if groups == -1 else groups, axis, epsilon
        self.gamma = torch.nn.Parameter(torch.ones(channels)) if scale else None
        self.beta = torch.nn.Parameter(torch.zeros(channels)) if center else None

    def forward(self, x):
        moved = x.movedim(self.axis, 1)
        grouped = moved.reshape(x.shape[0], self.groups, -1)
        mean, variance = moments(grouped, [2])
        normal = ((grouped - mean) * torch.rsqrt(variance + self.epsilon)).reshape(moved.shape).movedim(1, self.axis)
        if self.gamma is not None:
            normal = normal * by_channel(self.gamma, x, self.axis)
        return normal if self.beta is None else normal + by_channel(self.beta, x, self.axis)


_WeightNorm = parametrizations._WeightNorm


class _SpectralNorm(parametrizations._SpectralNorm):
    """PyTorch's own, which takes the weight itself."""

    def __init__(self, weight_shape, n_power_iterations=1, dim=0, eps=1e-12):
        shape = [weight_shape] if isinstance(weight_shape, int) else list(weight_shape)
        super().__init__(torch.ones(shape), n_power_iterations, dim, eps)


class SpectralNorm(torch.nn.Module):
    """What the hook of torch.nn.utils.spectral_norm computes, by PyTorch's own code."""

    def __init__(self, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        self.hook = torch.nn.utils.spectral_norm.__globals__["SpectralNorm"]("weight", n_power_iterations, dim, eps)

    def forward(self, weight, u, v):
        self.weight_orig, self.weight_u, self.weight_v = weight, u.detach().clone(), v.detach().clone()
        return self.hook.compute_weight(self, do_power_iteration=self.training)


class WeightStandardization(torch.nn.Module):
    """Qiao et al. 2019, "Micro-Batch Training with Batch-Channel Normalization and Weight Standardization", eq. 5."""

    def __init__(self, eps=1e-5):
        super().__init__()
        self.eps = eps

    def forward(self, weight):
        mean, variance = moments(weight, list(range(1, weight.dim())))
        return (weight - mean) / torch.sqrt(variance + self.eps)


def half(kernel, stride, dilation):
    """timm's padding: ((stride - 1) + dilation * (kernel - 1)) // 2 an axis."""
    sizes = [value if isinstance(value, tuple) else (value, value) for value in (kernel, stride, dilation)]
    return tuple((s - 1 + d * (k - 1)) // 2 for k, s, d in zip(*sizes))


class StdConv2d(torch.nn.Conv2d):
    """timm.layers.StdConv2d."""

    def __init__(
        self, in_channel, out_channels, kernel_size, stride=1, padding=None, dilation=1, groups=1, bias=False, eps=1e-6
    ):
        padding = half(kernel_size, stride, dilation) if padding is None else padding
        super().__init__(in_channel, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.eps = eps

    def standardized(self, gain=None):
        return torch.nn.functional.batch_norm(
            self.weight.reshape(1, self.out_channels, -1), None, None, gain, training=True, momentum=0.0, eps=self.eps
        ).reshape_as(self.weight)

    def forward(self, x):
        return self._conv_forward(x, self.standardized(), self.bias)


class ScaledStdConv2d(StdConv2d):
    """timm.layers.ScaledStdConv2d."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=None,
        dilation=1,
        groups=1,
        bias=True,
        gamma=1.0,
        eps=1e-6,
        gain_init=1.0,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, eps)
        self.gain = torch.nn.Parameter(torch.full((out_channels, 1, 1, 1), float(gain_init)))
        self.scale = gamma * self.weight[0].numel() ** -0.5

    def forward(self, x):
        return self._conv_forward(x, self.standardized((self.gain * self.scale).view(-1)), self.bias)


def stochastic_depth(input, p, mode, training=True):
    """torchvision 0.24, torchvision/ops/stochastic_depth.py."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"drop probability has to be between 0 and 1, but got {p}")
    if mode not in ["batch", "row"]:
        raise ValueError(f"mode has to be either 'batch' or 'row', but got {mode}")
    if not training or p == 0.0:
        return input
    survival_rate = 1.0 - p
    size = [input.shape[0]] + [1] * (input.ndim - 1) if mode == "row" else [1] * input.ndim
    noise = torch.empty(size, dtype=input.dtype).bernoulli_(survival_rate)
    if survival_rate > 0.0:
        noise.div_(survival_rate)
    return input * noise


class StochasticDepth(torch.nn.Module):
    def __init__(self, p, mode):
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, input):
        return stochastic_depth(input, self.p, self.mode, self.training)


def drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True):
    """timm 1.0, timm/layers/drop.py."""
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    random_tensor = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep_prob)
    if keep_prob > 0.0 and scale_by_keep:
        random_tensor.div_(keep_prob)
    return x * random_tensor


class DropPath(torch.nn.Module):
    def __init__(self, drop_prob=0.0, scale_by_keep=True):
        super().__init__()
        self.drop_prob = drop_prob
        self.scale_by_keep = scale_by_keep

    def forward(self, x):
        return drop_path(x, self.drop_prob, self.training, self.scale_by_keep)
