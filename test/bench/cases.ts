import type { OptimizerChoice } from '../../src/engine/network';

/** One training step that is measured: a model of models/, its input and the most that it may take. */
export interface StepCase {
  readonly name: string;
  readonly file: string;
  /** The function of the file that returns the model. */
  readonly model: string;
  /** One sample. */
  readonly input: readonly number[];
  readonly batch: number;
  readonly optimizer?: Omit<OptimizerChoice, 'origin'>;
  /** Our milliseconds a step over PyTorch's, at most. */
  readonly limit: number;
}

const ADAM = { kind: 'Adam', settings: { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0 } } as const;

export const stepCases: readonly StepCase[] = [
  { name: 'MLP 8×64, batch 32', file: 'mlp.py', model: 'mlp_8x64', input: [64], batch: 32, limit: 0.35 },
  { name: 'MLP 20×256, batch 64', file: 'mlp.py', model: 'mlp_20x256', input: [256], batch: 64, limit: 0.6 },
  { name: 'MLP 10×1024, batch 128', file: 'mlp.py', model: 'mlp_10x1024', input: [1024], batch: 128, limit: 1 },
  {
    name: 'CNN 6 conv-BN-ReLU, 32 channels, 16×16, batch 16',
    file: 'cnn.py',
    model: 'cnn_32',
    input: [3, 16, 16],
    batch: 16,
    limit: 0.8,
  },
  {
    name: 'CNN 6 conv-BN-ReLU, 64 channels, 32×32, batch 32',
    file: 'cnn.py',
    model: 'cnn_64',
    input: [3, 32, 32],
    batch: 32,
    limit: 1.5,
  },
  {
    name: 'ResNet-18 at 64×64, batch 16',
    file: 'resnet.py',
    model: 'resnet18',
    input: [3, 64, 64],
    batch: 16,
    limit: 1.5,
  },
  {
    name: 'LSTM 2×128, 32 steps, batch 32',
    file: 'lstm.py',
    model: 'lstm_2x128',
    input: [32, 128],
    batch: 32,
    limit: 0.6,
  },
  {
    name: 'Transformer 4×256 (pre-LN), 64 tokens, batch 16',
    file: 'transformer.py',
    model: 'transformer_4x256',
    input: [64, 256],
    batch: 16,
    optimizer: ADAM,
    limit: 0.8,
  },
];

/** The whole report with advice, process start to JSON. */
export const REPORT_CASE = { name: 'whole report of deep_sigmoid.py with advice', limit: 0.35 } as const;

/** A step with all instruments on over one without any, at most. */
export const INSTRUMENTS_LIMIT = 1.1;
