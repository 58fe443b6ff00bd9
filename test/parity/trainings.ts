import type { Attributes, LossKind, OptimizerKind } from '../../src/engine/network';

/** A sequential network as a description has it; every layer is also a class of torch.nn with these attributes. */
export interface TrainingCase {
  readonly name: string;
  readonly input: readonly number[];
  readonly batch: number;
  readonly loss: LossKind;
  readonly lossSettings?: Attributes;
  readonly optimizer: {
    readonly kind: OptimizerKind;
    readonly settings: Readonly<Record<string, unknown>>;
    /** As a description has them. */
    readonly groups?: readonly Readonly<Record<string, unknown>>[];
    readonly clip_grad_norm?: number;
    readonly clip_grad_value?: number;
  };
  readonly layers: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
}

/** Trainings that are held against PyTorch's: losses, figures of every layer at every step, and the evaluations. */
export const trainings: readonly TrainingCase[] = [
  {
    name: 'MLP, SGD with momentum',
    input: [12],
    batch: 16,
    loss: 'CrossEntropyLoss',
    optimizer: { kind: 'SGD', settings: { lr: 0.1, momentum: 0.9 } },
    layers: [
      { Linear: { out_features: 16 } },
      { Tanh: {} },
      { Linear: { out_features: 16 } },
      { Sigmoid: {} },
      { Linear: { out_features: 10 } },
    ],
  },
  {
    name: 'MLP, Adam, regression',
    input: [12],
    batch: 16,
    loss: 'MSELoss',
    optimizer: { kind: 'Adam', settings: { lr: 0.01 } },
    layers: [
      { Linear: { out_features: 16 } },
      { GELU: {} },
      { LayerNorm: { normalized_shape: [16] } },
      { Linear: { out_features: 3 } },
    ],
  },
  {
    name: 'CNN with BatchNorm and a Dropout of nothing, SGD with Nesterov and weight decay',
    input: [3, 8, 8],
    batch: 16,
    loss: 'CrossEntropyLoss',
    optimizer: { kind: 'SGD', settings: { lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01 } },
    layers: [
      { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
      { BatchNorm2d: {} },
      { ReLU: {} },
      { MaxPool2d: { kernel_size: 2 } },
      { Conv2d: { out_channels: 12, kernel_size: 3, stride: 2, padding: 1, bias: false } },
      { BatchNorm2d: { momentum: 0.3 } },
      { LeakyReLU: { negative_slope: 0.1 } },
      { AdaptiveAvgPool2d: { output_size: 1 } },
      { Flatten: {} },
      { Dropout: { p: 0 } },
      { Linear: { out_features: 10 } },
    ],
  },
  {
    name: 'AdamW with groups and gradients clipped by their norm, smoothed and weighted classes',
    input: [12],
    batch: 16,
    loss: 'CrossEntropyLoss',
    lossSettings: { label_smoothing: 0.1, weight: [1, 2, 0.5, 1, 3] },
    optimizer: {
      kind: 'AdamW',
      settings: { lr: 0.01, weight_decay: 0.1 },
      groups: [
        { parameters: ['0.bias', '1.weight', '1.bias', '3.bias'], weight_decay: 0 },
        { parameters: ['3.weight'], lr: 0.002 },
      ],
      clip_grad_norm: 0.5,
    },
    layers: [
      { Linear: { out_features: 16 } },
      { LayerNorm: { normalized_shape: [16] } },
      { ReLU: {} },
      { Linear: { out_features: 5 } },
    ],
  },
  {
    name: 'RMSprop, a summed loss, gradients clipped by value',
    input: [8],
    batch: 16,
    loss: 'HuberLoss',
    lossSettings: { delta: 0.5, reduction: 'sum' },
    optimizer: { kind: 'RMSprop', settings: { lr: 0.01, momentum: 0.9, alpha: 0.9 }, clip_grad_value: 1.5 },
    layers: [
      // No bias: behind a batch norm its gradient is rounding, which RMSprop would blow up.
      { Linear: { out_features: 12, bias: false } },
      { BatchNorm1d: {} },
      { Tanh: {} },
      { Linear: { out_features: 1 } },
    ],
  },
  {
    name: 'Adagrad from a filled accumulator, smooth L1',
    input: [8],
    batch: 16,
    loss: 'SmoothL1Loss',
    lossSettings: { beta: 0.7 },
    optimizer: { kind: 'Adagrad', settings: { lr: 0.1, initial_accumulator_value: 0.2, lr_decay: 0.1 } },
    layers: [{ Linear: { out_features: 12 } }, { SiLU: {} }, { Linear: { out_features: 4 } }],
  },
  {
    name: 'a class at each pixel, Adam',
    input: [3, 6, 6],
    batch: 8,
    loss: 'CrossEntropyLoss',
    lossSettings: { ignore_index: 1 },
    optimizer: { kind: 'Adam', settings: { lr: 0.01, amsgrad: true } },
    layers: [
      { Conv2d: { out_channels: 6, kernel_size: 3, padding: 1 } },
      { GELU: {} },
      { Conv2d: { out_channels: 4, kernel_size: 3, padding: 1, stride: 2 } },
    ],
  },
  {
    name: 'several bits, SGD with dampening',
    input: [9],
    batch: 16,
    loss: 'BCEWithLogitsLoss',
    lossSettings: { pos_weight: [2] },
    optimizer: { kind: 'SGD', settings: { lr: 0.1, momentum: 0.8, dampening: 0.5 } },
    layers: [{ Linear: { out_features: 12 } }, { SELU: {} }, { Linear: { out_features: 3 } }],
  },
  {
    name: 'a distribution, by its divergence',
    input: [9],
    batch: 16,
    loss: 'KLDivLoss',
    lossSettings: { reduction: 'batchmean', log_target: true },
    optimizer: { kind: 'Adagrad', settings: { lr: 0.1, weight_decay: 0.01 } },
    layers: [
      { Linear: { out_features: 12 } },
      { ReLU: {} },
      { Linear: { out_features: 5 } },
      { LogSoftmax: { dim: 1 } },
    ],
  },
  {
    name: 'convolutions so large that their sums come from the statistics of the norm behind or before them',
    input: [3, 16, 16],
    batch: 16,
    loss: 'CrossEntropyLoss',
    optimizer: { kind: 'SGD', settings: { lr: 0.1, momentum: 0.9 } },
    layers: [
      { Conv2d: { out_channels: 24, kernel_size: 3, padding: 1 } },
      { BatchNorm2d: {} },
      { ReLU: {} },
      { Conv2d: { out_channels: 32, kernel_size: 3, padding: 1 } },
      { GroupNorm: { num_groups: 4, num_channels: 32 } },
      { ReLU: {} },
      { AdaptiveAvgPool2d: { output_size: 1 } },
      { Flatten: {} },
      { Linear: { out_features: 10 } },
    ],
  },
];

export const TRAINING_STEPS = 5;
