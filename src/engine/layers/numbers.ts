import type { Attributes } from '../network';
import { constant, evaluate, type Numbers } from '../tensor';
import type { LayerRow } from './row';

export type { Numbers } from '../tensor';

/** More elements than this are not computed while a model is read. */
const LIMIT = 200_000;

/** Thrown where numbers hang on a parameter, a buffer or a draw. */
export class NotKnown extends Error {}

const unavailable = () => {
  throw new NotKnown('known numbers come from no parameter, buffer or draw');
};

/**
 * What a row gives for known numbers, computed at once; undefined where it needs more than the small arithmetic of
 * `evaluate`, or too many elements.
 * @throws ShapeError, AttributeError as the row does.
 */
export function numbersOf(
  row: LayerRow,
  attributes: Attributes,
  inputs: readonly Numbers[],
): readonly (Numbers | undefined)[] {
  const tensors = inputs.map(({ values, shape, dtype }) => constant(values, shape, dtype));
  const { outputs } = row.forward(tensors, attributes, {
    mode: 'evaluate',
    batch: 1,
    parameter: unavailable,
    buffer: unavailable,
    bernoulli: unavailable,
    uniform: unavailable,
  });
  return outputs.map((output) => evaluate(output, LIMIT));
}
