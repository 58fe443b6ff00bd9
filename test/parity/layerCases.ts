import type { Mode } from '../../src/engine/layers';
import { type Attributes, BATCH, type Shape } from '../../src/engine/network';

/** One use of a layer kind that is held against PyTorch: as a module, or as a function by its full name. */
export interface LayerCase {
  /** As a file would give them; the rest are defaults, which are thereby compared too. */
  readonly attributes?: Attributes;
  readonly inputs: readonly Shape[];
  /** Default 2. */
  readonly batch?: number;
  /** Default train. */
  readonly mode?: Mode;
  /** Absent for a module. */
  readonly function?: string;
  /** Inputs are drawn with this standard deviation; default 1. */
  readonly spread?: number;
  /** Inputs are kept at least this far from zero (divisors). */
  readonly apart?: number;
  /** max|a − b| / max|b| allowed; default 1e-4. */
  readonly tolerance?: number;
}

const B = BATCH;
const F = 'torch.nn.functional';
const vector: Shape = [B, 6];
const image: Shape = [B, 4, 5, 6];

/** One case for every set of attributes, on the same input. */
const each = (inputs: readonly Shape[], ...sets: readonly Attributes[]): LayerCase[] =>
  sets.map((attributes) => ({ attributes, inputs }));

const evaluated = (cases: readonly LayerCase[]): LayerCase[] => cases.map((one) => ({ ...one, mode: 'evaluate' }));

/** A function form by its name, its attributes and inputs. */
const fn = (name: string, inputs: readonly Shape[], attributes: Attributes = {}): LayerCase => ({
  function: name,
  inputs,
  attributes,
});

/** An activation as a module and under its functions' names, over inputs wide enough to reach its flat sides. */
const activation = (names: readonly string[], ...sets: readonly Attributes[]): LayerCase[] =>
  [...each([[B, 9]], {}, ...sets), ...each([[B, 3, 2, 2]], {}), ...names.map((name) => fn(name, [vector]))].map(
    (one) => ({
      ...one,
      spread: 3,
    }),
  );

// With two values a channel x̂ is nearly ±1 whatever x was, and the gradient by x is the small rest of large numbers, a share
// ε/(σ² + ε) of them: at σ = 1 float32 leaves no digit of it, in PyTorch either. These cases are drawn at σ = 0.01, where
// the share is a tenth, and have their own tolerance.
const FEW_VALUES = 5e-3;

/** What every layer kind is compared on. A row of the layer table without an entry here fails the suite. */
export const layerCases: Readonly<Record<string, readonly LayerCase[]>> = {
  Linear: [
    ...each([vector], { in_features: 6, out_features: 4 }, { in_features: 6, out_features: 3, bias: false }),
    ...each([[B, 3, 6]], { in_features: 6, out_features: 4 }),
    ...each([[B, 2, 3, 6]], { in_features: 6, out_features: 1 }),
    ...each([[6]], { in_features: 6, out_features: 4 }),
    fn(`${F}.linear`, [vector, [4, 6], [4]]),
    fn(`${F}.linear`, [
      [B, 3, 6],
      [4, 6],
    ]),
  ],
  Conv2d: [
    ...each(
      [image],
      { in_channels: 4, out_channels: 3, kernel_size: 3 },
      { in_channels: 4, out_channels: 3, kernel_size: 1, bias: false },
      { in_channels: 4, out_channels: 2, kernel_size: [3, 2], padding: [1, 0] },
      { in_channels: 4, out_channels: 2, kernel_size: 3, stride: 2, padding: 1 },
      { in_channels: 4, out_channels: 2, kernel_size: 2, stride: [1, 3], padding: 2 },
      { in_channels: 4, out_channels: 2, kernel_size: 3, dilation: 2, padding: 2 },
      { in_channels: 4, out_channels: 6, kernel_size: 3, groups: 2, padding: 1 },
      { in_channels: 4, out_channels: 4, kernel_size: 3, groups: 4, stride: 2 },
      { in_channels: 4, out_channels: 2, kernel_size: [4, 3], padding: 'same', dilation: [1, 2] },
      { in_channels: 4, out_channels: 2, kernel_size: 3, padding: 'valid' },
      { in_channels: 4, out_channels: 2, kernel_size: [5, 6] },
      { in_channels: 4, out_channels: 2, kernel_size: 1, stride: 3 },
      { in_channels: 4, out_channels: 2, kernel_size: 1, padding: 1, stride: 2 },
    ),
    { attributes: { in_channels: 2, out_channels: 3, kernel_size: 3, padding: 1 }, inputs: [[B, 2, 3, 3]], batch: 1 },
    ...each([[2, 4, 5]], { in_channels: 2, out_channels: 3, kernel_size: 3 }),
    fn(`${F}.conv2d`, [image, [3, 4, 3, 3], [3]], { stride: 2, padding: 1 }),
    fn(`${F}.conv2d`, [image, [3, 4, 3, 3]]),
    fn('torch.conv2d', [image, [4, 2, 3, 3], [4]], { padding: 'same', groups: 2 }),
  ],
  BatchNorm1d: [
    ...each(
      [[B, 5]],
      { num_features: 5 },
      { num_features: 5, affine: false },
      { num_features: 5, momentum: null, eps: 0.1 },
      { num_features: 5, track_running_stats: false, bias: false },
    ).map((one) => ({ ...one, batch: 7 })),
    ...each([[B, 3, 4]], { num_features: 3 }, { num_features: 3, momentum: 0.9, affine: false }),
    ...evaluated([
      ...each([[B, 5]], { num_features: 5 }, { num_features: 5, affine: false, momentum: null }),
      { attributes: { num_features: 5, track_running_stats: false }, inputs: [[B, 5]], batch: 6 },
      { attributes: { num_features: 5, bias: false }, inputs: [[B, 5]], batch: 1 },
    ]),
    { attributes: { num_features: 4 }, inputs: [[B, 4]], batch: 2, spread: 0.01, tolerance: FEW_VALUES },
    { attributes: { num_features: 4 }, inputs: [[B, 4]], batch: 3, tolerance: FEW_VALUES },
  ],
  BatchNorm2d: [
    ...each(
      [[B, 3, 4, 3]],
      { num_features: 3 },
      { num_features: 3, affine: false },
      { num_features: 3, momentum: null },
      { num_features: 3, momentum: 0.3, eps: 1e-3, track_running_stats: false },
      { num_features: 3, bias: false },
    ),
    { attributes: { num_features: 3 }, inputs: [[B, 3, 4, 3]], batch: 1 },
    ...evaluated(each([[B, 3, 2, 3]], { num_features: 3 }, { num_features: 3, track_running_stats: false })),
    { attributes: { num_features: 3 }, inputs: [[B, 3, 1, 2]], batch: 1, spread: 0.01, tolerance: FEW_VALUES },
  ],
  LayerNorm: [
    ...each([vector], { normalized_shape: 6 }, { normalized_shape: [6], eps: 0.1, elementwise_affine: false }),
    ...each([[B, 3, 6]], { normalized_shape: 6, bias: false }, { normalized_shape: [3, 6] }),
    ...each([[B, 3, 2, 4]], { normalized_shape: [3, 2, 4] }, { normalized_shape: [4] }),
    fn(`${F}.layer_norm`, [[B, 3, 6], [6], [6]], { normalized_shape: [6] }),
    fn(`${F}.layer_norm`, [[B, 3, 6], [6]], { normalized_shape: [6] }),
    fn(`${F}.layer_norm`, [[B, 3, 6]], { normalized_shape: [3, 6], eps: 0.01 }),
  ],
  RMSNorm: [
    ...each([vector], { normalized_shape: 6 }, { normalized_shape: [6], eps: 0.1, elementwise_affine: false }),
    ...each([[B, 3, 6]], { normalized_shape: [3, 6] }),
    // So small that the epsilon decides.
    { attributes: { normalized_shape: 6 }, inputs: [vector], spread: 3e-4 },
    fn(`${F}.rms_norm`, [[B, 3, 6], [6]], { normalized_shape: [6] }),
    fn('torch.rms_norm', [[B, 3, 6]], { normalized_shape: [6], eps: 0.01 }),
  ],
  GroupNorm: [
    ...each(
      [image],
      { num_groups: 2, num_channels: 4 },
      { num_groups: 1, num_channels: 4, affine: false },
      { num_groups: 4, num_channels: 4, eps: 0.1 },
      { num_groups: 2, num_channels: 4, bias: false },
    ),
    ...each([[B, 6]], { num_groups: 2, num_channels: 6 }),
    ...each([[B, 4, 3]], { num_groups: 2, num_channels: 4 }),
    { attributes: { num_groups: 2, num_channels: 4 }, inputs: [[B, 4, 2, 3]], batch: 1 },
    fn(`${F}.group_norm`, [image, [4], [4]], { num_groups: 2 }),
    fn(`${F}.group_norm`, [image], { num_groups: 4 }),
  ],
  InstanceNorm2d: [
    ...each(
      [[B, 3, 4, 3]],
      { num_features: 3 },
      { num_features: 3, affine: true },
      { num_features: 3, affine: true, track_running_stats: true },
      { num_features: 3, affine: true, bias: false, eps: 0.1 },
    ),
    ...evaluated(
      each(
        [[B, 3, 4, 3]],
        { num_features: 3, affine: true },
        { num_features: 3, affine: true, track_running_stats: true },
      ),
    ),
    ...each([[3, 4, 3]], { num_features: 3, affine: true }),
    fn(`${F}.instance_norm`, [[B, 3, 4, 3]]),
  ],
  ReLU: activation([`${F}.relu`, 'torch.relu', 'Tensor.relu'], { inplace: false }),
  ReLU6: activation([`${F}.relu6`]),
  LeakyReLU: activation([`${F}.leaky_relu`, `${F}.leaky_relu_`], { negative_slope: 0.2 }, { negative_slope: -0.5 }),
  ELU: activation([`${F}.elu`, `${F}.elu_`], { alpha: 0.5 }, { alpha: 2 }),
  SELU: activation([`${F}.selu`, 'torch.selu']),
  GELU: [...activation([`${F}.gelu`], { approximate: 'tanh' }), fn(`${F}.gelu`, [vector], { approximate: 'tanh' })],
  SiLU: activation([`${F}.silu`]),
  Mish: activation([`${F}.mish`]),
  Softplus: activation([`${F}.softplus`], { beta: 2 }, { beta: 0.5, threshold: 1 }),
  Hardswish: activation([`${F}.hardswish`]),
  Sigmoid: activation([`${F}.sigmoid`, 'torch.sigmoid', 'Tensor.sigmoid']),
  Tanh: activation([`${F}.tanh`, 'torch.tanh', 'Tensor.tanh']),
  Hardsigmoid: activation([`${F}.hardsigmoid`]),
  Hardtanh: activation([`${F}.hardtanh`, `${F}.hardtanh_`], { min_val: -2, max_val: 0.5 }),
  Softsign: activation([`${F}.softsign`]),
  Softmax: [
    ...each([[B, 5]], { dim: 1 }, { dim: 0 }, { dim: -1 }),
    ...each([[B, 3, 4]], { dim: 1 }, { dim: null }),
    ...each([[B, 3, 2, 2]], { dim: null }, { dim: -2 }),
    { attributes: { dim: 1 }, inputs: [[B, 5]], spread: 4 },
    fn(`${F}.softmax`, [[B, 5]], { dim: 1 }),
    fn('torch.softmax', [[B, 3, 4]], { dim: -1 }),
    fn('Tensor.softmax', [[B, 3, 4]], { dim: 1 }),
  ],
  LogSoftmax: [
    ...each([[B, 5]], { dim: 1 }, { dim: null }),
    { attributes: { dim: 1 }, inputs: [[B, 3, 4]], spread: 20 },
    fn(`${F}.log_softmax`, [[B, 5]], { dim: -1 }),
    fn('Tensor.log_softmax', [[B, 5]], { dim: 0 }),
  ],
  // What training drops is random; test/unit/layers holds that against the formula, with the mask given.
  Dropout: [
    ...evaluated(each([[B, 5]], {}, { p: 0.9 })),
    ...each([[B, 5]], { p: 0 }, { p: 1 }),
    fn(`${F}.dropout`, [[B, 5]], { p: 0.3, training: false }),
  ],
  MaxPool2d: [
    ...each(
      [[B, 2, 7, 6]],
      { kernel_size: 2 },
      { kernel_size: 3, stride: 2, padding: 1 },
      { kernel_size: [3, 2], stride: [1, 2] },
      { kernel_size: 2, ceil_mode: true },
      { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true },
      { kernel_size: 2, dilation: 2, stride: 1 },
      { kernel_size: 3, stride: 4, dilation: [2, 1], padding: 1, ceil_mode: true },
      { kernel_size: 2, stride: 4, padding: 1, ceil_mode: true },
    ),
    ...each([[2, 4, 4]], { kernel_size: 2 }),
    fn(`${F}.max_pool2d`, [[B, 2, 4, 4]], { kernel_size: 2, stride: 1 }),
    fn('torch.max_pool2d', [[B, 2, 5, 5]], { kernel_size: 2, stride: 2, padding: 0, dilation: 1, ceil_mode: true }),
  ],
  AvgPool2d: [
    ...each(
      [[B, 2, 7, 6]],
      { kernel_size: 2 },
      { kernel_size: [7, 6] },
      { kernel_size: 3, stride: 2, padding: 1 },
      { kernel_size: 3, stride: 2, padding: 1, count_include_pad: false },
      { kernel_size: [3, 2], stride: [1, 2] },
      { kernel_size: 2, ceil_mode: true },
      { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true },
      { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true, count_include_pad: false },
      { kernel_size: 2, stride: 3, divisor_override: 3 },
      { kernel_size: 2, stride: 4, padding: 1, ceil_mode: true },
      { kernel_size: 1 },
    ),
    ...each([[2, 4, 4]], { kernel_size: 2 }),
    fn(`${F}.avg_pool2d`, [[B, 2, 5, 5]], {
      kernel_size: 2,
      stride: 1,
      padding: 1,
      ceil_mode: false,
      count_include_pad: false,
    }),
  ],
  AdaptiveAvgPool2d: [
    ...each(
      [[B, 2, 7, 6]],
      { output_size: 1 },
      { output_size: [7, 3] },
      { output_size: [3, 4] },
      { output_size: [null, 2] },
      { output_size: [5, null] },
      { output_size: [9, 7] },
      { output_size: 7 },
    ),
    ...each([[2, 4, 4]], { output_size: 3 }),
    fn(`${F}.adaptive_avg_pool2d`, [[B, 2, 4, 4]], { output_size: [1, 1] }),
  ],
  Flatten: [
    ...each([[B, 2, 3, 4]], {}, { start_dim: 2 }, { start_dim: 1, end_dim: 2 }, { start_dim: 0 }, { start_dim: -2 }),
    fn('torch.flatten', [[B, 2, 3]]),
    fn('torch.flatten', [[B, 2, 3]], { start_dim: 1 }),
    fn('Tensor.flatten', [[B, 2, 3]], { start_dim: 1, end_dim: 2 }),
  ],
  Unflatten: [
    ...each([[B, 12]], { dim: 1, unflattened_size: [3, 4] }, { dim: -1, unflattened_size: [2, -1, 3] }),
    fn('torch.unflatten', [[B, 12]], { dim: 1, unflattened_size: [3, 4] }),
    fn('Tensor.unflatten', [[B, 12, 2]], { dim: 1, unflattened_size: [3, -1] }),
  ],
  Identity: each([vector], {}),
  add: [
    fn('torch.add', [image, image]),
    fn('torch.add', [image, [4, 1, 1]], { alpha: 0.5 }),
    fn('Tensor.add', [
      [B, 1, 3],
      [5, 1],
    ]),
    fn('operator.add', [vector], { other: 2.5 }),
    fn('operator.add', [vector], { input: -1 }),
  ],
  sub: [
    fn('torch.sub', [image, [B, 4, 1, 1]], { alpha: 3 }),
    fn('Tensor.sub', [vector], { other: 2 }),
    fn('operator.sub', [vector], { input: 1 }),
  ],
  mul: [
    fn('torch.mul', [image, [4, 1, 1]]),
    fn('operator.mul', [vector], { other: -3 }),
    fn('Tensor.mul', [vector, vector]),
  ],
  div: [
    { ...fn('torch.div', [image, [B, 4, 1, 1]]), apart: 0.3 },
    fn('operator.truediv', [vector], { other: 4 }),
    { ...fn('operator.truediv', [vector], { input: 2 }), apart: 0.3 },
  ],
  matmul: [
    fn('torch.matmul', [
      [B, 3, 4],
      [B, 4, 2],
    ]),
    fn('torch.matmul', [
      [B, 2, 3, 4],
      [4, 5],
    ]),
    fn('Tensor.matmul', [
      [3, 4],
      [B, 4, 2],
    ]),
    fn('operator.matmul', [[B, 3, 4], [4]]),
    fn('torch.matmul', [[4], [B, 4, 3]]),
    fn('torch.matmul', [[4], [4]]),
    fn('torch.matmul', [
      [B, 1, 3, 4],
      [2, 4, 3],
    ]),
  ],
  cat: [
    fn(
      'torch.cat',
      [
        [B, 2, 3],
        [B, 4, 3],
      ],
      { dim: 1 },
    ),
    fn('torch.cat', [
      [B, 2],
      [B, 2],
      [B, 2],
    ]),
    fn(
      'torch.concat',
      [
        [B, 2],
        [B, 3],
      ],
      { dim: -1 },
    ),
  ],
  mean: [
    fn('torch.mean', [image], { dim: [2, 3] }),
    fn('Tensor.mean', [image], { dim: [-1, -2], keepdim: true }),
    fn('Tensor.mean', [[B, 3, 4]], { dim: 1 }),
    fn('Tensor.mean', [[B, 3]]),
  ],
  view: [
    fn('Tensor.view', [[B, 2, 3]], { shape: [B, -1] }),
    fn('Tensor.view', [[B, 2, 3]], { shape: [-1, 6] }),
    fn('Tensor.view', [[B, 2, 3]], { shape: [{ batch: 2 }, 3] }),
  ],
  reshape: [fn('torch.reshape', [[B, 2, 3]], { shape: [B, 3, 2] }), fn('Tensor.reshape', [[B, 2, 3]], { shape: [-1] })],
  permute: [
    fn('Tensor.permute', [[B, 2, 3]], { dims: [0, 2, 1] }),
    fn('torch.permute', [[B, 2, 3]], { dims: [-1, 0, 1] }),
  ],
  transpose: [
    fn('torch.transpose', [[B, 2, 3]], { dim0: 1, dim1: 2 }),
    fn('Tensor.transpose', [[B, 2, 3, 4]], { dim0: -1, dim1: 0 }),
  ],
  squeeze: [
    fn('torch.squeeze', [[B, 1, 3, 1]]),
    fn('Tensor.squeeze', [[B, 1, 3, 1]], { dim: -1 }),
    fn('Tensor.squeeze', [[B, 3]], { dim: 1 }),
    fn('torch.squeeze', [[B, 1, 3, 1]], { dim: [1, 3] }),
  ],
  unsqueeze: [
    fn('torch.unsqueeze', [[B, 3]], { dim: 1 }),
    fn('Tensor.unsqueeze', [[B, 3]], { dim: -1 }),
    fn('Tensor.unsqueeze', [[B, 3]], { dim: 0 }),
  ],
  MultiheadAttention: [
    ...each(
      [[B, 3, 4]],
      { embed_dim: 4, num_heads: 2, batch_first: true },
      { embed_dim: 4, num_heads: 1, batch_first: true, bias: false },
    ),
    ...each([[3, B, 4]], { embed_dim: 4, num_heads: 4 }),
    ...each(
      [
        [3, B, 4],
        [5, B, 4],
        [5, B, 4],
      ],
      { embed_dim: 4, num_heads: 2 },
    ),
    ...each(
      [
        [B, 3, 4],
        [B, 5, 4],
        [B, 5, 4],
      ],
      { embed_dim: 4, num_heads: 2, batch_first: true },
    ),
    ...each([[3, 4]], { embed_dim: 4, num_heads: 2 }),
    ...evaluated(each([[B, 3, 4]], { embed_dim: 4, num_heads: 2, batch_first: true, dropout: 0.5 })),
  ],
};

/** A use that PyTorch refuses; ours must say the same. Sizes are numbers here, for the words to be equal. */
export interface RefusedCase extends LayerCase {
  readonly kind: string;
}

const bn1: RefusedCase = { kind: 'BatchNorm1d', attributes: { num_features: 4 }, inputs: [[2, 4]] };
const bn2: RefusedCase = { kind: 'BatchNorm2d', attributes: { num_features: 4 }, inputs: [[2, 5, 3, 3]] };
const conv: RefusedCase = {
  kind: 'Conv2d',
  attributes: { in_channels: 4, out_channels: 4, kernel_size: 3 },
  inputs: [[2, 4, 5, 5]],
};
const pool: RefusedCase = { kind: 'MaxPool2d', attributes: { kernel_size: 3 }, inputs: [[2, 3, 8, 8]] };
const norm: RefusedCase = { kind: 'InstanceNorm2d', attributes: { num_features: 4 }, inputs: [[2, 4, 1, 1]] };
const heads: RefusedCase = {
  kind: 'MultiheadAttention',
  attributes: { embed_dim: 4, num_heads: 2 },
  inputs: [
    [2, 3, 4],
    [2, 3, 4],
    [2, 3, 4],
  ],
};
const refusedFunction = (kind: string, name: string, inputs: readonly Shape[], attributes: Attributes = {}) => ({
  kind,
  ...fn(name, inputs, attributes),
});

export const refusedCases: readonly RefusedCase[] = [
  { kind: 'Linear', attributes: { in_features: 4, out_features: 3 }, inputs: [[2, 7, 5]] },
  refusedFunction('Linear', `${F}.linear`, [
    [2, 5],
    [4, 3],
  ]),
  { ...conv, inputs: [[2, 5, 8, 8]] },
  { ...conv, attributes: { ...conv.attributes, groups: 2 }, inputs: [[2, 5, 8, 8]] },
  { ...conv, inputs: [[4, 5]] },
  { ...conv, inputs: [[3, 8, 8]] },
  { ...conv, attributes: { ...conv.attributes, dilation: 4, padding: 1 } },
  { ...conv, attributes: { ...conv.attributes, groups: 3 } },
  { ...conv, attributes: { ...conv.attributes, out_channels: 5, groups: 2 } },
  { ...conv, attributes: { ...conv.attributes, groups: 0 } },
  { ...conv, attributes: { ...conv.attributes, padding: 'same', stride: 2 } },
  { ...conv, attributes: { ...conv.attributes, stride: 0 } },
  { ...conv, attributes: { ...conv.attributes, padding: -1 } },
  { ...conv, attributes: { ...conv.attributes, dilation: 0 } },
  refusedFunction('Conv2d', `${F}.conv2d`, [
    [2, 5, 8, 8],
    [4, 3, 3, 3],
  ]),
  { ...bn1, inputs: [[2, 4, 3, 3]] },
  { ...bn1, inputs: [[1, 4]] },
  { ...bn1, inputs: [[1, 4, 1]] },
  { ...bn1, attributes: { num_features: 4, track_running_stats: false }, inputs: [[1, 4]], mode: 'evaluate' },
  bn2,
  { ...bn2, inputs: [[2, 4]] },
  { ...bn2, inputs: [[1, 4, 1, 1]] },
  { ...bn2, attributes: { num_features: 4, track_running_stats: false } },
  { kind: 'LayerNorm', attributes: { normalized_shape: 4 }, inputs: [[2, 4, 3, 3]] },
  { kind: 'LayerNorm', attributes: { normalized_shape: [4, 3] }, inputs: [[3]] },
  { kind: 'LayerNorm', attributes: { normalized_shape: [] }, inputs: [[3]] },
  refusedFunction('LayerNorm', `${F}.layer_norm`, [[2, 5], [3]], { normalized_shape: [5] }),
  { kind: 'RMSNorm', attributes: { normalized_shape: [4, 3] }, inputs: [[2, 3]] },
  { kind: 'GroupNorm', attributes: { num_groups: 3, num_channels: 4 }, inputs: [[2, 4]] },
  { kind: 'GroupNorm', attributes: { num_groups: 2, num_channels: 4 }, inputs: [[2, 6, 3, 3]] },
  { kind: 'GroupNorm', attributes: { num_groups: 2, num_channels: 4, affine: false }, inputs: [[2, 5, 3, 3]] },
  { kind: 'GroupNorm', attributes: { num_groups: 2, num_channels: 4 }, inputs: [[4]] },
  { kind: 'GroupNorm', attributes: { num_groups: 4, num_channels: 4 }, inputs: [[1, 4]] },
  norm,
  { ...norm, mode: 'evaluate' },
  { ...norm, attributes: { num_features: 4, track_running_stats: true } },
  { ...norm, attributes: { num_features: 4, affine: true }, inputs: [[2, 5, 3, 3]] },
  { ...norm, inputs: [[2, 4]] },
  { kind: 'Softmax', attributes: { dim: 2 }, inputs: [[2, 3]] },
  { kind: 'Hardtanh', attributes: { min_val: 2, max_val: 1 }, inputs: [[2, 3]] },
  { kind: 'Dropout', attributes: { p: 1.5 }, inputs: [[2, 3]] },
  refusedFunction('Dropout', `${F}.dropout`, [[2, 3]], { p: -0.5 }),
  { ...pool, inputs: [[2, 3, 2, 2]] },
  { ...pool, inputs: [[2, 3]] },
  { ...pool, attributes: { kernel_size: 3, padding: 2 } },
  { ...pool, attributes: { kernel_size: 3, stride: 0 } },
  { ...pool, attributes: { kernel_size: 3, padding: -1 } },
  { ...pool, attributes: { kernel_size: 3, dilation: 0 } },
  { kind: 'AvgPool2d', attributes: { kernel_size: 3 }, inputs: [[2, 3, 2, 2]] },
  { kind: 'AvgPool2d', attributes: { kernel_size: 3, divisor_override: 0 }, inputs: [[2, 3, 4, 4]] },
  { kind: 'AdaptiveAvgPool2d', attributes: { output_size: 3 }, inputs: [[2, 3]] },
  { kind: 'Flatten', attributes: { start_dim: 1, end_dim: 5 }, inputs: [[2, 3, 4]] },
  { kind: 'Flatten', attributes: { start_dim: 2, end_dim: 1 }, inputs: [[2, 3, 4]] },
  { kind: 'Unflatten', attributes: { dim: 1, unflattened_size: [2, 3] }, inputs: [[2, 7]] },
  { kind: 'Unflatten', attributes: { dim: 1, unflattened_size: [3, -1] }, inputs: [[2, 7]] },
  refusedFunction('add', 'torch.add', [
    [2, 3, 5],
    [4, 5],
  ]),
  refusedFunction('matmul', 'torch.matmul', [
    [2, 3],
    [2, 4],
  ]),
  refusedFunction('matmul', 'torch.matmul', [[], [3]]),
  refusedFunction(
    'cat',
    'torch.cat',
    [
      [2, 3],
      [3, 3],
    ],
    { dim: 1 },
  ),
  refusedFunction(
    'cat',
    'torch.cat',
    [
      [2, 3],
      [3, 3, 1],
    ],
    { dim: 1 },
  ),
  refusedFunction(
    'cat',
    'torch.cat',
    [
      [2, 3],
      [2, 3],
    ],
    { dim: 5 },
  ),
  refusedFunction('mean', 'torch.mean', [[2, 3]], { dim: 3 }),
  refusedFunction('mean', 'torch.mean', [[2, 3]], { dim: [0, 0] }),
  refusedFunction('view', 'Tensor.view', [[2, 3]], { shape: [4, 2] }),
  refusedFunction('view', 'Tensor.view', [[2, 3]], { shape: [4, -1] }),
  refusedFunction('view', 'Tensor.view', [[2, 3]], { shape: [-1, -1] }),
  refusedFunction('view', 'Tensor.view', [[2, 3]], { shape: [-3, 2] }),
  refusedFunction('permute', 'Tensor.permute', [[2, 3]], { dims: [0, 1, 2] }),
  refusedFunction('permute', 'Tensor.permute', [[2, 3]], { dims: [0, 0] }),
  refusedFunction('transpose', 'Tensor.transpose', [[2, 3]], { dim0: 0, dim1: 2 }),
  refusedFunction('squeeze', 'Tensor.squeeze', [[2, 3]], { dim: 2 }),
  refusedFunction('unsqueeze', 'Tensor.unsqueeze', [[2, 3]], { dim: 3 }),
  { ...heads, attributes: { embed_dim: 5, num_heads: 2 } },
  { ...heads, attributes: { embed_dim: 0, num_heads: 2 } },
  {
    ...heads,
    inputs: [
      [2, 3, 5],
      [2, 3, 5],
      [2, 3, 5],
    ],
  },
  {
    ...heads,
    inputs: [
      [2, 3, 5, 4],
      [2, 3, 5, 4],
      [2, 3, 5, 4],
    ],
  },
  {
    ...heads,
    inputs: [
      [2, 3, 4],
      [3, 3, 4],
      [2, 3, 4],
    ],
  },
  {
    ...heads,
    inputs: [
      [3, 4],
      [5, 2, 4],
      [5, 2, 4],
    ],
  },
  { ...heads, attributes: { embed_dim: 4, num_heads: 2, dropout: 1.5 } },
];
