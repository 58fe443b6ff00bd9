import { repeat } from '../../../measure';

/** A network that is known to train, though a naive rule may flag it. */
export interface Healthy {
  readonly name: string;
  readonly network: object;
}

export const linear = (width: number, init: object = {}, more: object = {}) => ({
  Linear: { out_features: width, init, ...more },
});
export const conv = (channels: number, more: object = {}) => ({
  Conv2d: { out_channels: channels, kernel_size: 3, padding: 1, ...more },
});
export const plainConv = (channels: number, more: object = {}) => conv(channels, { bias: false, ...more });
export const normal = (std: number) => ({ weight: { normal: { std } }, bias: { constant: 0 } });
export const he = { weight: { kaiming_normal: { nonlinearity: 'relu' } }, bias: { constant: 0 } };
export const xavier = (gain = 1) => ({ weight: { xavier_uniform: { gain } }, bias: { constant: 0 } });
export const pooled = [{ AdaptiveAvgPool2d: { output_size: 1 } }, 'Flatten'];
export const head = linear(10);
export const adam = (lr: number) => ({ Adam: { lr } });
export const sgd = (lr: number, momentum = 0.9) => ({ SGD: { lr, momentum } });

export const vectors = (layers: readonly unknown[], more: object = {}) => ({ input: [64], batch: 32, layers, ...more });
export const images = (layers: readonly unknown[], more: object = {}) => ({
  input: [3, 16, 16],
  batch: 16,
  layers,
  ...more,
});
export const tokens = (layers: readonly unknown[], more: object = {}) => ({
  input: [16, 48],
  batch: 16,
  layers,
  ...more,
});

const attention = { MultiheadAttention: { num_heads: 4, batch_first: true } };
const feedForward = [linear(96), 'GELU', linear(48)];
const basicBlock = (channels: number, gamma?: number) => [
  {
    residual: [
      plainConv(channels),
      'BatchNorm2d',
      'ReLU',
      plainConv(channels),
      gamma === undefined ? 'BatchNorm2d' : { BatchNorm2d: { init: { weight: { constant: gamma } } } },
    ],
  },
  'ReLU',
];
const squeeze = (channels: number) => ({
  residual: [plainConv(channels), 'BatchNorm2d', 'SiLU', plainConv(channels), 'BatchNorm2d'],
});
/** GPT-2: weights of 0.02, those that end a branch smaller by √(2·layers). */
const gpt = (layers: number) => {
  const last = normal(0.02 / Math.sqrt(2 * layers));
  return [
    repeat(
      layers,
      { residual: ['LayerNorm', attention] },
      { residual: ['LayerNorm', linear(192, normal(0.02)), 'GELU', linear(48, last)] },
    ),
    'LayerNorm',
    { mean: { dim: 1 } },
    linear(10, normal(0.02)),
  ];
};

export const healthy: readonly Healthy[] = [
  { name: 'two layers of ReLU', network: vectors([linear(128), 'ReLU', head], { optimizer: sgd(0.1) }) },
  {
    name: 'five layers of ReLU, Adam',
    network: vectors([repeat(4, linear(128), 'ReLU'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'fifteen layers of ReLU, He',
    network: vectors([repeat(15, linear(64, he), 'ReLU'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'twelve layers of tanh, Glorot times 5/3',
    network: vectors([repeat(12, linear(64, xavier(5 / 3)), 'Tanh'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'two layers of sigmoid',
    network: vectors([repeat(2, linear(64), 'Sigmoid'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'eight layers of sigmoid with BatchNorm',
    network: vectors([repeat(8, linear(64), 'BatchNorm1d', 'Sigmoid'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'ten layers of SELU, LeCun',
    network: vectors(
      [
        repeat(
          10,
          linear(64, { weight: { kaiming_normal: { nonlinearity: 'linear' } }, bias: { constant: 0 } }),
          'SELU',
        ),
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'six layers of LeakyReLU',
    network: vectors([repeat(6, linear(64), { LeakyReLU: { negative_slope: 0.2 } }), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'twenty layers of LayerNorm and ReLU',
    network: vectors([repeat(20, linear(64), 'LayerNorm', 'ReLU'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'ten layers of BatchNorm and ReLU',
    network: vectors([repeat(10, linear(64, {}, { bias: false }), 'BatchNorm1d', 'ReLU'), head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'BatchNorm, learning rate 0.1, momentum 0.9',
    network: vectors([linear(256), 'BatchNorm1d', 'ReLU', linear(256), 'BatchNorm1d', 'ReLU', head], {
      optimizer: sgd(0.1),
      batch: 128,
    }),
  },
  {
    name: 'a head that starts at zero',
    network: vectors([linear(128), 'ReLU', linear(10, { weight: 'zeros', bias: 'zeros' })], { optimizer: adam(1e-3) }),
  },
  {
    name: 'few inputs and tanh, as solvers of equations have',
    network: {
      input: [2],
      batch: 64,
      loss: 'MSELoss',
      optimizer: adam(1e-3),
      layers: [repeat(5, linear(50, xavier()), 'Tanh'), linear(1)],
    },
  },
  {
    name: 'a value function of four numbers',
    network: {
      input: [4],
      batch: 64,
      optimizer: adam(3e-4),
      loss: 'MSELoss',
      layers: [linear(64), 'Tanh', linear(64), 'Tanh', linear(1)],
    },
  },
  {
    name: 'an autoencoder with two numbers in the middle',
    network: vectors([linear(32), 'ReLU', linear(2), linear(32), 'ReLU', linear(64)], {
      loss: 'MSELoss',
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'a policy with a sigmoid output',
    network: vectors([linear(64), 'ReLU', linear(4), 'Sigmoid'], { loss: 'BCELoss', optimizer: adam(1e-3) }),
  },
  {
    name: 'fine-tuning with a small rate',
    network: vectors([repeat(3, linear(128), 'GELU'), head], { optimizer: { AdamW: { lr: 2e-5 } } }),
  },
  {
    name: 'a residual network without norms, PyTorch’s initialization',
    network: vectors([linear(64), repeat(10, { residual: ['ReLU', linear(64), 'ReLU', linear(64)] }), head], {
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'a residual network whose branches start at zero',
    network: vectors(
      [
        linear(64),
        repeat(16, { residual: [linear(64, he), 'ReLU', linear(64, { weight: 'zeros', bias: 'zeros' })] }),
        head,
      ],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'four residual blocks without norms, He',
    network: vectors([linear(64), repeat(4, { residual: ['ReLU', linear(64, he)] }), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'twenty-four residual blocks, LayerNorm first',
    network: vectors([linear(64), repeat(24, { residual: ['LayerNorm', 'ReLU', linear(64, he)] }), 'LayerNorm', head], {
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'LeNet',
    network: images(
      [
        conv(6),
        'Tanh',
        { AvgPool2d: { kernel_size: 2 } },
        conv(16),
        'Tanh',
        { AvgPool2d: { kernel_size: 2 } },
        'Flatten',
        linear(120),
        'Tanh',
        linear(84),
        'Tanh',
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'a plain convolutional network',
    network: images(
      [
        conv(16),
        'ReLU',
        { MaxPool2d: { kernel_size: 2 } },
        conv(32),
        'ReLU',
        { MaxPool2d: { kernel_size: 2 } },
        'Flatten',
        linear(64),
        'ReLU',
        head,
      ],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'thirty layers of Conv-BatchNorm-ReLU',
    network: images([repeat(30, plainConv(12), 'BatchNorm2d', 'ReLU'), ...pooled, head], {
      input: [3, 8, 8],
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'VGG with BatchNorm behind biases',
    network: images(
      [
        repeat(2, conv(16), 'BatchNorm2d', 'ReLU'),
        { MaxPool2d: { kernel_size: 2 } },
        repeat(2, conv(32), 'BatchNorm2d', 'ReLU'),
        { MaxPool2d: { kernel_size: 2 } },
        'Flatten',
        linear(64),
        'ReLU',
        { Dropout: { p: 0.5 } },
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'a ResNet',
    network: images([plainConv(16), 'BatchNorm2d', 'ReLU', repeat(6, ...basicBlock(16)), ...pooled, head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'a ResNet whose last gains start at zero',
    network: images([plainConv(16), 'BatchNorm2d', 'ReLU', repeat(6, ...basicBlock(16, 0)), ...pooled, head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'a ResNet with the norm first',
    network: images(
      [
        plainConv(16),
        repeat(8, { residual: ['BatchNorm2d', 'ReLU', plainConv(16), 'BatchNorm2d', 'ReLU', plainConv(16)] }),
        'BatchNorm2d',
        'ReLU',
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.1) },
    ),
  },
  {
    name: 'a WideResNet, Dropout inside',
    network: images(
      [
        plainConv(16),
        repeat(4, {
          residual: [
            'BatchNorm2d',
            'ReLU',
            plainConv(16),
            { Dropout: { p: 0.3 } },
            'BatchNorm2d',
            'ReLU',
            plainConv(16),
          ],
        }),
        'BatchNorm2d',
        'ReLU',
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.1) },
    ),
  },
  {
    name: 'depthwise convolutions with Hardswish',
    network: images(
      [
        plainConv(16),
        'BatchNorm2d',
        'Hardswish',
        repeat(4, {
          residual: [
            { Conv2d: { out_channels: 48, kernel_size: 1, bias: false } },
            'BatchNorm2d',
            'Hardswish',
            plainConv(48, { groups: 48 }),
            'BatchNorm2d',
            'Hardswish',
            { Conv2d: { out_channels: 16, kernel_size: 1, bias: false } },
            'BatchNorm2d',
          ],
        }),
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.05) },
    ),
  },
  {
    name: 'DenseNet’s concatenations',
    network: images(
      [
        plainConv(16),
        repeat(5, { concat: [['Identity'], ['BatchNorm2d', 'ReLU', plainConv(8)]], dim: 1 }),
        'BatchNorm2d',
        'ReLU',
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.1) },
    ),
  },
  {
    name: 'GroupNorm at batch 2',
    network: images([repeat(6, plainConv(16), { GroupNorm: { num_groups: 4 } }, 'ReLU'), ...pooled, head], {
      batch: 2,
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'a residual SiLU network',
    network: images([plainConv(16), repeat(5, squeeze(16)), ...pooled, head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'super-resolution without norms',
    network: {
      input: [3, 16, 16],
      batch: 8,
      loss: 'L1Loss',
      optimizer: adam(1e-4),
      layers: [conv(16), repeat(8, { residual: [conv(16), 'ReLU', conv(16)] }), conv(3)],
    },
  },
  {
    name: 'segmentation with GroupNorm',
    network: {
      input: [3, 16, 16],
      batch: 4,
      task: { kind: 'classification', classes: 5, class_dim: 1 },
      loss: 'CrossEntropyLoss',
      optimizer: adam(1e-3),
      layers: [
        repeat(4, plainConv(16), { GroupNorm: { num_groups: 4 } }, 'ReLU'),
        { Conv2d: { out_channels: 5, kernel_size: 1 } },
      ],
    },
  },
  {
    name: 'a discriminator of DCGAN',
    network: images(
      [
        conv(16, { init: normal(0.02), stride: 2 }),
        { LeakyReLU: { negative_slope: 0.2 } },
        plainConv(32, { init: { weight: { normal: { std: 0.02 } } }, stride: 2 }),
        'BatchNorm2d',
        { LeakyReLU: { negative_slope: 0.2 } },
        'Flatten',
        linear(1, normal(0.02)),
        'Sigmoid',
      ],
      { loss: 'BCELoss', optimizer: { Adam: { lr: 2e-4, betas: [0.5, 0.999] } } },
    ),
  },
  {
    name: 'a Transformer, norm first',
    network: tokens(
      [
        repeat(6, { residual: ['LayerNorm', attention] }, { residual: ['LayerNorm', ...feedForward] }),
        'LayerNorm',
        { mean: { dim: 1 } },
        head,
      ],
      { optimizer: adam(3e-4) },
    ),
  },
  {
    name: 'a Transformer, norm last',
    network: tokens(
      [
        repeat(4, { residual: [attention] }, 'LayerNorm', { residual: feedForward }, 'LayerNorm'),
        { mean: { dim: 1 } },
        head,
      ],
      { optimizer: adam(3e-4) },
    ),
  },
  { name: 'GPT-2’s initialization', network: tokens(gpt(8), { optimizer: { AdamW: { lr: 6e-4 } } }) },
  {
    name: 'CLIP’s two norms in a row',
    network: tokens(
      [
        'LayerNorm',
        repeat(4, { residual: ['LayerNorm', attention] }, { residual: ['LayerNorm', ...feedForward] }),
        'LayerNorm',
        { mean: { dim: 1 } },
        'LayerNorm',
        linear(10, {}, { bias: false }),
      ],
      { optimizer: adam(3e-4) },
    ),
  },
  {
    name: 'words and a GRU',
    network: {
      input: { words: { shape: [20], vocabulary: 200 } },
      batch: 16,
      optimizer: adam(1e-3),
      layers: [
        { Embedding: { num_embeddings: 200, embedding_dim: 32 } },
        { GRU: { hidden_size: 48, batch_first: true } },
        { mean: { dim: 1 } },
        head,
      ],
    },
  },
  {
    name: 'an LSTM over numbers',
    network: {
      input: [20, 8],
      batch: 16,
      optimizer: adam(1e-3),
      layers: [{ LSTM: { hidden_size: 48, batch_first: true, num_layers: 2 } }, { mean: { dim: 1 } }, head],
    },
  },
  {
    name: 'an MLP-Mixer',
    network: tokens(
      [
        repeat(
          4,
          {
            residual: [
              'LayerNorm',
              { transpose: { dim0: 1, dim1: 2 } },
              linear(32),
              'GELU',
              linear(16),
              { transpose: { dim0: 1, dim1: 2 } },
            ],
          },
          { residual: ['LayerNorm', ...feedForward] },
        ),
        'LayerNorm',
        { mean: { dim: 1 } },
        head,
      ],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'recurrence written as tanh layers, orthogonal',
    network: vectors(
      [repeat(10, linear(64, { weight: { orthogonal: { gain: 1 } }, bias: { constant: 0 } }), 'Tanh'), head],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'regression with one output',
    network: vectors([repeat(3, linear(64), 'ReLU'), linear(1)], { loss: 'MSELoss', optimizer: adam(1e-3) }),
  },
  {
    name: 'three columns of categories, each with a table of its own, one of two rows',
    network: {
      input: { x: { shape: [3], vocabulary: 24 } },
      batch: 32,
      optimizer: adam(1e-3),
      layers: [24, 2, 9]
        .flatMap((rows, column): unknown[] => [
          { select: { dim: 1, index: column }, id: `column${column}`, from: 'x' },
          { Embedding: { num_embeddings: rows, embedding_dim: 12 }, id: `table${column}` },
        ])
        .concat({ cat: { dim: 1 }, from: ['table0', 'table1', 'table2'] }, linear(64), 'ReLU', head),
    },
  },
  {
    name: 'a policy whose mean begins near zero, scaled to its actions',
    network: vectors(
      [repeat(2, linear(64), 'Tanh'), linear(6, { weight: { orthogonal: { gain: 0.01 } } }), { mul: { other: 2 } }],
      { loss: 'MSELoss', optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'many labels',
    network: vectors([repeat(3, linear(64), 'ReLU'), linear(20)], { loss: 'BCEWithLogitsLoss', optimizer: adam(1e-3) }),
  },
];
