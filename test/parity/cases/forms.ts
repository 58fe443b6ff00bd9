import { type Attributes, BATCH, type Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { KindCases, LayerCase } from '../layerCase';

export const B = BATCH;
export const F = 'torch.nn.functional';
export const vector: Shape = [B, 6];
export const image: Shape = [B, 4, 5, 6];

/** One case for every set of attributes, on the same input. */
export const each = (inputs: readonly Shape[], ...sets: readonly Attributes[]): LayerCase[] =>
  sets.map((attributes) => ({ attributes, inputs }));

export const evaluated = (cases: readonly LayerCase[]): LayerCase[] =>
  cases.map((one) => ({ ...one, mode: 'evaluate' }));

/** A function form by its name, its attributes and inputs. */
export const fn = (name: string, inputs: readonly Shape[], attributes: Attributes = {}): LayerCase => ({
  function: name,
  inputs,
  attributes,
});

/** Any shape with the batch in front: `rank` axes in all. */
export const batched = (draw: Draw, rank: number, low = 1, high = 5): Shape => [B, ...draw.shape(rank - 1, low, high)];

/** The batch, at times without any: what PyTorch calls unbatched. */
export const perhapsBatched = (draw: Draw, shape: Shape): Shape => (draw.chance(0.85) ? [B, ...shape] : shape);

/** Train or evaluate. */
export const anyMode = (draw: Draw): 'train' | 'evaluate' => (draw.chance(0.7) ? 'train' : 'evaluate');

/**
 * An elementwise function as a module and under its functions' names, over inputs wide enough to reach its flat sides.
 * `attributes` draws what the module's and, where `onFunctions`, the functions' parameters may be.
 */
export function activation(
  functions: readonly string[],
  sets: readonly Attributes[] = [],
  attributes: (draw: Draw) => Attributes = () => ({}),
  onFunctions: readonly string[] = functions.filter((name) => name.startsWith(F)),
): KindCases {
  return {
    fixed: [
      ...each([[B, 9]], {}, ...sets),
      ...each([[B, 3, 2, 2]], {}),
      ...functions.map((name) => fn(name, [vector])),
    ].map((one) => ({ ...one, spread: 3 })),
    random(draw) {
      const name = draw.chance(0.3) && functions.length > 0 ? draw.pick(functions) : undefined;
      const spread = draw.pick([0.5, 1, 3, 6]);
      return {
        attributes: name === undefined || onFunctions.includes(name) ? draw.some(attributes(draw)) : {},
        // Many values where they are wide: a single one on a flat side has a gradient of nothing but rounding.
        inputs: [spread > 1 ? batched(draw, draw.int(3, 4), 3) : batched(draw, draw.int(1, 4))],
        batch: draw.int(1, 4),
        spread,
        mode: anyMode(draw),
        ...(name !== undefined && { function: name }),
      };
    },
  };
}
