import { elementCount, constant as filled } from '../../network';
import { add, constant, div, maximum, mul, reshape, sqrt, sub, type Tensor } from '../../tensor';
import { type Attribute, ints, optional } from '../attribute';
import { axesOf, onlyInput } from '../dimensions';
import { defineLayer, type LayerRow, type ParameterSpec } from '../row';
import { checkAxis } from './format';

/** A number, or one for each channel. */
const perChannel = (fallback: number): Attribute<readonly number[]> => ({
  takes: 'a number or a list of them',
  schema: { oneOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' } }] },
  accept(value) {
    if (typeof value === 'number') return [value];
    return Array.isArray(value) && value.every((item) => typeof item === 'number') ? (value as number[]) : undefined;
  },
  fallback: [fallback],
});

const shared = { role: 'arithmetic', library: 'keras', module: true } as const;

const lastAxis = (values: readonly number[]): Tensor =>
  values.length === 1 ? constant(values[0]!) : constant(values, [values.length]);

/** x·scale + offset. */
const rescaling = defineLayer({
  ...shared,
  kind: 'KerasRescaling',
  classes: ['keras.layers.Rescaling'],
  attributes: { scale: perChannel(1), offset: perChannel(0) },
  types: () => ['float32'],
  outputShapes(inputs, { scale, offset }) {
    const input = onlyInput(inputs, 'Rescaling');
    for (const { length } of [scale, offset]) if (length > 1) checkAxis(input, -1, length);
    return [input];
  },
  forward: ([x], { scale, offset }) => ({ outputs: [add(mul(x!, lastAxis(scale)), lastAxis(offset))] }),
});

/** (x − mean)/max(√variance, ε) with statistics that the file gives, or that `adapt` takes from data: 0 and 1 until then. */
const normalization = defineLayer({
  ...shared,
  kind: 'KerasNormalization',
  classes: ['keras.layers.Normalization'],
  attributes: { axis: ints([-1]), shape: ints(), mean: optional(perChannel(0)), variance: optional(perChannel(1)) },
  buffers: ({ shape, mean }): Readonly<Record<string, ParameterSpec>> =>
    mean === null
      ? {
          mean: { shape, initialization: filled(0) },
          variance: { shape, initialization: filled(1) },
          count: { shape: [], initialization: filled(0) },
        }
      : {},
  types: () => ['float32'],
  outputShapes: (inputs) => [onlyInput(inputs, 'Normalization')],
  forward([x], { axis, shape, mean, variance }, context) {
    const kept = axesOf(axis, x!.shape.length);
    const own = x!.shape.map((size, at) => (kept.includes(at) ? size : 1));
    const of = (values: readonly number[] | null, name: string): Tensor => {
      if (values === null) return reshape(context.buffer(name), own);
      return values.length === elementCount(shape) ? constant(values, own) : constant(values[0]!);
    };
    const spread = maximum(sqrt(of(variance, 'variance')), 1e-7);
    return { outputs: [div(sub(x!, of(mean, 'mean')), spread)] };
  },
});

export const preprocessings: readonly LayerRow[] = [rescaling, normalization];
