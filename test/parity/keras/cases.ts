import type { Shape } from '../../../src/engine/network';
import { B, each, evaluated } from '../cases/forms';
import type { LayerCase } from '../layerCase';

// Uses of Keras's layers that are held against Keras itself. What Keras takes from the first input is an attribute here.

const tokens = { values: [{ integers: [0, 6] as [number, number] }] };

/** A convolution's uses by dimension. */
function convolutions(dimension: 1 | 2 | 3): Record<string, readonly LayerCase[]> {
  const own: Shape = [B, ...[7, 6, 5].slice(0, dimension), 4];
  const first: Shape = [B, 4, ...[7, 6, 5].slice(0, dimension)];
  const plain = { channels: 4, filters: 6, kernel_size: 3 };
  return {
    [`KerasConv${dimension}D`]: [
      ...each(
        [own],
        plain,
        { ...plain, padding: 'same', strides: 2 },
        { ...plain, kernel_size: 2, padding: 'same', strides: 2 },
        { ...plain, padding: 'same', dilation_rate: 2, use_bias: false },
        { ...plain, groups: 2, strides: 2 },
        ...(dimension === 1 ? [{ ...plain, padding: 'causal', dilation_rate: 2 }] : []),
      ),
      ...each([first], { ...plain, data_format: 'channels_first', padding: 'same', strides: 2 }),
    ],
    [`KerasConv${dimension}DTranspose`]: each(
      [[B, ...[4, 3, 2].slice(0, dimension), 4]],
      plain,
      { ...plain, strides: 2 },
      { ...plain, strides: 2, padding: 'same' },
      { ...plain, kernel_size: 4, strides: 2, padding: 'same', use_bias: false },
      { ...plain, kernel_size: 2, strides: 3 },
      { ...plain, kernel_size: 2, strides: 2, padding: 'same' },
    ),
    [`KerasMaxPooling${dimension}D`]: each(
      [own],
      {},
      { pool_size: 3, strides: 2, padding: 'same' },
      { pool_size: 3, strides: 1, padding: 'same' },
    ),
    // Where 'same' pads one side more than the other, Keras's PyTorch backend repeats the border before it averages; what
    // TensorFlow and JAX give, averages of what is there, is ours.
    [`KerasAveragePooling${dimension}D`]: [
      ...each([own], { pool_size: 2 }, { pool_size: 3, strides: 1, padding: 'same' }),
      ...each([first], { data_format: 'channels_first', pool_size: 3, strides: 1, padding: 'same' }),
    ],
    [`KerasGlobalMaxPooling${dimension}D`]: each([own], {}, { keepdims: true }),
    [`KerasGlobalAveragePooling${dimension}D`]: each([own], {}, { keepdims: true }),
    [`KerasZeroPadding${dimension}D`]: each(
      [own],
      {},
      {
        padding:
          dimension === 1
            ? [0, 2]
            : [
                [0, 1],
                [2, 0],
                [1, 1],
              ].slice(0, dimension),
      },
    ),
    [`KerasCropping${dimension}D`]: each(
      [own],
      { cropping: 1 },
      {
        cropping:
          dimension === 1
            ? [0, 2]
            : [
                [0, 1],
                [2, 0],
                [1, 1],
              ].slice(0, dimension),
      },
    ),
    [`KerasUpSampling${dimension}D`]: each(
      [own],
      {},
      { size: 3 },
      ...(dimension === 2 ? [{ size: [2, 3], interpolation: 'bilinear' }] : []),
    ),
    [`KerasSpatialDropout${dimension}D`]: [...evaluated(each([own], { rate: 0.5 })), ...each([own], { rate: 0 })],
  };
}

const depthwise = { channels: 4, kernel_size: 3 };
const recurrent = { features: 3, units: 4 };

const grouped = {
  features: 6,
  value_features: 6,
  key_features: 6,
  head_dim: 3,
  num_query_heads: 4,
  num_key_value_heads: 2,
};
const convolvedSteps = { channels: 2, filters: 3, kernel_size: 3 };

export const kerasCases: Readonly<Record<string, readonly LayerCase[]>> = {
  KerasDense: [
    ...each([[B, 5]], { features: 5, units: 3 }),
    ...each([[B, 4, 5]], { features: 5, units: 3, use_bias: false }),
  ],
  KerasEmbedding: [{ attributes: { input_dim: 7, output_dim: 3 }, inputs: [[B, 5]], ...tokens }],
  KerasPReLU: each([[B, 3, 4]], { shape: [3, 4] }, { shape: [1, 4] }),
  ...convolutions(1),
  ...convolutions(2),
  ...convolutions(3),
  ...Object.fromEntries(
    ([1, 2] as const).flatMap((dimension) => {
      const own: Shape = [B, ...[7, 6].slice(0, dimension), 4];
      return [
        [
          `KerasDepthwiseConv${dimension}D`,
          each([own], depthwise, { ...depthwise, depth_multiplier: 2, padding: 'same', strides: 2, use_bias: false }),
        ],
        [
          `KerasSeparableConv${dimension}D`,
          each(
            [own],
            { ...depthwise, filters: 6 },
            { ...depthwise, filters: 6, depth_multiplier: 2, padding: 'same', strides: 2 },
          ),
        ],
      ];
    }),
  ),
  KerasDropout: [
    ...evaluated(each([[B, 3]], { rate: 0.5 })),
    ...each([[B, 3]], { rate: 0 }, { rate: 0, noise_shape: [null, 1] }),
  ],
  ...Object.fromEntries(
    ['Add', 'Multiply', 'Average', 'Maximum', 'Minimum'].map((name) => [
      `Keras${name}`,
      [
        ...each(
          [
            [B, 3, 4],
            [B, 3, 4],
            [B, 1, 4],
          ],
          {},
        ),
        ...each(
          [
            [B, 2, 3, 4],
            [B, 1, 1, 4],
          ],
          {},
        ),
      ],
    ]),
  ),
  KerasSubtract: each(
    [
      [B, 3, 4],
      [B, 1, 4],
    ],
    {},
  ),
  KerasConcatenate: each(
    [
      [B, 3, 4],
      [B, 3, 4],
    ],
    {},
    { axis: 1 },
  ),
  KerasRepeatVector: each([[B, 3]], { n: 4 }),
  KerasSimpleRNN: each(
    [[B, 5, 3]],
    recurrent,
    { ...recurrent, activation: 'relu', return_sequences: true },
    { ...recurrent, use_bias: false, go_backwards: true, return_state: true },
  ),
  KerasLSTM: each(
    [[B, 5, 3]],
    recurrent,
    { ...recurrent, return_sequences: true, return_state: true },
    { ...recurrent, use_bias: false, go_backwards: true, return_sequences: true },
    { ...recurrent, activation: 'softsign', recurrent_activation: 'hard_sigmoid', return_state: true },
  ),
  KerasGRU: each(
    [[B, 5, 3]],
    recurrent,
    { ...recurrent, return_sequences: true, return_state: true },
    { ...recurrent, use_bias: false, go_backwards: true },
    { ...recurrent, reset_after: false, return_sequences: true },
    { ...recurrent, activation: 'relu', recurrent_activation: 'hard_sigmoid', go_backwards: true },
  ),
  KerasMultiHeadAttention: [
    ...each(
      [
        [B, 4, 6],
        [B, 4, 6],
      ],
      { features: 6, value_features: 6, key_features: 6, num_heads: 2, key_dim: 3 },
      {
        features: 6,
        value_features: 6,
        key_features: 6,
        num_heads: 2,
        key_dim: 4,
        value_dim: 5,
        use_bias: false,
        output_dim: 7,
      },
      { features: 6, value_features: 6, key_features: 6, num_heads: 2, key_dim: 3, use_causal_mask: true },
    ),
    ...each(
      [
        [B, 4, 6],
        [B, 3, 5],
        [B, 3, 4],
      ],
      {
        features: 6,
        value_features: 5,
        key_features: 4,
        num_heads: 2,
        key_dim: 3,
        operands: ['key'],
      },
    ),
  ],
  KerasGroupedQueryAttention: each(
    [
      [B, 4, 6],
      [B, 3, 6],
    ],
    grouped,
    { ...grouped, num_key_value_heads: 1, use_bias: false },
    { ...grouped, use_causal_mask: true },
  ),
  KerasAttention: each(
    [
      [B, 4, 6],
      [B, 3, 6],
    ],
    { features: 6 },
    { features: 6, use_scale: true, use_causal_mask: true },
    { features: 6, score_mode: 'concat', use_scale: true },
  ),
  KerasAdditiveAttention: each(
    [
      [B, 4, 6],
      [B, 3, 6],
    ],
    { features: 6 },
    { features: 6, use_scale: false },
  ),
  KerasEinsumDense: [
    ...each(
      [[B, 4, 3]],
      { equation: 'abc,cd->abd', output_shape: [null, 5], bias_axes: 'd', kernel_shape: [3, 5], bias_shape: [5] },
      { equation: 'abc,cde->abde', output_shape: [null, 2, 5], kernel_shape: [3, 2, 5] },
      {
        equation: 'abc,cde->abde',
        output_shape: [4, 2, 5],
        bias_axes: 'be',
        kernel_shape: [3, 2, 5],
        bias_shape: [4, 1, 5],
      },
    ),
  ],
  ...Object.fromEntries(
    ([1, 2, 3] as const).map((dimension) => [
      `KerasConvLSTM${dimension}D`,
      each(
        [[B, 3, ...[5, 4, 3].slice(0, dimension), 2]],
        { ...convolvedSteps, padding: 'same' },
        { ...convolvedSteps, kernel_size: 2, strides: 2, return_sequences: true, return_state: true },
        { ...convolvedSteps, padding: 'same', activation: 'relu', use_bias: false, go_backwards: true },
      ),
    ]),
  ),
  KerasGaussianNoise: evaluated(each([[B, 3]], { stddev: 0.5 })),
  KerasGaussianDropout: [...evaluated(each([[B, 3]], { rate: 0.5 })), ...each([[B, 3]], { rate: 0 })],
  KerasRescaling: each([[B, 2, 3]], { scale: 0.5, offset: 1 }, { scale: [0.5, 2, 3] }),
  KerasNormalization: each(
    [[B, 2, 3]],
    { shape: [3] },
    { shape: [3], mean: [0.5, 1, 2], variance: [1, 4, 9] },
    { shape: [2], axis: [1] },
  ),
};
