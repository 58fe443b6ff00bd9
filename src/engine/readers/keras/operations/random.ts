import { type Initialization, normal as normalOf, uniform as uniformOf } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { newTrace } from '../../python/modules/trace';
import { asNumber, bool, float, NONE, tuple, type Value } from '../../python/values';
import { type Calls, operand, row } from './calls';

const sizes = (calls: Calls, place = 0): Value => {
  const shape = calls.take(place, 'shape') ?? NONE;
  return shape.type === 'list'
    ? tuple(shape.items)
    : shape.type === 'int' || shape.type === 'dim'
      ? tuple([shape])
      : shape;
};

/** Numbers that are drawn at every step, also where a script makes a model of them: they belong to no module. */
function drawn(calls: Calls, name: 'randn' | 'rand'): Value {
  const { run } = calls;
  const before = run.trace;
  run.trace ??= newTrace(new Map());
  try {
    return calls.torch(name, [sizes(calls)]);
  } finally {
    run.trace = before;
  }
}

/** How a tensor was drawn, for a variable that begins with it. */
const drawnAs = new WeakMap<Value, Initialization>();

/** How a variable begins that is given this tensor; undefined where it was not just drawn. */
export const drawingOf = (value: Value): Initialization | undefined => drawnAs.get(value);

const remembered = (value: Value, initialization: Initialization): Value => {
  drawnAs.set(value, initialization);
  return value;
};

/** mean + stddev·N(0, 1), drawn at every step where a forward draws it. */
const normal = row((calls) => {
  const numbers = drawn(calls, 'randn');
  const [mean, std] = [calls.take(1, 'mean') ?? float(0), calls.take(2, 'stddev') ?? float(1)];
  const spread = asNumber(std) === 1 ? numbers : calls.on('*', numbers, std);
  const made = asNumber(mean) === 0 ? spread : calls.on('+', spread, mean);
  const [center, deviation] = [asNumber(mean), asNumber(std)];
  return center === undefined || deviation === undefined ? made : remembered(made, normalOf(center, deviation));
});

/** Uniform between two numbers. */
const uniform = row((calls) => {
  const numbers = drawn(calls, 'rand');
  const [low, high] = [calls.take(1, 'minval') ?? float(0), calls.take(2, 'maxval') ?? float(1)];
  const [from, to] = [asNumber(low), asNumber(high)];
  if (from === 0 && to === 1) return remembered(numbers, uniformOf(0, 1));
  if (from === undefined || to === undefined)
    return calls.on('+', calls.on('*', numbers, calls.on('-', high, low)), low);
  return remembered(calls.on('+', calls.on('*', numbers, to - from), from), uniformOf(from, to));
});

const dropout: BuiltinRow = row((calls) =>
  calls.torch('nn.functional.dropout', [operand(calls, 0, 'inputs|x')], {
    p: calls.take(1, 'rate'),
    training: bool(true),
  }),
);

/** Random numbers, by the name of their module and their own; plain names are keras.backend's. */
export const random: BuiltinTable = {
  'random.normal': normal,
  'random.truncated_normal': normal,
  'random.uniform': uniform,
  'random.dropout': dropout,
  'nn.dropout': dropout,
  random_normal: normal,
  random_uniform: uniform,
};
