import { findLayer, type LayerRow } from '../../../layers';
import { type Attributes, outputOf, type Shape, type Span, type ValueType } from '../../../network';
import { type FreshPlace, type Recipe, type TensorPlace, type TensorValue, tensor } from '../values';
import { functionId, type Trace } from './trace';

/** A row applied to known values. */
interface KnownApplication {
  readonly row: LayerRow;
  readonly attributes: Attributes;
  readonly by: string;
  readonly site: Span;
}

/** The known place of a tensor: its own, or its buffer's. */
const knownPlace = (place: TensorPlace): FreshPlace | undefined =>
  place.kind === 'fresh' ? place : place.kind === 'stored' ? place.tensor.known : undefined;

const recipeAt = (place: TensorPlace): Recipe | undefined => knownPlace(place)?.recipe;

/** Whether a tensor's values depend on nothing that flows or is learned. */
export const isKnown = ({ place }: TensorValue): boolean => knownPlace(place) !== undefined;

/** The computation to be done later; undefined where an operand was drawn, so that its values are not known. */
export function recipeOf(
  { row, attributes, by, site }: KnownApplication,
  operands: readonly TensorValue[],
  outputShapes: readonly Shape[],
): Recipe | undefined {
  const places = operands.map(({ place }) => place);
  const known = places.every((place) => recipeAt(place) !== undefined);
  return known ? { row, attributes, operands: places, outputShapes, by, source: site } : undefined;
}

/** A tensor of known values: what a row without inputs gives. */
export function knownTensor(
  kind: string,
  attributes: Attributes,
  shape: Shape,
  dtype: ValueType,
  by: string,
  site: Span,
): TensorValue {
  const recipe: Recipe = {
    row: findLayer(kind)!,
    attributes,
    operands: [],
    outputShapes: [shape],
    by,
    source: site,
  };
  return tensor(shape, { kind: 'fresh', source: site, recipe, output: 0 }, dtype);
}

/**
 * The place as a call's operand: the calls that compute known values are recorded before their first user. Undefined for
 * drawn values, which no call can make again.
 */
export function materialized(place: TensorPlace, trace: Trace): TensorPlace | undefined {
  const known = knownPlace(place);
  if (!known) return place;
  return known.recipe && { kind: 'flow', value: outputOf(recordRecipe(known.recipe, trace), known.output) };
}

/** Records what a recipe needs, then itself; each once. Iterative, as a chain of computations may be long. */
function recordRecipe(recipe: Recipe, trace: Trace): string {
  const stack = [recipe];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const missing = top.operands.map(recipeAt).find((needed) => needed && !trace.made.has(needed));
    if (missing) {
      stack.push(missing);
      continue;
    }
    stack.pop();
    if (trace.made.has(top)) continue;
    const { row, attributes, operands, outputShapes, by, source } = top;
    const id = functionId(trace, by);
    trace.made.set(top, id);
    trace.calls.push({
      id,
      kind: row.kind,
      attributes,
      operands: operands.map((place) => materialized(place, trace)!),
      outputShapes,
      source,
    });
  }
  return trace.made.get(recipe)!;
}
