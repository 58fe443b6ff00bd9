import { repeat } from '../../../measure';
import { adam, conv, he, head, images, linear, normal, plainConv, pooled, sgd, tokens, vectors } from './healthy';

/** A network with a fault, and the rule that is to name it. */
export interface Broken {
  readonly name: string;
  readonly rule: string;
  readonly network: object;
}

const constant = (value: number) => ({ weight: { constant: value }, bias: { constant: 0 } });

export const broken: readonly Broken[] = [
  {
    name: 'ten layers of sigmoid',
    rule: 'vanishing-gradient',
    network: vectors([repeat(10, linear(64), 'Sigmoid'), head], { optimizer: sgd(0.1) }),
  },
  {
    name: 'five layers of sigmoid',
    rule: 'vanishing-gradient',
    network: vectors([repeat(5, linear(64), 'Sigmoid'), head], { optimizer: sgd(0.1) }),
  },
  {
    name: 'convolutions with sigmoids',
    rule: 'vanishing-gradient',
    network: images([repeat(6, conv(12), 'Sigmoid'), ...pooled, head], { optimizer: sgd(0.1) }),
  },
  {
    name: 'twelve tanh layers, PyTorch’s initialization',
    rule: 'vanishing-gradient',
    network: vectors([repeat(12, linear(64), 'Tanh'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'fifty layers of BatchNorm and ReLU',
    rule: 'exploding-gradient',
    network: vectors([repeat(50, linear(64, {}, { bias: false }), 'BatchNorm1d', 'ReLU'), head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'twenty layers, twice He’s scale',
    rule: 'exploding-gradient',
    network: vectors(
      [
        repeat(
          12,
          linear(64, { weight: { kaiming_normal: { nonlinearity: 'relu', a: 0 } }, bias: { constant: 0 } }),
          'ReLU',
          linear(64, normal(0.5)),
          'ReLU',
        ),
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'weights of deviation 1',
    rule: 'initialization-out-of-scale',
    network: vectors(
      [linear(256, normal(1)), 'ReLU', linear(256, normal(1)), 'ReLU', linear(256, normal(1)), 'ReLU', head],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'torch.randn weights in convolutions',
    rule: 'initialization-out-of-scale',
    network: images(
      [
        conv(16, { init: normal(1) }),
        'ReLU',
        conv(32, { init: normal(1) }),
        'ReLU',
        conv(32, { init: normal(1) }),
        'ReLU',
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'weights of deviation 0.001',
    rule: 'initialization-out-of-scale',
    network: vectors([repeat(4, linear(128, normal(0.001)), 'ReLU'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'one layer far too small',
    rule: 'initialization-out-of-scale',
    network: vectors([linear(128), 'ReLU', linear(128, normal(1e-4)), 'ReLU', linear(128), 'ReLU', head], {
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'weights of deviation 1 before tanh',
    rule: 'initialization-out-of-scale',
    network: vectors([repeat(3, linear(256, normal(1)), 'Tanh'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'every weight 0.01',
    rule: 'collapsed-representations',
    network: vectors([repeat(3, linear(64, constant(0.01)), 'ReLU'), linear(10, constant(0.01))], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'ones for weights in one layer',
    rule: 'collapsed-representations',
    network: vectors([linear(64), 'ReLU', linear(64, constant(1 / 64)), 'ReLU', head], { optimizer: sgd(0.1) }),
  },
  {
    name: 'fifty layers of ReLU, He',
    rule: 'collapsed-representations',
    network: vectors([repeat(50, linear(64, he), 'ReLU'), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'zeros for all weights',
    rule: 'collapsed-representations',
    network: vectors([linear(64, constant(0)), 'ReLU', linear(64, constant(0)), 'ReLU', linear(10, constant(0))], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'biases far below zero',
    rule: 'dead-units',
    network: vectors([linear(64, { bias: { constant: -20 } }), 'ReLU', linear(64), 'ReLU', head], {
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'biases of −3 in a convolution',
    rule: 'dead-units',
    network: images([conv(16), 'ReLU', conv(16, { init: { bias: { constant: -3 } } }), 'ReLU', ...pooled, head], {
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'sigmoids far to the left',
    rule: 'saturated-activation',
    network: vectors([linear(64, { bias: { constant: -6 } }), 'Sigmoid', linear(64), 'ReLU', head], {
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'attention without its scale',
    rule: 'saturated-activation',
    network: {
      input: [16, 256],
      batch: 8,
      optimizer: adam(1e-3),
      layers: [
        { Linear: { out_features: 256, init: normal(0.0625) }, id: 'q' },
        { Linear: { out_features: 256, init: normal(0.0625) }, id: 'k', from: 'input' },
        { transpose: { dim0: 1, dim1: 2 }, id: 'kt' },
        { matmul: {}, from: ['q', 'kt'] },
        { Softmax: { dim: -1 }, id: 'weights' },
        { matmul: {}, from: ['weights', 'input'] },
        { mean: { dim: 1 } },
        head,
      ],
    },
  },
  {
    name: 'thirty residual blocks without a norm, He',
    rule: 'growing-residual-stream',
    network: vectors([linear(64), repeat(20, { residual: ['ReLU', linear(64, he)] }), head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'residual convolutions without a norm, He',
    rule: 'growing-residual-stream',
    network: images(
      [
        plainConv(16),
        repeat(12, {
          residual: [
            plainConv(16, { init: { weight: he.weight } }),
            'ReLU',
            plainConv(16, { init: { weight: he.weight } }),
          ],
        }),
        ...pooled,
        head,
      ],
      { optimizer: sgd(0.01) },
    ),
  },
  {
    name: 'a huge learning rate of Adam',
    rule: 'update-to-weight-ratio',
    network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: adam(1) }),
  },
  {
    name: 'Adam at 0.1',
    rule: 'update-to-weight-ratio',
    network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: adam(0.1) }),
  },
  {
    name: 'a learning rate next to nothing',
    rule: 'update-to-weight-ratio',
    network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: sgd(1e-9) }),
  },
  {
    name: 'Adam with next to no rate',
    rule: 'update-to-weight-ratio',
    network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: adam(1e-10) }),
  },
  {
    name: 'SGD with a rate of 10',
    rule: 'non-finite',
    network: vectors([repeat(3, linear(128), 'ReLU'), head], { optimizer: sgd(10) }),
  },
  {
    name: 'tanh at a rate of 3',
    rule: 'loss-not-falling',
    network: vectors([repeat(3, linear(64), 'Tanh'), head], { optimizer: sgd(3) }),
  },
  {
    name: 'RMSprop at 0.03',
    rule: 'loss-not-falling',
    network: vectors([repeat(4, linear(256), 'ReLU'), head], { optimizer: { RMSprop: { lr: 0.03 } } }),
  },
  {
    name: 'maximizing instead of minimizing',
    rule: 'loss-not-falling',
    network: vectors([repeat(2, linear(128), 'ReLU'), head], { optimizer: { SGD: { lr: 0.1, maximize: true } } }),
  },
  {
    name: 'a ReLU at the output that is dead',
    rule: 'dead-units',
    network: vectors([linear(64), 'ReLU', linear(10, { bias: { constant: -5 } }), 'ReLU'], { optimizer: sgd(0.1) }),
  },
  {
    name: 'softmax twice',
    rule: 'loss-floor',
    network: vectors([linear(64), 'ReLU', head, { Softmax: { dim: 1 } }], {
      loss: 'CrossEntropyLoss',
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'sigmoid before cross-entropy',
    rule: 'loss-floor',
    network: vectors([linear(64), 'ReLU', head, 'Sigmoid'], { loss: 'CrossEntropyLoss', optimizer: sgd(0.1) }),
  },
  {
    name: 'tanh before cross-entropy',
    rule: 'loss-floor',
    network: vectors([linear(64), 'ReLU', head, 'Tanh'], { loss: 'CrossEntropyLoss', optimizer: sgd(0.1) }),
  },
  {
    name: 'BatchNorm at batch 2',
    rule: 'noisy-batch-statistics',
    network: vectors([repeat(3, linear(64), 'BatchNorm1d', 'ReLU'), head], { batch: 2, optimizer: sgd(0.01) }),
  },
  {
    name: 'BatchNorm at batch 4',
    rule: 'noisy-batch-statistics',
    network: vectors([repeat(3, linear(64), 'BatchNorm1d', 'ReLU'), head], { batch: 4, optimizer: sgd(0.01) }),
  },
  {
    name: 'BatchNorm behind pooling, at batch 6',
    rule: 'noisy-batch-statistics',
    network: images([conv(16), 'ReLU', ...pooled, linear(32), 'BatchNorm1d', 'ReLU', head], {
      batch: 6,
      optimizer: sgd(0.01),
    }),
  },
  {
    name: 'BatchNorm with a momentum of 0.001',
    rule: 'batchnorm-inference-gap',
    network: vectors([repeat(3, linear(64), { BatchNorm1d: { momentum: 0.001 } }, 'ReLU'), head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'Dropout of a half before BatchNorm',
    rule: 'batchnorm-inference-gap',
    network: vectors([repeat(4, linear(64), 'ReLU', { Dropout: { p: 0.5 } }, 'BatchNorm1d'), head], {
      optimizer: sgd(0.1),
    }),
  },
  {
    name: 'the logarithm of what may be negative',
    rule: 'non-finite',
    network: vectors([linear(64), { log: {} }, head], { optimizer: sgd(0.01) }),
  },
  {
    name: 'a learning rate of 1e30',
    rule: 'non-finite',
    network: vectors([repeat(2, linear(64), 'ReLU'), head], { optimizer: sgd(1e30) }),
  },
  {
    name: 'attention of weights of deviation 1',
    rule: 'initialization-out-of-scale',
    network: tokens([linear(48, normal(1)), 'GELU', linear(48, normal(1)), 'GELU', { mean: { dim: 1 } }, head], {
      optimizer: adam(1e-3),
    }),
  },
];
