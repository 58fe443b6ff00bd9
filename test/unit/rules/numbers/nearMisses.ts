import { repeat } from '../../../measure';
import { adam, conv, type Healthy, he, head, images, linear, normal, plainConv, pooled, sgd, vectors } from './healthy';

/** Networks just inside each rule's threshold: they train too. */
export const nearMisses: readonly Healthy[] = [
  {
    name: 'He by fan-out from 256 to 64',
    network: vectors(
      [
        linear(256, he),
        'ReLU',
        linear(64, { weight: { kaiming_normal: { mode: 'fan_out', nonlinearity: 'relu' } } }),
        'ReLU',
        head,
      ],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'a policy’s head of gain 0.01',
    network: vectors([repeat(2, linear(64), 'Tanh'), linear(4, { weight: { orthogonal: { gain: 0.01 } } })], {
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'branches that end in next to nothing',
    network: vectors([linear(64), repeat(6, { residual: [linear(64, he), 'ReLU', linear(64, normal(1e-4))] }), head], {
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'ConvNeXt’s branches with a scale of 1e-6',
    network: images(
      [
        plainConv(16),
        ...Array.from({ length: 2 }, () => [
          {
            residual: [
              conv(16, { groups: 16 }),
              { GroupNorm: { num_groups: 1 } },
              { permute: { dims: [0, 2, 3, 1] } },
              linear(32),
              'GELU',
              linear(16),
              { permute: { dims: [0, 3, 1, 2] } },
              { LayerScale2d: { init_values: 1e-6 } },
            ],
          },
          conv(16),
        ])
          .flat()
          .slice(0, -1),
        ...pooled,
        head,
      ],
      { optimizer: adam(1e-3) },
    ),
  },
  {
    name: 'weights of deviation 1 before BatchNorm',
    network: vectors([repeat(3, linear(64, normal(1)), 'BatchNorm1d', 'ReLU'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'eight residual blocks without a norm, He',
    network: vectors([linear(64), repeat(8, { residual: ['ReLU', linear(64, he)] }), head], { optimizer: sgd(0.005) }),
  },
  { name: 'Adam at 0.01', network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: adam(0.01) }) },
  { name: 'Adam at 1e-6', network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: adam(1e-6) }) },
  {
    name: 'eight layers of ReLU, PyTorch’s initialization, Adam',
    network: vectors([repeat(8, linear(64), 'ReLU'), head], { optimizer: adam(1e-3) }),
  },
  {
    name: 'three layers at twice He’s scale',
    network: vectors([repeat(2, linear(64, normal(2 * Math.sqrt(2 / 64))), 'ReLU'), head], { optimizer: adam(3e-3) }),
  },
  {
    name: 'twenty layers of BatchNorm and ReLU',
    network: vectors([repeat(20, linear(64, {}, { bias: false }), 'BatchNorm1d', 'ReLU'), head], {
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'ReLU6 at the output',
    network: vectors([linear(64), 'ReLU', linear(10, { bias: { constant: 1 } }), 'ReLU6'], {
      loss: 'CrossEntropyLoss',
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'softmax before a squared error',
    network: vectors([linear(64), 'ReLU', head, { Softmax: { dim: 1 } }], { loss: 'MSELoss', optimizer: adam(1e-3) }),
  },
  {
    name: 'BatchNorm at batch 16',
    network: vectors([repeat(2, linear(64, {}, { bias: false }), 'BatchNorm1d', 'ReLU'), head], {
      batch: 16,
      optimizer: sgd(0.05),
    }),
  },
  {
    name: 'BatchNorm with a momentum of 0.01',
    network: vectors([repeat(2, linear(64, {}, { bias: false }), { BatchNorm1d: { momentum: 0.01 } }, 'ReLU'), head], {
      optimizer: sgd(0.05),
    }),
  },
  {
    name: 'Dropout of 0.2 before BatchNorm',
    network: vectors(
      [repeat(2, linear(64, {}, { bias: false }), { Dropout: { p: 0.2 } }, 'BatchNorm1d', 'ReLU'), head],
      {
        optimizer: sgd(0.05),
      },
    ),
  },
  {
    name: 'biases of −0.5',
    network: images(
      [conv(16, { init: { bias: { constant: -0.5 } } }), 'ReLU', plainConv(16), 'ReLU', ...pooled, head],
      {
        optimizer: adam(1e-3),
      },
    ),
  },
  {
    name: 'sigmoids of N(−2, 1)',
    network: vectors([linear(64, { bias: { normal: { mean: -2, std: 1 } } }), 'Sigmoid', linear(64), 'ReLU', head], {
      optimizer: adam(1e-3),
    }),
  },
  {
    name: 'weight decay and gradient clipping',
    network: vectors([repeat(3, linear(64), 'GELU'), head], {
      optimizer: { SGD: { lr: 0.1, momentum: 0.9, weight_decay: 5e-4 }, clip_grad_norm: 1 },
    }),
  },
  {
    name: 'twenty-five layers of ReLU, He',
    network: vectors([repeat(25, linear(128, he), 'ReLU'), head], { optimizer: adam(3e-4) }),
  },
];
