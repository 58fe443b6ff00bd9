import { AttributeError, NotKnown, type Numbers, numbersOf, ShapeError } from '../../../layers';
import { elementCount } from '../../../network';
import type { FreshPlace, Recipe, TensorPlace, TensorValue } from './value';

const computed = new WeakMap<Recipe, readonly (Numbers | undefined)[]>();

const placeOf = (place: TensorPlace): FreshPlace | undefined =>
  place.kind === 'fresh' ? place : place.kind === 'stored' ? place.tensor.known : undefined;

/** A tensor's numbers, where nothing that flows, is learned or is drawn goes into them and they are few; else undefined. */
export function knownNumbers({ place, shape }: TensorValue): Numbers | undefined {
  const fresh = placeOf(place);
  if (!fresh?.recipe || !shape?.every((dim) => typeof dim === 'number')) return undefined;
  if (elementCount(shape) > 100_000) return undefined;
  return outputsOf(fresh.recipe)[fresh.output ?? 0];
}

/** Computes what a recipe needs, then itself; each once. Iterative, as a chain of computations may be long. */
function outputsOf(recipe: Recipe): readonly (Numbers | undefined)[] {
  const stack = [recipe];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const operands = top.operands.map(placeOf);
    const missing = operands.find((place) => place?.recipe && !computed.has(place.recipe))?.recipe;
    if (missing) {
      stack.push(missing);
      continue;
    }
    stack.pop();
    const inputs = operands.map((place) => place?.recipe && computed.get(place.recipe)![place.output ?? 0]);
    computed.set(top, inputs.every((input) => input !== undefined) ? compute(top, inputs) : []);
  }
  return computed.get(recipe)!;
}

function compute({ row, attributes }: Recipe, inputs: readonly Numbers[]): readonly (Numbers | undefined)[] {
  // What is drawn is drawn anew at every step, and dropout with it.
  if (row.role === 'noise' || row.role === 'dropout') return [];
  try {
    return numbersOf(row, attributes, inputs);
  } catch (error) {
    if (error instanceof ShapeError || error instanceof AttributeError || error instanceof NotKnown) return [];
    throw error;
  }
}
