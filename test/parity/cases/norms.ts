import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { CaseLoss, FamilyCases, InputValues, LayerCase } from '../layerCase';
import { anyMode, B, each, evaluated, F, fn, image, vector } from './forms';

// With two values a channel (or two that LayerNorm takes) x̂ is nearly ±1 whatever x was, and the gradient by x is the small
// rest of large numbers, a share ε/(σ² + ε) of them: at σ = 1 float32 leaves no digit of it, in PyTorch either. These cases
// are drawn at σ = 0.01, where the share is a tenth, and have their own tolerance.
const FEW_VALUES = 5e-3;
/** How such a case is drawn where the tolerance is the whole case's. */
export const ofTwoValues = { spread: 0.01, tolerance: FEW_VALUES } as const;

/** The sum of squares of what is normalized is a constant but for ε: its gradient would be nothing but rounding. */
export const normLoss = (draw: Draw): CaseLoss => draw.pick(['linear', 'meanSquaredError', 'crossEntropy']);

/** Attributes that BatchNorm and InstanceNorm share, each given or left to its default. */
export const statisticsAttributes = (draw: Draw, channels: number): Attributes => ({
  num_features: channels,
  ...draw.some({
    eps: draw.pick([1e-5, 1e-3, 0.1]),
    momentum: draw.pick([null, 0.1, 0.5, 1]),
    affine: draw.chance(),
    track_running_stats: draw.chance(),
    bias: draw.chance(),
  }),
});

/** A BatchNorm over [B, C, …sizes] with at least six values a channel. */
export function randomBatchNorm(draw: Draw, sizes: readonly number[]): LayerCase {
  const channels = draw.int(1, 5);
  const positions = sizes.reduce((product, size) => product * size, 1);
  return {
    attributes: statisticsAttributes(draw, channels),
    inputs: [[B, channels, ...sizes]],
    batch: Math.ceil(6 / positions) + draw.int(0, 3),
    mode: anyMode(draw),
    spread: draw.pick([0.3, 1, 4]),
    loss: normLoss(draw),
  };
}

/** Functions that take weight and bias after the input; both, weight alone, or none. */
const scaleAndShift = (draw: Draw, shape: Shape): Shape[] => draw.pick([[], [shape], [shape, shape]]);

/** A norm over trailing axes: the input, and the shape it normalizes. */
function overTrailing(draw: Draw): { input: Shape; normalized: number[] } {
  const normalized = draw.shape(draw.int(1, 2), 2, 5);
  return { input: [B, ...draw.shape(draw.int(0, 2), 1, 3), ...normalized], normalized };
}

const bn2: Attributes = { num_features: 4 };

type Operand = 'running_mean' | 'running_var' | 'weight' | 'bias';

/** The functions that take running statistics and affine parameters after the input, those named being there. */
export const withOperands = (
  name: string,
  input: Shape,
  operands: readonly Operand[],
  attributes: Attributes,
): LayerCase => ({
  ...fn(name, [input, ...operands.map(() => [input[1]!])], { ...attributes, operands }),
  // Variances are positive.
  values: [undefined, ...operands.map((operand) => (operand === 'running_var' ? VARIANCES : undefined))],
});

const VARIANCES: InputValues = { between: [0.5, 3] };

const batchNormCase = (
  operands: readonly Operand[],
  attributes: Attributes,
  mode: 'train' | 'evaluate',
  input: Shape = [B, 3, 2, 2],
): LayerCase => ({
  ...withOperands(`${F}.batch_norm`, input, operands, { training: mode === 'train', ...attributes }),
  mode,
});

export const norms: FamilyCases = {
  BatchNorm1d: {
    fixed: [
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
    random: (draw) => randomBatchNorm(draw, draw.shape(draw.int(0, 1), 1, 6)),
    refused: [
      { attributes: { num_features: 4 }, inputs: [[2, 4, 3, 3]] },
      { attributes: { num_features: 4 }, inputs: [[1, 4]] },
      { attributes: { num_features: 4 }, inputs: [[1, 4, 1]] },
      { attributes: { num_features: 4, track_running_stats: false }, inputs: [[1, 4]], mode: 'evaluate' },
    ],
  },
  BatchNorm2d: {
    fixed: [
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
    random: (draw) => randomBatchNorm(draw, draw.shape(2, 1, 4)),
    refused: [
      { attributes: bn2, inputs: [[2, 5, 3, 3]] },
      { attributes: bn2, inputs: [[2, 4]] },
      { attributes: bn2, inputs: [[1, 4, 1, 1]] },
      { attributes: { ...bn2, track_running_stats: false }, inputs: [[2, 5, 3, 3]] },
    ],
  },
  BatchNorm3d: {
    fixed: [
      ...each([[B, 2, 2, 3, 2]], { num_features: 2 }, { num_features: 2, affine: false, momentum: null }),
      ...evaluated(each([[B, 2, 2, 1, 2]], { num_features: 2 })),
    ],
    random: (draw) => randomBatchNorm(draw, draw.shape(3, 1, 3)),
    refused: [{ attributes: bn2, inputs: [[2, 4, 3, 3]] }],
  },
  // PyTorch's own trains on several devices only; its peer here is BatchNorm over any rank (layer_definitions.py).
  SyncBatchNorm: {
    fixed: [
      { ...each([[B, 3]], { num_features: 3 })[0]!, batch: 6 },
      ...each([[B, 3, 2, 2]], { num_features: 3, momentum: 0.3 }, { num_features: 3, track_running_stats: false }),
      ...evaluated(each([[B, 3, 4]], { num_features: 3 })),
    ],
    random: (draw) => randomBatchNorm(draw, draw.shape(draw.int(0, 4), 1, 3)),
    refused: [{ attributes: bn2, inputs: [[4]] }],
  },
  batch_norm: {
    fixed: [
      batchNormCase([], {}, 'train'),
      batchNormCase(['weight'], { training: true, eps: 0.1 }, 'train'),
      batchNormCase(['running_mean', 'running_var', 'weight', 'bias'], { training: true, momentum: 0.5 }, 'train'),
      batchNormCase(['running_mean', 'running_var'], { training: true }, 'train'),
      batchNormCase(['running_mean', 'running_var', 'bias'], {}, 'evaluate'),
      batchNormCase(['running_mean', 'running_var', 'weight', 'bias'], { training: false, eps: 0.01 }, 'evaluate'),
    ],
    random(draw) {
      const training = draw.chance(0.6);
      const running = !training || draw.chance() ? (['running_mean', 'running_var'] as const) : [];
      const names = [...running, ...(['weight', 'bias'] as const).filter(() => draw.chance())];
      const sizes = draw.shape(draw.int(0, 3), 2, 3);
      return {
        ...batchNormCase(
          names,
          { training, ...draw.some({ momentum: draw.decimal(0, 1), eps: draw.pick([1e-3, 0.1]) }) },
          'train',
          [B, draw.int(1, 4), ...sizes],
        ),
        batch: sizes.length === 0 ? draw.int(5, 8) : draw.int(3, 4),
        loss: normLoss(draw),
      };
    },
    refused: [
      fn(`${F}.batch_norm`, [[2, 4, 3, 3]], { operands: [] }),
      fn(`${F}.batch_norm`, [[1, 4]], { training: true, operands: [] }),
      fn(`${F}.batch_norm`, [[2, 4], [3], [3]], { operands: ['running_mean', 'running_var'] }),
      fn(`${F}.batch_norm`, [[2, 4], [3]], { training: true, operands: ['bias'] }),
      fn(`${F}.batch_norm`, [[2, 4]], { training: true, eps: 0, operands: [] }),
    ],
  },
  LayerNorm: {
    fixed: [
      ...each([vector], { normalized_shape: 6 }, { normalized_shape: [6], eps: 0.1, elementwise_affine: false }),
      ...each([[B, 3, 6]], { normalized_shape: 6, bias: false }, { normalized_shape: [3, 6] }),
      ...each([[B, 3, 2, 4]], { normalized_shape: [3, 2, 4] }, { normalized_shape: [4] }),
      fn(`${F}.layer_norm`, [[B, 3, 6], [6], [6]], { normalized_shape: [6] }),
      fn(`${F}.layer_norm`, [[B, 3, 6], [6]], { normalized_shape: [6] }),
      fn(`${F}.layer_norm`, [[B, 3, 6]], { normalized_shape: [3, 6], eps: 0.01 }),
    ],
    random(draw) {
      const { input, normalized } = overTrailing(draw);
      const given = draw.some({ eps: draw.pick([1e-5, 1e-3, 0.1]) });
      const two = normalized.length === 1 && normalized[0] === 2;
      const common = {
        batch: draw.int(1, 4),
        ...(two ? ofTwoValues : { spread: draw.pick([0.3, 1, 4]) }),
        loss: normLoss(draw),
      };
      if (draw.chance(0.3)) {
        const operands = scaleAndShift(draw, normalized);
        return {
          ...fn(`${F}.layer_norm`, [input, ...operands], { normalized_shape: normalized, ...given }),
          ...common,
        };
      }
      return {
        attributes: {
          normalized_shape: normalized,
          ...given,
          ...draw.some({ elementwise_affine: draw.chance(), bias: draw.chance() }),
        },
        inputs: [input],
        ...common,
      };
    },
    refused: [
      { attributes: { normalized_shape: 4 }, inputs: [[2, 4, 3, 3]] },
      { attributes: { normalized_shape: [4, 3] }, inputs: [[3]] },
      { attributes: { normalized_shape: [] }, inputs: [[3]] },
      fn(`${F}.layer_norm`, [[2, 5], [3]], { normalized_shape: [5] }),
    ],
  },
  RMSNorm: {
    fixed: [
      ...each([vector], { normalized_shape: 6 }, { normalized_shape: [6], eps: 0.1, elementwise_affine: false }),
      ...each([[B, 3, 6]], { normalized_shape: [3, 6] }),
      // So small that the epsilon decides.
      { attributes: { normalized_shape: 6 }, inputs: [vector], spread: 3e-4 },
      fn(`${F}.rms_norm`, [[B, 3, 6], [6]], { normalized_shape: [6] }),
      fn('torch.rms_norm', [[B, 3, 6]], { normalized_shape: [6], eps: 0.01 }),
    ],
    random(draw) {
      const { input, normalized } = overTrailing(draw);
      const given = draw.some({ eps: draw.pick([null, 1e-5, 1e-3, 0.1]) });
      const common = { batch: draw.int(1, 4), spread: draw.pick([1e-3, 0.3, 1, 4]), loss: normLoss(draw) };
      if (draw.chance(0.3)) {
        const operands = draw.chance() ? [normalized] : [];
        const name = draw.pick([`${F}.rms_norm`, 'torch.rms_norm']);
        return { ...fn(name, [input, ...operands], { normalized_shape: normalized, ...given }), ...common };
      }
      return {
        attributes: { normalized_shape: normalized, ...given, ...draw.some({ elementwise_affine: draw.chance() }) },
        inputs: [input],
        ...common,
      };
    },
    refused: [{ attributes: { normalized_shape: [4, 3] }, inputs: [[2, 3]] }],
  },
  GroupNorm: {
    fixed: [
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
    random(draw) {
      const groups = draw.int(1, 3);
      // At least three values a group.
      const channels = groups * draw.int(1, 3);
      const sizes = draw.shape(draw.int(0, 2), 3, 4);
      const input: Shape = [B, sizes.length === 0 ? 3 * channels : channels, ...sizes];
      const count = Number(input[1]);
      const given = draw.some({ eps: draw.pick([1e-5, 1e-3, 0.1]) });
      const common = { batch: draw.int(1, 3), spread: draw.pick([0.3, 1, 4]), loss: normLoss(draw) };
      if (draw.chance(0.3)) {
        return {
          ...fn(`${F}.group_norm`, [input, ...scaleAndShift(draw, [count])], { num_groups: groups, ...given }),
          ...common,
        };
      }
      return {
        attributes: {
          num_groups: groups,
          num_channels: count,
          ...given,
          ...draw.some({ affine: draw.chance(), bias: draw.chance() }),
        },
        inputs: [input],
        ...common,
      };
    },
    refused: [
      { attributes: { num_groups: 3, num_channels: 4 }, inputs: [[2, 4]] },
      { attributes: { num_groups: 2, num_channels: 4 }, inputs: [[2, 6, 3, 3]] },
      { attributes: { num_groups: 2, num_channels: 4, affine: false }, inputs: [[2, 5, 3, 3]] },
      { attributes: { num_groups: 2, num_channels: 4 }, inputs: [[4]] },
      { attributes: { num_groups: 4, num_channels: 4 }, inputs: [[1, 4]] },
    ],
  },
};
