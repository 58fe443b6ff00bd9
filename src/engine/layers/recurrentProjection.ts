import { add, concat, matmul, mul, reshape, sigmoid, slice, type Tensor, tanh, transpose, where } from '../tensor';

/** What an LSTM with projections (proj_size) walks over, in one direction. */
export interface ProjectedLstm {
  /** [T, B, I] */
  readonly x: Tensor;
  readonly inputWeight: Tensor;
  /** [4·H, P] */
  readonly weight: Tensor;
  /** Both biases together. */
  readonly bias: Tensor | undefined;
  /** W_hr [P, H]: what a hidden state is before it goes out and on. */
  readonly projection: Tensor;
  /** First hidden state [B, P] and cell state [B, H]. */
  readonly states: readonly [Tensor, Tensor];
  readonly reverse: boolean;
  /** [T, 1, B] */
  readonly mask: Tensor | undefined;
}

/**
 * The LSTM with a projection of its hidden state (Sak et al. 2014, arxiv.org/abs/1402.1128), its steps written out one
 * by one: rare enough that no primitive walks them.
 */
export function projectedLstm({ x, inputWeight, weight, bias, projection, states, reverse, mask }: ProjectedLstm): {
  /** [T, B, P] */
  readonly hidden: Tensor;
  readonly cell: Tensor;
  /** A gate's values of all steps, [T, B, H]. */
  gate(name: string): Tensor;
} {
  const [steps, batch] = x.shape as [number, number];
  const rows = weight.shape[0]!;
  const units = rows / 4;
  const product = matmul(x, inputWeight, { transposeB: true });
  const own = bias ? add(product, bias) : product;
  const of = (z: Tensor, gate: number) => slice(z, [0, gate * units], [batch, (gate + 1) * units]);

  let [h, c] = states;
  const hidden: Tensor[] = [];
  const gates: Record<string, Tensor[]> = { input: [], forget: [], candidate: [], output: [] };
  for (let k = 0; k < steps; k++) {
    const t = reverse ? steps - 1 - k : k;
    const step = reshape(slice(own, [t, 0, 0], [t + 1, batch, rows]), [batch, rows]);
    const z = add(step, matmul(h, weight, { transposeB: true }));
    const values = {
      input: sigmoid(of(z, 0)),
      forget: sigmoid(of(z, 1)),
      candidate: tanh(of(z, 2)),
      output: sigmoid(of(z, 3)),
    };
    for (const [name, value] of Object.entries(values)) gates[name]![t] = reshape(value, [1, batch, units]);
    const cell = add(mul(values.forget, c), mul(values.input, values.candidate));
    const next = matmul(mul(values.output, tanh(cell)), projection, { transposeB: true });
    const counts = mask && transpose(reshape(slice(mask, [t, 0, 0], [t + 1, 1, batch]), [1, batch]), [1, 0]);
    h = counts ? where(counts, next, h) : next;
    c = counts ? where(counts, cell, c) : cell;
    hidden[t] = reshape(h, [1, ...h.shape]);
  }
  return { hidden: concat(hidden, 0), cell: c, gate: (name) => concat(gates[name]!, 0) };
}
