import type { RecurrenceGeometry } from '../../../src/engine/tensor/attributes';
import type { Values } from './reference';

/** A number that remembers what it was made of: reverse-mode differentiation of scalars, written as its definition says. */
class Scalar {
  slope = 0;
  constructor(
    readonly value: number,
    private readonly from: readonly (readonly [Scalar, number])[] = [],
  ) {}

  plus(other: Scalar): Scalar {
    return new Scalar(this.value + other.value, [
      [this, 1],
      [other, 1],
    ]);
  }

  times(other: Scalar): Scalar {
    return new Scalar(this.value * other.value, [
      [this, other.value],
      [other, this.value],
    ]);
  }

  through(f: (x: number) => number, slope: (y: number) => number): Scalar {
    const y = f(this.value);
    return new Scalar(y, [[this, slope(y)]]);
  }

  /** Gives every number that this one depends on its slope, ∂this/∂that. */
  backward(): void {
    const order: Scalar[] = [];
    const seen = new Set<Scalar>();
    const visit = (scalar: Scalar) => {
      if (seen.has(scalar)) return;
      seen.add(scalar);
      for (const [input] of scalar.from) visit(input);
      order.push(scalar);
    };
    visit(this);
    this.slope = 1;
    for (const scalar of order.reverse()) for (const [input, share] of scalar.from) input.slope += share * scalar.slope;
  }
}

const scalar = (value: number) => new Scalar(value);
const total = (terms: readonly Scalar[]) => terms.reduce((sum, term) => sum.plus(term), scalar(0));
const sigmoid = (x: Scalar) =>
  x.through(
    (z) => 1 / (1 + Math.exp(-z)),
    (y) => y * (1 - y),
  );
const tanh = (x: Scalar) => x.through(Math.tanh, (y) => 1 - y * y);
const relu = (x: Scalar) =>
  x.through(
    (z) => Math.max(0, z),
    (y) => (y > 0 ? 1 : 0),
  );
const minus = (x: Scalar) => x.times(scalar(-1));

const GATES = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

/** What one step keeps, by the primitive's names. */
type Kept = Readonly<Record<string, Scalar>>;

/**
 * The recurrence over all steps, samples and units, as the documentation of `torch.nn.RNN`, `LSTM` and `GRU` writes it,
 * and its values: `hidden` [T, B, H], `cell` [B, H], the two products [T, B, G·H], first states, and what steps keep.
 */
function walk(inputs: readonly Values[], { cell, reverse, biased, masked }: RecurrenceGeometry) {
  const scalars = inputs.map(({ values }) => values.map(scalar));
  const [steps, batch, features] = inputs[0]!.shape as [number, number, number];
  const hidden = inputs[2]!.shape[1]!;
  const rows = GATES[cell] * hidden;
  const rest = scalars.slice(3);
  const [x, inputWeight, weight] = scalars as [Scalar[], Scalar[], Scalar[]];
  const firsts = rest.splice(0, cell === 'lstm' ? 2 : 1);
  const bias = biased ? rest.shift() : undefined;
  const recurrentBias = biased && cell === 'gru' ? rest.shift() : undefined;
  const mask = masked ? rest.shift() : undefined;

  const projected: Scalar[][][] = [];
  const recurrent: Scalar[][][] = [];
  const outputs: Scalar[][][] = [];
  const kept: Kept[][][] = [];
  let states = firsts.map((state) =>
    Array.from({ length: batch }, (_, b) => state.slice(b * hidden, (b + 1) * hidden)),
  );
  for (let k = 0; k < steps; k++) {
    const t = reverse ? steps - 1 - k : k;
    const row = (b: number, j: number) =>
      total(
        Array.from({ length: features }, (_, i) =>
          x[(t * batch + b) * features + i]!.times(inputWeight[j * features + i]!),
        ),
      ).plus(bias?.[j] ?? scalar(0));
    const again = (b: number, j: number) =>
      total(Array.from({ length: hidden }, (_, i) => states[0]![b]![i]!.times(weight[j * hidden + i]!))).plus(
        recurrentBias?.[j] ?? scalar(0),
      );
    const each = <T>(length: number, make: (i: number) => T) => Array.from({ length }, (_, i) => make(i));
    projected[t] = each(batch, (b) => each(rows, (j) => row(b, j)));
    recurrent[t] = each(batch, (b) => each(rows, (j) => again(b, j)));
    kept[t] = each(batch, () => []);
    const next = states.map(() => each(batch, () => [] as Scalar[]));
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < hidden; i++) {
        const gate = (g: number) => projected[t]![b]![g * hidden + i]!.plus(recurrent[t]![b]![g * hidden + i]!);
        const own = (g: number) => projected[t]![b]![g * hidden + i]!;
        const scaled = recurrent[t]![b]![2 * hidden + i]!;
        const before = states.map((state) => state[b]![i]!);
        const counts = mask === undefined || mask[t * batch + b]!.value !== 0;
        let after: readonly Scalar[];
        if (cell === 'lstm') {
          const [input, forget, candidate, output] = [
            sigmoid(gate(0)),
            sigmoid(gate(1)),
            tanh(gate(2)),
            sigmoid(gate(3)),
          ];
          const remembered = forget.times(before[1]!);
          const state = remembered.plus(input.times(candidate));
          const squashed = tanh(state);
          after = [output.times(squashed), state];
          kept[t]![b]![i] = { input, forget, candidate, output, remembered, squashed };
        } else if (cell === 'gru') {
          const [reset, update] = [sigmoid(gate(0)), sigmoid(gate(1))];
          const candidate = tanh(own(2).plus(reset.times(scaled)));
          const change = before[0]!.plus(minus(candidate));
          after = [scalar(1).plus(minus(update)).times(candidate).plus(update.times(before[0]!))];
          kept[t]![b]![i] = { reset, update, candidate, scaled, change };
        } else {
          after = [cell === 'tanh' ? tanh(gate(0)) : relu(gate(0))];
          kept[t]![b]![i] = { new: after[0]! };
        }
        for (const [s, state] of after.entries()) next[s]![b]![i] = counts ? state : before[s]!;
      }
    }
    states = next;
    outputs[t] = states[0]!;
  }
  return { firsts, projected, recurrent, outputs, last: states, kept, steps, batch, hidden, rows };
}

/** The values that `recurrence` gives. */
export function recurrence(
  inputs: readonly Values[],
  { attributes }: { attributes: RecurrenceGeometry & { readonly take: string } },
): number[] {
  const { outputs, last, kept, steps, batch, hidden } = walk(inputs, attributes);
  if (attributes.take === 'hidden') return outputs.flat(2).map(({ value }) => value);
  if (attributes.take === 'cell') return last[1]!.flat().map(({ value }) => value);
  return Array.from({ length: steps * hidden * batch }, (_, flat) => {
    const [t, i, b] = [Math.floor(flat / (hidden * batch)), Math.floor(flat / batch) % hidden, flat % batch];
    return kept[t]![b]![i]![attributes.take]!.value;
  });
}

/** The values that `recurrenceGradient` gives: slopes of the sum of the outputs times the last input. */
export function recurrenceGradient(
  inputs: readonly Values[],
  { attributes }: { attributes: RecurrenceGeometry & { readonly of: 'hidden' | 'cell'; readonly take: string } },
): number[] {
  const { firsts, projected, recurrent, outputs, last, steps, batch, rows } = walk(inputs.slice(0, -1), attributes);
  const weights = inputs.at(-1)!.values.map(scalar);
  const values = attributes.of === 'hidden' ? outputs.flat(2) : last[1]!.flat();
  total(values.map((value, i) => value.times(weights[i]!))).backward();
  if (attributes.take === 'hidden0') return firsts[0]!.map(({ slope }) => slope);
  if (attributes.take === 'cell0') return firsts[1]!.map(({ slope }) => slope);
  const product = attributes.take === 'projected' ? projected : recurrent;
  return Array.from({ length: rows * steps * batch }, (_, flat) => {
    const [j, t, b] = [Math.floor(flat / (steps * batch)), Math.floor(flat / batch) % steps, flat % batch];
    return product[t]![b]![j]!.slope;
  });
}
