import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { anyMode, B, each, evaluated, F, perhapsBatched } from './forms';
import { normLoss, statisticsAttributes, withOperands } from './norms';

const random =
  (spatial: number) =>
  (draw: Draw): LayerCase => {
    const channels = draw.int(1, 4);
    // At least three values a channel: of two, x̂ is ±1 whatever they are.
    const sizes = draw.shape(spatial, spatial === 1 ? 3 : 2, 4);
    // Without a momentum PyTorch's instance norm takes None for a number and fails.
    const { momentum, ...attributes } = statisticsAttributes(draw, channels);
    return {
      attributes: { ...attributes, ...(typeof momentum === 'number' && { momentum }) },
      inputs: [perhapsBatched(draw, [channels, ...sizes])],
      mode: anyMode(draw),
      batch: draw.int(1, 3),
      spread: draw.pick([0.3, 1, 4]),
      loss: normLoss(draw),
    };
  };

const kind = (sizes: readonly number[], others: readonly LayerCase[]): KindCases => {
  const input: Shape = [B, 3, ...sizes];
  const ones = sizes.map(() => 1);
  const alone = { attributes: { num_features: 4 }, inputs: [[2, 4, ...ones]] };
  return {
    fixed: [
      ...each(
        [input],
        { num_features: 3 },
        { num_features: 3, affine: true, track_running_stats: true },
        { num_features: 3, affine: true, bias: false, eps: 0.1 },
      ),
      ...evaluated(each([input], { num_features: 3, affine: true, track_running_stats: true })),
      ...each([[3, ...sizes]], { num_features: 3, affine: true }),
      ...others,
    ],
    random: random(sizes.length),
    refused: [
      alone,
      { ...alone, mode: 'evaluate' },
      { ...alone, attributes: { num_features: 4, track_running_stats: true } },
      { attributes: { num_features: 4, affine: true }, inputs: [[2, 5, ...sizes]] },
      { ...alone, inputs: [[2]] },
      { ...alone, inputs: [[4, ...ones]] },
    ],
  };
};

const functional = (operands: Parameters<typeof withOperands>[2], attributes: Attributes = {}, input?: Shape) =>
  withOperands(`${F}.instance_norm`, input ?? [B, 3, 4, 3], operands, attributes);

export const instanceNorms: FamilyCases = {
  InstanceNorm1d: kind([5], []),
  InstanceNorm2d: kind(
    [4, 3],
    [
      ...each([[B, 3, 4, 3]], { num_features: 3, affine: true }),
      ...evaluated(each([[B, 3, 4, 3]], { num_features: 3, affine: true })),
    ],
  ),
  InstanceNorm3d: kind([2, 3, 2], []),
  instance_norm: {
    fixed: [
      functional([]),
      functional(['weight', 'bias'], { eps: 0.1 }),
      functional(['running_mean', 'running_var', 'bias'], { momentum: 0.3 }),
      functional(['running_mean', 'running_var', 'weight', 'bias'], { use_input_stats: false }),
    ],
    random(draw) {
      const own = draw.chance(0.7);
      const running = !own || draw.chance() ? (['running_mean', 'running_var'] as const) : [];
      const names = [...running, ...(['weight', 'bias'] as const).filter(() => draw.chance())];
      const given = draw.some({ momentum: draw.decimal(0, 1), eps: draw.pick([1e-3, 0.1]) });
      const input: Shape = [B, draw.int(1, 4), ...draw.shape(draw.int(1, 3), 3, 4)];
      return {
        ...functional(names, { use_input_stats: own, ...given }, input),
        batch: draw.int(1, 3),
        loss: normLoss(draw),
      };
    },
    refused: [functional([], {}, [2, 4, 1, 1]), functional([], { use_input_stats: false }, [2, 4, 3])],
  },
};
