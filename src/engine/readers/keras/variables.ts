import type { Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import {
  type Arguments,
  type ModuleValue,
  NONE,
  type RecordValue,
  type StoredTensor,
  tensor,
  tuple,
  type Value,
} from '../python/values';
import { initializationOf } from './initializers';
import { drawingOf } from './operations';
import { tensorsIn } from './state';

/** The variables that a file makes itself, with the names that it gives them. */
const variables = new WeakMap<StoredTensor, string | undefined>();

const sizesOf = (shape: Value | undefined): number[] | undefined => {
  const items = shape?.type === 'tuple' || shape?.type === 'list' ? shape.items : shape?.type === 'int' ? [shape] : [];
  const sizes = items.flatMap((item) => (item.type === 'int' ? [item.value] : []));
  return shape && sizes.length === items.length ? sizes : undefined;
};

/** `initializer(shape=…)`: a tensor drawn so, of a shape that is known. */
export function drawnBy(record: RecordValue, args: Arguments, source: Span): Value | undefined {
  if (!/^(keras|tensorflow)\.(\w+\.)*initializers\.|_initializer$/.test(record.path)) return undefined;
  const shape = sizesOf(args.keywords.get('shape') ?? args.positional[0]);
  const initialization = shape && initializationOf(record, shape);
  return initialization && tensor(shape, { kind: 'fresh', initialization, source });
}

/**
 * `tf.Variable(value)` and `keras.Variable(value or initializer, shape)`: a weight, of the layer that it is assigned to. Whole
 * numbers count something, and stay what they are.
 */
export function variableOf(args: Arguments, site: Span, run: Evaluation): Value {
  const named = (name: string) => args.keywords.get(name);
  let first = named('initial_value') ?? named('initializer') ?? named('value') ?? args.positional[0] ?? NONE;
  const shape = sizesOf(named('shape') ?? (args.positional[1]?.type === 'tuple' ? args.positional[1] : undefined));
  const drawn = shape && initializationOf(first, shape);
  if (drawn) first = tensor(shape, { kind: 'fresh', initialization: drawn, source: site });
  else if (/^(function|builtin|record)$/.test(first.type))
    first = run.call(
      first,
      { positional: shape ? [tuple(args.positional.slice(1, 2))] : [], keywords: new Map() },
      site,
    );
  const initialization = drawingOf(first);
  if (first.type === 'tensor' && first.shape && initialization)
    first = tensor(first.shape, { kind: 'fresh', initialization, source: site });
  if (first.type === 'unknown') return first;
  const counts =
    first.type === 'int' || first.type === 'bool' || (first.type === 'tensor' && first.dtype !== 'float32');
  if (first.type !== 'tensor')
    first = run.call(run.library('torch.tensor'), { positional: [first], keywords: new Map() }, site);
  if (counts || first.type !== 'tensor') return first;
  const made = run.call(run.libraryClass('torch.nn.Parameter')!, { positional: [first], keywords: new Map() }, site);
  if (made.type !== 'tensor' || made.place.kind !== 'stored') return made;
  const trainable = named('trainable') ?? args.positional.find(({ type }) => type === 'bool');
  const learned = !(trainable?.type === 'bool' && !trainable.value);
  const stored: StoredTensor = { ...made.place.tensor, parameter: learned, trainable: learned };
  const name = named('name');
  variables.set(stored, name?.type === 'string' ? name.value.replace(/\W+/g, '_') : undefined);
  return { ...made, place: { kind: 'stored', tensor: stored } };
}

/** Makes variables in what is assigned to a layer's attribute weights of the layer, by their own names or the attribute's. */
export function registerVariables(module: ModuleValue, attribute: string, given: Value): void {
  for (const { place } of tensorsIn(given)) {
    if (place.kind !== 'stored' || !variables.has(place.tensor)) continue;
    const of = module[place.tensor.parameter ? 'parameters' : 'buffers'];
    if ([...of.values()].includes(place.tensor)) continue;
    const base = variables.get(place.tensor) || attribute;
    let name = base;
    for (let i = 1; module.parameters.has(name) || module.buffers.has(name); i++) name = `${base}_${i}`;
    of.set(name, place.tensor);
  }
}
