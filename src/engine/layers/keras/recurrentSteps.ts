import {
  abs,
  add,
  clip,
  concat,
  constant,
  div,
  exp,
  expand,
  log1p,
  matmul,
  maximum,
  minimum,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  sub,
  type Tensor,
  tanh,
  where,
} from '../../tensor';
import type { ForwardContext } from '../row';

/** Activations of a recurrent layer's state and gates, by Keras's names. */
const functions = {
  tanh,
  sigmoid,
  relu,
  linear: (x: Tensor): Tensor => x,
  hard_sigmoid: (x: Tensor): Tensor => clip(add(div(x, 6), 0.5), 0, 1, false),
  elu: (x: Tensor): Tensor => add(maximum(x, 0), sub(exp(minimum(x, 0)), 1)),
  silu: (x: Tensor): Tensor => mul(x, sigmoid(x)),
  softsign: (x: Tensor): Tensor => div(x, add(abs(x), 1)),
  softplus: (x: Tensor): Tensor => add(maximum(x, 0), log1p(exp(mul(abs(x), -1)))),
} as const;

/** The names of these; `other` is any that is not modelled. */
export const stepActivations = [...(Object.keys(functions) as (keyof typeof functions)[]), 'other'] as const;

interface Steps {
  readonly units: number;
  readonly activation: string;
  readonly recurrent_activation?: string;
  readonly use_bias: boolean;
  readonly recurrent_dropout: number;
  readonly go_backwards: boolean;
  readonly reset_after?: boolean;
}

interface Sequence {
  /** [N, L, D] */
  readonly x: Tensor;
  readonly states: readonly Tensor[];
  /** [N, L, 1] */
  readonly mask: Tensor | undefined;
}

/** The function of that name. */
export const stepFunction = (name: string): ((x: Tensor) => Tensor) => functions[name as keyof typeof functions];

/** Columns of a matrix or vector, as gates stand side by side. */
const part = (x: Tensor, i: number, width: number): Tensor => {
  const rest = x.shape.slice(0, -1);
  return slice(x, [...rest.map(() => 0), i * width], [...rest, (i + 1) * width]);
};

/** One step: what the gates make of x·K + b [N, gates·units] and the states. */
type Step = (products: Tensor, states: readonly Tensor[]) => readonly Tensor[];

function stepOf(kind: 'RNN' | 'LSTM' | 'GRU', given: Steps, context: ForwardContext): Step {
  const { units, activation, recurrent_activation = 'sigmoid', recurrent_dropout, use_bias, reset_after } = given;
  const [act, gate] = [stepFunction(activation), stepFunction(recurrent_activation)];
  const recurrent = context.parameter('recurrent_kernel');
  // One mask for all steps of a sample.
  const dropped = context.mode === 'train' && recurrent_dropout > 0;
  let drawn: Tensor | undefined;
  const kept = (h: Tensor): Tensor => {
    if (!dropped) return h;
    drawn ??= mul(context.bernoulli(h.shape, 1 - recurrent_dropout), 1 / (1 - recurrent_dropout));
    return mul(h, drawn);
  };
  if (kind === 'RNN') return (products, [h]) => [act(add(products, matmul(kept(h!), recurrent)))];
  if (kind === 'LSTM') {
    return (products, [h, c]) => {
      const z = add(products, matmul(kept(h!), recurrent));
      const [i, f, g, o] = [0, 1, 2, 3].map((at) => part(z, at, units)) as [Tensor, Tensor, Tensor, Tensor];
      const cell = add(mul(gate(f), c!), mul(gate(i), act(g)));
      return [mul(gate(o), act(cell)), cell];
    };
  }
  const hiddenBias =
    use_bias && reset_after ? part(reshape(context.parameter('bias'), [6 * units]), 1, 3 * units) : undefined;
  return (products, [h]) => {
    const own = kept(h!);
    const both = reset_after ? recurrent : part(reshape(recurrent, [units, 3 * units]), 0, 2 * units);
    const product = matmul(own, both);
    const inner = hiddenBias ? add(product, hiddenBias) : product;
    const update = gate(add(part(products, 0, units), part(inner, 0, units)));
    const reset = gate(add(part(products, 1, units), part(inner, 1, units)));
    const candidate = reset_after
      ? mul(reset, part(inner, 2, units))
      : matmul(mul(reset, own), part(recurrent, 2, units));
    const made = act(add(part(products, 2, units), candidate));
    return [add(mul(update, h!), mul(sub(1, update), made))];
  };
}

/**
 * A recurrence whose steps are expressions of their own, for what the fused one lacks: other activations, dropout of the
 * state, GRU's reset before the product. Gives all steps [N, L, units] in the order in which they were taken.
 */
export function writtenOut(
  kind: 'RNN' | 'LSTM' | 'GRU',
  { x, states, mask }: Sequence,
  given: Steps,
  context: ForwardContext,
): { readonly all: Tensor; readonly last: Tensor; readonly states: readonly Tensor[] } {
  const [batch, length] = x.shape as readonly [number, number];
  const kernel = context.parameter('kernel');
  const width = kernel.shape[1]!;
  const bias = given.use_bias ? context.parameter('bias') : undefined;
  const own = bias && (bias.shape.length === 2 ? part(reshape(bias, [2 * width]), 0, width) : bias);
  const product = matmul(x, kernel);
  const products = own ? add(product, own) : product;
  const step = stepOf(kind, given, context);
  const at = (all: Tensor, t: number): Tensor =>
    reshape(slice(all, [0, t, 0], [batch, t + 1, all.shape[2]!]), [batch, all.shape[2]!]);
  const zero = expand(constant(0), [batch, given.units]);
  let now: readonly Tensor[] = Array.from({ length: kind === 'LSTM' ? 2 : 1 }, (_, i) => states[i] ?? zero);
  const taken: Tensor[] = [];
  for (let i = 0; i < length; i++) {
    const t = given.go_backwards ? length - 1 - i : i;
    const next = step(at(products, t), now);
    const counts = mask && at(mask, t);
    now = counts ? next.map((value, j) => where(counts, value, now[j]!)) : next;
    taken.push(reshape(now[0]!, [batch, 1, given.units]));
  }
  return { all: concat(taken, 1), last: now[0]!, states: now };
}
