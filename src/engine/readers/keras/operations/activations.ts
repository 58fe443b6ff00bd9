import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { float, int, string, tuple, type Value } from '../../python/values';
import { axisAt, type Calls, isTensor, operand, rankOf, row } from './calls';

const x = (calls: Calls): Value => operand(calls, 0, 'x|features|logits|input|inputs');

/** An activation that PyTorch has as a function: our arguments' names and defaults by its own names. */
const named = (
  name: string,
  ...parameters: readonly (readonly [own: string, theirs: string, fallback?: number])[]
): BuiltinRow =>
  row((calls) =>
    calls.torch(
      `nn.functional.${name}`,
      [x(calls)],
      Object.fromEntries(
        parameters.map(([own, theirs, fallback], i) => [
          theirs,
          calls.take(i + 1, own) ?? (fallback === undefined ? undefined : float(fallback)),
        ]),
      ),
    ),
  );

const alongAxis = (name: string): BuiltinRow =>
  row((calls) => calls.torch(name, [x(calls)], { dim: calls.take(1, 'axis|dim') ?? int(-1) }));

const number = (value: Value | undefined, otherwise: number): number =>
  value?.type === 'int' || value?.type === 'float' ? value.value : otherwise;

/** max(x, threshold) with a slope below and a largest value, as keras.activations.relu has them. */
export function rectified(
  calls: Calls,
  value: Value,
  slope: number,
  most: number | undefined,
  threshold: number,
): Value {
  const above =
    threshold === 0
      ? calls.torch('relu', [value])
      : calls.torch('where', [calls.on('>', value, threshold), value, calls.torch('zeros_like', [value])]);
  const capped = most === undefined ? above : calls.torch('clamp', [above], { max: float(most) });
  if (slope === 0) return capped;
  // Below the threshold: slope·(x − threshold).
  const below = calls.torch('clamp', [threshold === 0 ? value : calls.on('-', value, threshold)], { max: float(0) });
  return calls.on('+', capped, calls.on('*', below, slope));
}

const relu = row((calls) => {
  const [slope, most, threshold] = [
    number(calls.take(1, 'negative_slope|alpha'), 0),
    calls.take(2, 'max_value'),
    number(calls.take(3, 'threshold'), 0),
  ];
  const largest = most ? number(most, 6) : undefined;
  if (threshold === 0 && largest === undefined)
    return slope === 0
      ? calls.torch('relu', [x(calls)])
      : calls.torch('nn.functional.leaky_relu', [x(calls)], { negative_slope: float(slope) });
  if (threshold === 0 && slope === 0)
    return largest === 6
      ? calls.torch('nn.functional.relu6', [x(calls)])
      : calls.torch('nn.functional.hardtanh', [x(calls)], { min_val: float(0), max_val: float(largest!) });
  return rectified(calls, x(calls), slope, largest, threshold);
});

/** By default the approximation where keras.ops says so, and the exact one elsewhere. */
const gelu = (approximate: boolean): BuiltinRow =>
  row((calls) => {
    const said = calls.take(1, 'approximate');
    const tanh = said?.type === 'bool' ? said.value : approximate;
    return calls.torch('nn.functional.gelu', [x(calls)], { approximate: tanh ? string('tanh') : undefined });
  });

/** (x + √(x² + b))/2. */
const squareplus = row((calls) => {
  const root = calls.torch('sqrt', [calls.on('+', calls.torch('square', [x(calls)]), number(calls.take(1, 'b'), 4))]);
  return calls.on('/', calls.on('+', x(calls), root), 2);
});

/** 0 up to −1, (x + 1)²/4 up to 1, then x. */
const sparsePlus = row((calls) => {
  const inner = calls.torch('clamp', [x(calls)], { min: float(-1), max: float(1) });
  const curve = calls.on('/', calls.torch('square', [calls.on('+', inner, 1)]), 4);
  return calls.torch('where', [calls.on('<', x(calls), 1), curve, x(calls)]);
});

const sparseSigmoid = row((calls) =>
  calls.torch('clamp', [calls.on('/', calls.on('+', x(calls), 1), 2)], { min: float(0), max: float(1) }),
);

/**
 * What is above a threshold, as Keras 3 has it in all of its backends: its threshold is of the sum of the partial sums that
 * are held, where Martins and Astudillo (2016) take the last of them.
 */
const sparsemax = row((calls) => {
  const value = x(calls);
  const rank = rankOf(value);
  if (!isTensor(value) || rank === undefined) return value;
  const axis = axisAt(number(calls.take(1, 'axis'), -1), rank);
  const size = value.shape![axis];
  if (typeof size !== 'number') return calls.run.unmodelled('sparsemax', 'its axis is the batch', calls.site);
  const dim = int(axis);
  const sorted = calls.run.subscript(
    calls.torch('sort', [value], { dim, descending: { type: 'bool', value: true } }),
    int(0),
    calls.site,
  );
  const counts = calls.torch('reshape', [
    calls.torch('arange', [int(1), int(size + 1)], { dtype: { type: 'library', path: 'torch.float32' } }),
    tuple(Array.from({ length: rank }, (_, i) => int(i === axis ? size : 1))),
  ]);
  const sums = calls.torch('cumsum', [sorted], { dim });
  const held = calls.on('>', calls.on('+', calls.on('*', sorted, counts), 1), sums);
  const zero = calls.torch('zeros_like', [sorted]);
  const keepdim: Value = { type: 'bool', value: true };
  const total = calls.torch('sum', [calls.torch('where', [held, sums, zero])], { dim, keepdim });
  const count = calls.torch('sum', [calls.torch('where', [held, calls.torch('ones_like', [sorted]), zero])], {
    dim,
    keepdim,
  });
  const threshold = calls.on('/', calls.on('-', total, 1), count);
  return calls.torch('relu', [calls.on('-', value, threshold)]);
});

/** Activations as functions, by keras.activations' and keras.ops' names; TensorFlow's differ by an argument's name alone. */
export const activationFunctions: BuiltinTable = {
  linear: row(x),
  relu,
  relu6: named('relu6'),
  leaky_relu: named('leaky_relu', ['negative_slope|alpha', 'negative_slope', 0.2]),
  elu: named('elu', ['alpha', 'alpha', 1]),
  selu: named('selu'),
  celu: named('celu', ['alpha', 'alpha', 1]),
  gelu: gelu(false),
  silu: named('silu'),
  swish: named('silu'),
  mish: named('mish'),
  glu: named('glu', ['axis', 'dim']),
  sigmoid: named('sigmoid'),
  tanh: named('tanh'),
  softplus: named('softplus'),
  softsign: named('softsign'),
  soft_sign: named('softsign'),
  hard_sigmoid: named('hardsigmoid'),
  hard_silu: named('hardswish'),
  hard_swish: named('hardswish'),
  hard_tanh: named('hardtanh'),
  hard_shrink: named('hardshrink', ['threshold', 'lambd']),
  soft_shrink: named('softshrink', ['threshold', 'lambd']),
  tanh_shrink: named('tanhshrink'),
  log_sigmoid: named('logsigmoid'),
  exponential: row((calls) => calls.torch('exp', [x(calls)])),
  softmax: alongAxis('softmax'),
  log_softmax: alongAxis('log_softmax'),
  threshold: row((calls) =>
    calls.torch('nn.functional.threshold', [x(calls)], {
      threshold: calls.take(1, 'threshold') ?? float(0),
      value: calls.take(2, 'default_value') ?? float(0),
    }),
  ),
  squareplus,
  sparse_plus: sparsePlus,
  sparse_sigmoid: sparseSigmoid,
  sparsemax,
};

/** Where keras.ops takes other defaults than keras.activations. */
export const ofOps: BuiltinTable = { gelu: gelu(true) };
