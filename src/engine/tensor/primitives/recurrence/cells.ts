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
  /** What the step forward kept, by name. */
  readonly kept: Readonly<Record<string, string>>;
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
const plain = (activation: 'Tanh' | 'Relu', slope: (emit: Emit, h: string, dh: string) => string): Cell => ({
  gates: 1,
  ownBias: false,
  states: ['hidden'],
  kept: ['new'],
  flops: [5, 4],
  forward(emit, { projected, states: [h], weight }) {
    const next = emit.node(activation, [product(emit, weight, h!, projected)]);
    return { states: [next], kept: { new: next } };
  },
  backward(emit, { kept, slopes: [dh] }) {
    const dz = slope(emit, kept.new!, dh!);
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
  // dσ = y(1 − y) and dtanh = 1 − y², each product of two used wherever it occurs.
  backward(emit, { kept, slopes: [dh, dc] }) {
    const { input: i, forget: f, candidate: g, output: o, remembered, squashed } = kept as Record<string, string>;
    /** x(1 − gate) */
    const closing = (x: string, gate: string) => sub(emit, x, mul(emit, x, gate));
    const open = mul(emit, dh!, o!);
    const through = mul(emit, open, squashed!);
    const cell = add(emit, sub(emit, open, mul(emit, through, squashed!)), dc!);
    const entering = mul(emit, cell, i!);
    const added = mul(emit, entering, g!);
    const gates = stacked(emit, [
      closing(added, i!),
      closing(mul(emit, cell, remembered!), f!),
      sub(emit, entering, mul(emit, added, g!)),
      closing(through, o!),
    ]);
    return { projected: gates, recurrent: gates, cell: mul(emit, cell, f!) };
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
  backward(emit, { kept, slopes: [dh] }) {
    const { reset: r, update: z, candidate: n, scaled, change } = kept as Record<string, string>;
    const direct = mul(emit, dh!, z!);
    const dn = sub(emit, dh!, direct);
    const candidate = sub(emit, dn, mul(emit, mul(emit, dn, n!), n!));
    // z(1 − z)·dh·(h − n) with dh·z and dh·(1 − z) at hand.
    const update = mul(emit, mul(emit, dn, z!), change!);
    const throughReset = mul(emit, candidate, r!);
    const reset = mul(emit, mul(emit, throughReset, scaled!), sub(emit, emit.scalar(1, 'float32'), r!));
    return {
      projected: stacked(emit, [reset, update, candidate]),
      recurrent: stacked(emit, [reset, update, throughReset]),
      direct,
    };
  },
};

/** Every cell, by its name. */
export const cells: { readonly [C in RecurrenceGeometry['cell']]: Cell } = {
  tanh: plain('Tanh', (emit, h, dh) => sub(emit, dh, mul(emit, mul(emit, dh, h), h))),
  relu: plain('Relu', (emit, h, dh) => {
    const open = emit.node('Greater', [h, emit.scalar(0, 'float32')]);
    return mul(emit, dh, emit.node('Cast', [open], { to: emit.dataType('float32') }));
  }),
  lstm,
  gru,
};
