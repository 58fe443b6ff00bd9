import type { Emit } from '../../../onnx';
import type { RecurrenceGeometry } from '../../attributes';

// Each cell is written for columns: a state is [hidden, batch] and its gates stand one below the other, [gates·hidden, batch].
// So the matrix of a step's product is the weight itself, which the runtime does not have to repack, and gates are
// contiguous rows. Names are of values in the body of a Scan, one step.

/** A step forward. */
export interface Step {
  /** The input's product and the bias: W_ih·x + b. */
  readonly projected: string;
  /** Hidden state before the step; LSTM's cell state behind it. */
  readonly states: readonly string[];
  /** W_hh, and the bias of its product where there is one. */
  readonly weight: string;
  readonly bias: string | undefined;
}

/** A step backward. */
export interface StepBack {
  /** What the cell's gradients are multiples of, by name: [hidden, batch]. */
  readonly factors: Readonly<Record<string, string>>;
  /** Gradients by the states after the step. */
  readonly slopes: readonly string[];
}

export interface Cell {
  /** Rows of W_hh over the hidden size. */
  readonly gates: number;
  /** Whether the product of W_hh has a bias of its own, and a gradient of its own. */
  readonly ownBias: boolean;
  readonly states: readonly ('hidden' | 'cell')[];
  /** Values [hidden, batch] of a step that its gradient needs. */
  readonly kept: readonly string[];
  /** Floating-point operations of one element of the hidden state and one step, products with weights aside: forward, backward. */
  readonly flops: readonly [number, number];
  forward(emit: Emit, step: Step): { states: readonly string[]; kept: Readonly<Record<string, string>> };
  /** Names of the factors of a step backward. */
  readonly factors: readonly string[];
  /** The factors of all steps from what these kept, in few passes over large tensors: [steps, hidden, batch]. */
  factorsOf(emit: Emit, kept: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /**
   * Gradients by the projected input and by the recurrent product (the same in most cells), by the hidden state before
   * the step beside the way through that product, and by the cell state before it.
   */
  backward(emit: Emit, step: StepBack): { projected: string; recurrent: string; direct?: string; cell?: string };
}

const mul = (emit: Emit, a: string, b: string) => emit.node('Mul', [a, b]);
const add = (emit: Emit, a: string, b: string) => emit.node('Add', [a, b]);
const sub = (emit: Emit, a: string, b: string) => emit.node('Sub', [a, b]);
const stacked = (emit: Emit, parts: readonly string[]) => emit.node('Concat', parts, { axis: 0 });
const parts = (emit: Emit, x: string, count: number) =>
  emit.outputs('Split', [x], { axis: 0, num_outputs: count }, count);

/** W_hh·h + c, in one node. */
const product = (emit: Emit, weight: string, state: string, added: string | undefined) =>
  added === undefined ? emit.node('MatMul', [weight, state]) : emit.node('Gemm', [weight, state, added]);

/** h′ = φ(W_ih·x + W_hh·h + b) */
const plain = (activation: 'Tanh' | 'Relu', slope: (emit: Emit, h: string) => string): Cell => ({
  gates: 1,
  ownBias: false,
  states: ['hidden'],
  kept: ['new'],
  flops: [5, 4],
  forward(emit, { projected, states: [h], weight }) {
    const next = emit.node(activation, [product(emit, weight, h!, projected)]);
    return { states: [next], kept: { new: next } };
  },
  factors: ['slope'],
  factorsOf: (emit, kept) => ({ slope: slope(emit, kept.new!) }),
  backward(emit, { factors, slopes: [dh] }) {
    const dz = mul(emit, dh!, factors.slope!);
    return { projected: dz, recurrent: dz };
  },
});

/**
 * i, f, o = σ(…), g = tanh(…), c′ = f·c + i·g, h′ = o·tanh(c′). Kept beside the gates: `remembered` = f·c and
 * `squashed` = tanh(c′).
 */
const lstm: Cell = {
  gates: 4,
  ownBias: false,
  states: ['hidden', 'cell'],
  kept: ['input', 'forget', 'candidate', 'output', 'remembered', 'squashed'],
  flops: [25, 18],
  forward(emit, { projected, states: [h, c], weight }) {
    const gates = parts(emit, product(emit, weight, h!, projected), 4);
    const [i, f, o] = [0, 1, 3].map((gate) => emit.node('Sigmoid', [gates[gate]!])) as [string, string, string];
    const g = emit.node('Tanh', [gates[2]!]);
    const remembered = mul(emit, f, c!);
    const cell = add(emit, remembered, mul(emit, i, g));
    const squashed = emit.node('Tanh', [cell]);
    return {
      states: [mul(emit, o, squashed), cell],
      kept: { input: i, forget: f, candidate: g, output: o, remembered, squashed },
    };
  },
  factors: ['cell', 'input', 'forget', 'candidate', 'output', 'carried'],
  // dσ = y(1 − y) and dtanh = 1 − y², each product of two used wherever it occurs.
  factorsOf(emit, { input: i, forget: f, candidate: g, output: o, remembered, squashed }) {
    /** x(1 − gate) */
    const closing = (x: string, gate: string) => sub(emit, x, mul(emit, x, gate));
    const shown = mul(emit, o!, squashed!);
    const added = mul(emit, i!, g!);
    return {
      cell: sub(emit, o!, mul(emit, shown, squashed!)),
      input: closing(added, i!),
      forget: closing(remembered!, f!),
      candidate: sub(emit, i!, mul(emit, added, g!)),
      output: closing(shown, o!),
      carried: f!,
    };
  },
  backward(emit, { factors, slopes: [dh, dc] }) {
    const cell = add(emit, mul(emit, dh!, factors.cell!), dc!);
    const gates = stacked(emit, [
      ...['input', 'forget', 'candidate'].map((gate) => mul(emit, cell, factors[gate]!)),
      mul(emit, dh!, factors.output!),
    ]);
    return { projected: gates, recurrent: gates, cell: mul(emit, cell, factors.carried!) };
  },
};

/**
 * r, z = σ(x + W·h), n = tanh(x + r·(W·h + b)), h′ = (1 − z)·n + z·h. Kept beside the gates: `scaled` = W·h + b of the
 * candidate, and `change` = h − n.
 */
const gru: Cell = {
  gates: 3,
  ownBias: true,
  states: ['hidden'],
  kept: ['reset', 'update', 'candidate', 'scaled', 'change'],
  flops: [18, 16],
  forward(emit, { projected, states: [h], weight, bias }) {
    const x = parts(emit, projected, 3);
    const products = parts(emit, product(emit, weight, h!, bias), 3);
    const [r, z] = [0, 1].map((gate) => emit.node('Sigmoid', [add(emit, x[gate]!, products[gate]!)])) as [
      string,
      string,
    ];
    const n = emit.node('Tanh', [add(emit, x[2]!, mul(emit, r, products[2]!))]);
    const change = sub(emit, h!, n);
    return {
      states: [add(emit, n, mul(emit, z, change))],
      kept: { reset: r, update: z, candidate: n, scaled: products[2]!, change },
    };
  },
  factors: ['reset', 'update', 'candidate', 'scaled', 'carried'],
  factorsOf(emit, { reset: r, update: z, candidate: n, scaled, change }) {
    const one = emit.scalar(1, 'float32');
    const left = sub(emit, one, z!);
    const candidate = mul(emit, left, sub(emit, one, mul(emit, n!, n!)));
    const throughReset = mul(emit, candidate, r!);
    return {
      reset: mul(emit, mul(emit, throughReset, scaled!), sub(emit, one, r!)),
      update: mul(emit, mul(emit, left, z!), change!),
      candidate,
      scaled: throughReset,
      carried: z!,
    };
  },
  backward(emit, { factors, slopes: [dh] }) {
    const [reset, update, candidate, scaled, direct] = this.factors.map((name) => mul(emit, dh!, factors[name]!)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    return {
      projected: stacked(emit, [reset, update, candidate]),
      recurrent: stacked(emit, [reset, update, scaled]),
      direct,
    };
  },
};

/** Every cell, by its name. */
export const cells: { readonly [C in RecurrenceGeometry['cell']]: Cell } = {
  tanh: plain('Tanh', (emit, h) => sub(emit, emit.scalar(1, 'float32'), mul(emit, h, h))),
  relu: plain('Relu', (emit, h) => {
    const open = emit.node('Greater', [h, emit.scalar(0, 'float32')]);
    return emit.node('Cast', [open], { to: emit.dataType('float32') });
  }),
  lstm,
  gru,
};
