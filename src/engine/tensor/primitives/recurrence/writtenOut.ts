import type { RecurrenceGeometry } from '../../attributes';
import type { Operations } from '../../rule';
import type { Tensor } from '../../tensor';
import { cells } from './cells';
import { recurrenceInputs, recurrenceSizes } from './inputs';

/** A recurrence as plain expressions, one step after the other: what its second derivatives are taken of. */
export interface WrittenOut {
  /** x·W_ihᵀ + b of all steps, and h·W_hhᵀ + b of each: gradients by a product are taken by these. */
  readonly projected: Tensor;
  readonly recurrent: readonly Tensor[];
  readonly hidden: Tensor;
  readonly cell: Tensor | undefined;
}

type Step = (
  ops: Operations,
  products: { readonly own: Tensor; readonly recurrent: Tensor },
  states: readonly Tensor[],
  gates: (x: Tensor) => readonly Tensor[],
) => readonly Tensor[];

/** Next states of each cell, from the two products [B, G·H]. */
const steps: { readonly [C in RecurrenceGeometry['cell']]: Step } = {
  tanh: (ops, { own, recurrent }) => [ops.tanh(ops.add(own, recurrent))],
  relu: (ops, { own, recurrent }) => [ops.relu(ops.add(own, recurrent))],
  lstm(ops, { own, recurrent }, [, c], gates) {
    const [i, f, g, o] = gates(ops.add(own, recurrent)) as readonly [Tensor, Tensor, Tensor, Tensor];
    const cell = ops.add(ops.mul(ops.sigmoid(f), c!), ops.mul(ops.sigmoid(i), ops.tanh(g)));
    return [ops.mul(ops.sigmoid(o), ops.tanh(cell)), cell];
  },
  gru(ops, { own, recurrent }, [h], gates) {
    const [xr, xz, xn] = gates(own) as readonly [Tensor, Tensor, Tensor];
    const [hr, hz, hn] = gates(recurrent) as readonly [Tensor, Tensor, Tensor];
    const update = ops.sigmoid(ops.add(xz, hz));
    const candidate = ops.tanh(ops.add(xn, ops.mul(ops.sigmoid(ops.add(xr, hr)), hn)));
    return [ops.add(candidate, ops.mul(update, ops.sub(h!, candidate)))];
  },
};

/** The recurrence of these inputs, written out. */
export function writeOut(ops: Operations, inputs: readonly Tensor[], geometry: RecurrenceGeometry): WrittenOut {
  const { x, inputWeight, weight, states, bias, recurrentBias, mask } = recurrenceInputs(inputs, geometry);
  const { steps: count, batch, hidden } = recurrenceSizes(inputs);
  const rows = cells[geometry.cell].gates * hidden;
  const product = ops.matmul(x, inputWeight, { transposeB: true });
  const projected = bias ? ops.add(product, bias) : product;
  const gates = (of: Tensor) =>
    Array.from({ length: rows / hidden }, (_, i) => ops.slice(of, [0, i * hidden], [batch, (i + 1) * hidden]));

  const recurrent: Tensor[] = [];
  const outputs: Tensor[] = [];
  let current: readonly Tensor[] = states;
  for (let k = 0; k < count; k++) {
    const t = geometry.reverse ? count - 1 - k : k;
    const own = ops.reshape(ops.slice(projected, [t, 0, 0], [t + 1, batch, rows]), [batch, rows]);
    const multiplied = ops.matmul(current[0]!, weight, { transposeB: true });
    recurrent[t] = recurrentBias ? ops.add(multiplied, recurrentBias) : multiplied;
    const next = steps[geometry.cell](ops, { own, recurrent: recurrent[t] }, current, gates);
    const counts = mask && ops.reshape(ops.slice(mask, [t, 0, 0], [t + 1, 1, batch]), [batch, 1]);
    const before = current;
    current = counts ? next.map((state, i) => ops.where(counts, state, before[i]!)) : next;
    outputs[t] = ops.reshape(current[0]!, [1, batch, hidden]);
  }
  return { projected, recurrent, hidden: ops.concat(outputs, 0), cell: current[1] };
}
