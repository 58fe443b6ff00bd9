import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases } from '../layerCase';
import { B, batched, F, fn } from './forms';

const probabilities: InputValues = { between: [0.05, 0.95] };
const REDUCTIONS = ['mean', 'sum', 'none'] as const;

const elementwise = (
  kind: string,
  values: readonly (InputValues | undefined)[],
  own: (draw: Draw) => Attributes = () => ({}),
  fixed: readonly Attributes[] = [],
): KindCases => ({
  fixed: [...REDUCTIONS.map((reduction) => ({ reduction })), ...fixed].map((attributes) => ({
    ...fn(
      `${F}.${kind}`,
      [
        [B, 3, 4],
        [B, 3, 4],
      ],
      attributes,
    ),
    values,
  })),
  random(draw) {
    const shape = batched(draw, draw.int(1, 4));
    return {
      ...fn(`${F}.${kind}`, [shape, shape], {
        ...draw.some({ reduction: draw.pick(REDUCTIONS) }),
        ...draw.some(own(draw)),
      }),
      batch: draw.int(1, 4),
      values,
    };
  },
});

/** Scores of classes, and the index of one at each position. */
const classes = (kind: string, own: (draw: Draw) => Attributes, more: KindCases['fixed'] = []): KindCases => {
  const indices: InputValues = { integers: [0, 3] };
  return {
    fixed: [
      { ...fn(`${F}.${kind}`, [[B, 4], [B]]), values: [undefined, indices] },
      {
        ...fn(
          `${F}.${kind}`,
          [
            [B, 4, 3],
            [B, 3],
          ],
          { reduction: 'none' },
        ),
        values: [undefined, indices],
      },
      {
        ...fn(
          `${F}.${kind}`,
          [
            [B, 4, 3],
            [B, 3],
          ],
          { ignore_index: 1 },
        ),
        values: [undefined, indices],
      },
      {
        ...fn(
          `${F}.${kind}`,
          [
            [B, 4, 3],
            [B, 3],
          ],
          { ignore_index: 1, reduction: 'sum' },
        ),
        values: [undefined, indices],
      },
      ...more,
    ],
    random(draw) {
      const rest = draw.shape(draw.int(0, 2));
      return {
        ...fn(`${F}.${kind}`, [[B, 4, ...rest] as Shape, [B, ...rest] as Shape], {
          ...draw.some({ reduction: draw.pick(REDUCTIONS) }),
          ...draw.some(own(draw)),
        }),
        batch: draw.int(1, 4),
        values: [undefined, indices],
      };
    },
  };
};

const logits = elementwise('binary_cross_entropy_with_logits', [undefined, probabilities]);
const ofProbabilities = elementwise('binary_cross_entropy', [probabilities, probabilities]);

export const lossFunctions: FamilyCases = {
  mse_loss: elementwise('mse_loss', []),
  l1_loss: elementwise('l1_loss', []),
  smooth_l1_loss: elementwise('smooth_l1_loss', [], (draw) => ({ beta: draw.decimal(0, 2) }), [
    { beta: 0.5 },
    { beta: 0 },
  ]),
  huber_loss: elementwise('huber_loss', [], (draw) => ({ delta: draw.decimal(0.1, 2) }), [{ delta: 0.5 }]),
  binary_cross_entropy: {
    ...ofProbabilities,
    fixed: [
      ...ofProbabilities.fixed,
      {
        ...fn(`${F}.binary_cross_entropy`, [[B, 4], [B, 4], [4]], { operands: ['weight'] }),
        values: [probabilities, probabilities, probabilities],
      },
    ],
  },
  binary_cross_entropy_with_logits: {
    ...logits,
    fixed: [
      ...logits.fixed,
      {
        ...fn(`${F}.binary_cross_entropy_with_logits`, [[B, 4], [B, 4], [4]], { operands: ['pos_weight'] }),
        values: [undefined, probabilities, probabilities],
      },
    ],
  },
  nll_loss: classes('nll_loss', () => ({})),
  cross_entropy: classes('cross_entropy', (draw) => ({ label_smoothing: draw.decimal(0, 0.5) }), [
    { ...fn(`${F}.cross_entropy`, [[B, 4], [B]], { label_smoothing: 0.2 }), values: [undefined, { integers: [0, 3] }] },
    {
      ...fn(
        `${F}.cross_entropy`,
        [
          [B, 4, 2],
          [B, 4, 2],
        ],
        { label_smoothing: 0.1 },
      ),
      values: [undefined, probabilities],
    },
  ]),
  kl_div: elementwise('kl_div', [undefined, probabilities], (draw) => ({ log_target: draw.chance() }), [
    { reduction: 'batchmean' },
    { log_target: true },
  ]),
};
