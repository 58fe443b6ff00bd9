import {
  add,
  cast,
  concat,
  constant,
  expand,
  greater,
  less,
  not,
  range,
  recurrence,
  reshape,
  slice,
  type Tensor,
  transpose,
  where,
} from '../tensor';
import { drop } from './dropout';
import { projectedLstm } from './recurrentProjection';
import type { Forward, ForwardContext } from './row';

/** The attributes of RNN, LSTM and GRU, and which of them it is. */
export interface Stack {
  readonly kind: 'RNN' | 'LSTM' | 'GRU';
  readonly input_size: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly nonlinearity?: 'tanh' | 'relu';
  readonly bias: boolean;
  readonly batch_first: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** LSTM's: features of a hidden state after its projection; 0: none. */
  readonly proj_size?: number;
  readonly padded: boolean;
  readonly lengths: readonly number[] | null;
}

/** Gates over hidden units, state tensors, and the values behind σ and tanh that a step's gates give. */
export const stackCells = {
  RNN: { gates: 1, states: 1, sigmoid: [], tanh: ['new'] },
  LSTM: { gates: 4, states: 2, sigmoid: ['input', 'forget', 'output'], tanh: ['candidate'] },
  GRU: { gates: 3, states: 1, sigmoid: ['reset', 'update'], tanh: ['candidate'] },
} as const;

// |φ′| = 0.1·max|φ′|, by the function's value: σ(1 − σ) = 0.1·¼ and 1 − tanh² = 0.1.
const SIGMOID_LOW = (1 - Math.sqrt(0.9)) / 2;
const TANH_HIGH = Math.sqrt(0.9);

/** Saturation is taken at so many steps at most, spread evenly and with the last: all would cost a tenth of the training. */
const OBSERVED_STEPS = 8;

/** What one layer computes in one direction. */
interface Walk {
  /** The hidden state after each step, [T, B, H], or projected, [T, B, P]. */
  readonly hidden: Tensor;
  /** The last hidden state, and cell state, each with an axis in front. */
  readonly last: readonly Tensor[];
  /** A gate's values, one for each step (axis 0), unit and sample. */
  gate(name: string): Tensor;
}

/** Which steps count, [T, 1, B]: those before a sample's length. Known lengths are those of the samples in turn. */
function maskOf(lengths: Tensor | readonly number[], steps: number, batch: number): Tensor {
  const of = Array.isArray(lengths)
    ? constant(
        Array.from({ length: batch }, (_, i) => lengths[i % lengths.length]!),
        [1, 1, batch],
        'int32',
      )
    : reshape(cast(lengths as Tensor, 'int32'), [1, 1, batch]);
  return less(reshape(range(steps), [steps, 1, 1]), of);
}

/** Layers over layers of recurrent cells. The input's product is taken for all steps at once, and so are the weights' gradients. */
export function recurrentForward(inputs: readonly Tensor[], stack: Stack, context: ForwardContext): Forward {
  const { kind, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, padded } = stack;
  const [input, ...states] = padded ? inputs.slice(0, -1) : inputs;
  const unbatched = input!.shape.length === 2;
  const timeMajor = unbatched
    ? reshape(input!, [input!.shape[0]!, 1, input!.shape[1]!])
    : batch_first
      ? transpose(input!, [1, 0, 2])
      : input!;
  const [given, batch, features] = timeMajor.shape as [number, number, number];
  const steps = stack.lengths ? Math.min(given, Math.max(...stack.lengths)) : given;
  const sequence = slice(timeMajor, [0, 0, 0], [steps, batch, features]);
  const lengths = padded ? inputs.at(-1) : stack.lengths;
  const mask = lengths ? maskOf(lengths as Tensor | readonly number[], steps, batch) : undefined;
  const cell = kind === 'RNN' ? stack.nonlinearity! : (kind.toLowerCase() as 'lstm' | 'gru');
  const directions = bidirectional ? [false, true] : [false];
  const training = context.mode === 'train';
  const projected = (stack.proj_size ?? 0) > 0;
  const widths = [projected ? stack.proj_size! : hidden_size, hidden_size] as const;

  const walk = (x: Tensor, layer: number, reverse: boolean): Walk => {
    const suffix = `_l${layer}${reverse ? '_reverse' : ''}`;
    const at = layer * directions.length + (reverse ? 1 : 0);
    const first = (which: 0 | 1): Tensor => {
      const [state, shape] = [states[which], [batch, widths[which]]];
      if (!state) return expand(constant(0), shape);
      const rest = state.shape.slice(1);
      return reshape(slice(state, [at, ...rest.map(() => 0)], [at + 1, ...rest]), shape);
    };
    const end = reverse ? 0 : steps - 1;
    const lastOf = (hidden: Tensor, cell: () => Tensor) => [
      slice(hidden, [end, 0, 0], [end + 1, batch, widths[0]]),
      ...(kind === 'LSTM' ? [reshape(cell(), [1, batch, hidden_size])] : []),
    ];
    const named = (stem: string) => context.parameter(`${stem}${suffix}`);
    const biases = bias ? [named('bias_ih'), named('bias_hh')] : [];
    const [inputWeight, weight] = [named('weight_ih'), named('weight_hh')];
    if (projected) {
      const {
        hidden,
        cell: last,
        gate,
      } = projectedLstm({
        x,
        inputWeight,
        weight,
        bias: bias ? biases.reduce(add) : undefined,
        projection: named('weight_hr'),
        states: [first(0), first(1)],
        reverse,
        mask,
      });
      return { hidden, last: lastOf(hidden, () => last), gate };
    }
    const operands = [
      x,
      inputWeight,
      weight,
      first(0),
      ...(kind === 'LSTM' ? [first(1)] : []),
      ...(kind === 'GRU' || !bias ? biases : [biases.reduce(add)]),
      ...(mask ? [mask] : []),
    ];
    const geometry = { cell, reverse, biased: bias, masked: mask !== undefined };
    const take = (name: string) => recurrence(operands, { ...geometry, keeps: training, take: name });
    const hidden = take('hidden');
    return { hidden, last: lastOf(hidden, () => take('cell')), gate: take };
  };

  const walks: Walk[] = [];
  let x = sequence;
  for (let layer = 0; layer < num_layers; layer++) {
    if (layer > 0 && training) x = drop(x, dropout, context);
    const own = directions.map((reverse) => walk(x, layer, reverse));
    walks.push(...own);
    x = concat(
      own.map(({ hidden }) => hidden),
      2,
    );
  }

  const visible = mask ? where(transpose(mask, [0, 2, 1]), x, 0) : x;
  const output = batch_first && !unbatched ? transpose(visible, [1, 0, 2]) : visible;
  const flat = unbatched ? reshape(output, [steps, output.shape[2]!]) : output;
  const lasts = Array.from({ length: stackCells[kind].states }, (_, i) => {
    const all = concat(
      walks.map(({ last }) => last[i]!),
      0,
    );
    return unbatched ? reshape(all, [walks.length, all.shape[2]!]) : all;
  });
  return {
    outputs: [flat, ...lasts],
    ...(cell === 'relu' ? { inactive: not(greater(flat, 0)) } : { saturated: saturatedGates(walks, kind) }),
  };
}

/** Values behind σ, and behind tanh, on the flat sides of those; all of one shape. */
export function flatGates(sigmoid: readonly Tensor[], tanh: readonly Tensor[]): NonNullable<Forward['saturated']> {
  const every = (side: (gate: Tensor, bounds: readonly [number, number]) => Tensor): Tensor =>
    concat(
      [
        ...sigmoid.map((gate) => side(gate, [SIGMOID_LOW, 1 - SIGMOID_LOW])),
        ...tanh.map((gate) => side(gate, [-TANH_HIGH, TANH_HIGH])),
      ],
      0,
    );
  return {
    low: every((gate, [low]) => less(gate, low)),
    high: every((gate, [, high]) => greater(gate, high)),
  };
}

/** Gates and candidates of every layer and direction on their flat sides, at the last of each group of steps. */
export function saturatedGates(walks: readonly Pick<Walk, 'gate'>[], kind: Stack['kind']): Forward['saturated'] {
  const chosen = (gate: Tensor): Tensor => {
    const [steps] = gate.shape as [number];
    const stride = Math.ceil(steps / OBSERVED_STEPS);
    return slice(gate, [(steps - 1) % stride, 0, 0], gate.shape, [stride, 1, 1]);
  };
  const of = (names: readonly string[]) => walks.flatMap(({ gate }) => names.map((name) => chosen(gate(name))));
  return flatGates(of(stackCells[kind].sigmoid), of(stackCells[kind].tanh));
}
