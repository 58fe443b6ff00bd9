/** A sequential network as a description has it; every layer is also a class of torch.nn with these attributes. */
export interface TrainingCase {
  readonly name: string;
  readonly input: readonly number[];
  readonly batch: number;
  readonly loss: 'CrossEntropyLoss' | 'MSELoss';
  readonly optimizer: { readonly kind: 'SGD' | 'Adam'; readonly settings: Readonly<Record<string, unknown>> };
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
];

export const TRAINING_STEPS = 5;
