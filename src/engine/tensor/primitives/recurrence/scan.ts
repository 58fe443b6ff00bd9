import type { Emit } from '../../../onnx';
import type { RecurrenceGeometry } from '../../attributes';
import { cells } from './cells';
import { type RecurrenceSizes, recurrenceInputs } from './inputs';

// Tensors come and go as PyTorch has them, the batch before the features; inside a step they stand as columns (see cells.ts),
// turned where they are in cache anyway. A recurrence is one Scan node: its size does not grow with the number of steps, a step's input is read and its
// output written in place. Measured for 128 hidden units and batch 32: as fast as the steps written out over 32 steps,
// a quarter faster over 256, and open in 2 ms instead of 94.

const keyOf = (what: string, inputs: readonly string[], { cell, reverse, biased, masked }: RecurrenceGeometry) =>
  `${what} ${cell} ${reverse} ${biased} ${masked} (${inputs})`;

const directions = (backwards: boolean, inputs: number, outputs: number) => ({
  num_scan_inputs: inputs,
  scan_input_directions: Array.from({ length: inputs }, () => (backwards ? 1 : 0)),
  scan_output_directions: Array.from({ length: outputs }, () => (backwards ? 1 : 0)),
});

const floats = (...shape: readonly number[]) => ({ type: 'float32' as const, shape });

const turned = (emit: Emit, x: string): string => emit.node('Transpose', [x], { perm: [1, 0] });

/** A bias as a column, for a product of columns. */
const column = (emit: Emit, bias: string): string => emit.node('Unsqueeze', [bias, emit.int64s([1])]);

/**
 * W_ih·x + b for all steps, [T, G·H, B]: one batched product, whose steps are as large as the recurrent ones. The bias is
 * one more feature that is always 1, which spares a pass over the result.
 */
function projected(
  emit: Emit,
  x: string,
  weight: string,
  bias: string | undefined,
  { steps, batch }: RecurrenceSizes,
): string {
  const ones = () => emit.node('Expand', [emit.scalar(1, 'float32'), emit.int64s([steps, batch, 1])]);
  const operands =
    bias === undefined
      ? [weight, x]
      : [emit.node('Concat', [weight, column(emit, bias)], { axis: 1 }), emit.node('Concat', [x, ones()], { axis: 2 })];
  return emit.node('FusedMatMul', operands, { transB: 1 }, { domain: 'com.microsoft' });
}

/** Values by name of what a forward Scan gives: last states, the hidden states of all steps, and what is kept of them. */
export function emitRecurrence(
  emit: Emit,
  inputs: readonly string[],
  geometry: RecurrenceGeometry,
  sizes: RecurrenceSizes,
  keeps: boolean,
): Readonly<Record<string, string>> {
  const cell = cells[geometry.cell];
  const { x, inputWeight, weight, states, bias, recurrentBias, mask } = recurrenceInputs(inputs, geometry);
  const { hidden, batch } = sizes;
  const state = floats(hidden, batch);
  const kept = keeps ? cell.kept : [];
  const values = emit.once(keyOf(`recurrence ${keeps}`, inputs, geometry), () => {
    const product = projected(emit, x, inputWeight, bias, sizes);
    const shift = recurrentBias === undefined ? undefined : column(emit, recurrentBias);
    const scanned = mask === undefined ? [product] : [product, mask];
    const body = emit.body(
      [
        ...states.map(() => state),
        floats(cell.gates * hidden, batch),
        ...(mask === undefined ? [] : [{ type: 'bool' as const, shape: [1, batch] }]),
      ],
      (inner, names) => {
        const before = names.slice(0, states.length);
        const [own, counts] = names.slice(states.length);
        const step = cell.forward(inner, { projected: own!, states: before, weight, bias: shift });
        const after = step.states.map((next, i) =>
          counts === undefined ? next : inner.node('Where', [counts, next, before[i]!]),
        );
        const columns = [...after, ...kept.map((name) => step.kept[name]!)].map((name) => ({ ...state, name }));
        columns.splice(states.length, 0, { ...floats(batch, hidden), name: turned(inner, after[0]!) });
        return columns;
      },
    );
    const values = emit.outputs(
      'Scan',
      [...states.map((first) => turned(emit, first)), ...scanned],
      { body, ...directions(geometry.reverse, scanned.length, 1 + kept.length) },
      states.length + 1 + kept.length,
    );
    return [...values.slice(states.length), ...(states.length > 1 ? [turned(emit, values[1]!)] : [])];
  });
  return Object.fromEntries(['hidden', ...kept, 'cell'].map((name, i) => [name, values[i]!]));
}

/**
 * The gradient by the hidden states of all steps [T, B, H] as columns: of the step that the walk back begins with, and for
 * each step that of the next on its way, which the product with the weight adds; behind the last there is none.
 */
function slopesByStep(emit: Emit, slope: string, { reverse }: RecurrenceGeometry, sizes: RecurrenceSizes) {
  const { steps, batch, hidden } = sizes;
  const cut = (from: number, to: number) =>
    emit.node('Slice', [slope, emit.int64s([from]), emit.int64s([to]), emit.int64s([0]), emit.int64s([1])]);
  const none = emit.node('Expand', [emit.scalar(0, 'float32'), emit.int64s([1, batch, hidden])]);
  const [last, others] = reverse ? [cut(0, 1), cut(1, steps)] : [cut(steps - 1, steps), cut(0, steps - 1)];
  const following = emit.node('Concat', reverse ? [others, none] : [none, others], { axis: 0 });
  return {
    last: turned(emit, emit.node('Reshape', [last, emit.int64s([batch, hidden])])),
    next: emit.node('Transpose', [following], { perm: [0, 2, 1] }),
  };
}

/**
 * [T, rows, B] as [rows, T·B], steps side by side in each row: what the weights' gradients multiply without packing it anew.
 * Gathered by its place, on all threads and each line of a cache once: 32 steps of 512 rows of 32 took a sixth of the time
 * of Transpose.
 */
function stepsInRows(emit: Emit, x: string, rows: number, { steps, batch }: RecurrenceSizes): string {
  const { outermost } = emit;
  const [order] = outermost.once(`${steps} steps in ${rows} rows`, () => {
    const scalar = (value: number) => outermost.constant(BigInt64Array.of(BigInt(value)), [], 'int64');
    const all = outermost.node('Range', [scalar(0), scalar(steps * rows), scalar(1)]);
    const byStep = outermost.node('Reshape', [all, outermost.int64s([steps, rows])]);
    const byRow = outermost.node('Transpose', [byStep], { perm: [1, 0] });
    return [outermost.node('Reshape', [byRow, outermost.int64s([steps * rows])])];
  });
  const lines = emit.node('Reshape', [x, emit.int64s([steps * rows, batch])]);
  return emit.node('Reshape', [emit.node('Gather', [lines, order!], { axis: 0 }), emit.int64s([rows, steps * batch])]);
}

/**
 * Values by name of what the Scan back through the steps gives. `slope` is the gradient by the hidden states of all
 * steps, or by the last cell state.
 */
export function emitRecurrenceGradient(
  emit: Emit,
  inputs: readonly string[],
  slope: string,
  of: 'hidden' | 'cell',
  geometry: RecurrenceGeometry,
  sizes: RecurrenceSizes,
): Readonly<Record<string, string>> {
  const { hidden, batch } = sizes;
  const cell = cells[geometry.cell];
  const { weight, mask } = recurrenceInputs(inputs, geometry);
  const forward = emitRecurrence(emit, inputs, geometry, sizes, true);
  const state = floats(hidden, batch);
  const gates = floats(cell.gates * hidden, batch);
  const hasCell = cell.states.length > 1;

  const values = emit.once(keyOf(`gradient by ${of}`, [...inputs, slope], geometry), () => {
    const zeros = (shape: readonly number[]) => emit.node('Expand', [emit.scalar(0, 'float32'), emit.int64s(shape)]);
    const transposed = turned(emit, weight);
    const factors = cell.factorsOf(emit, forward);
    const ofSteps = of === 'hidden' ? slopesByStep(emit, slope, geometry, sizes) : undefined;
    const first = [
      ofSteps?.last ?? zeros([hidden, batch]),
      ...(hasCell ? [of === 'cell' ? turned(emit, slope) : zeros([hidden, batch])] : []),
    ];
    const scanned = [
      ...cell.factors.map((name) => factors[name]!),
      ...(ofSteps ? [ofSteps.next] : []),
      ...(mask === undefined ? [] : [mask]),
    ];
    const body = emit.body(
      [
        ...first.map(() => state),
        ...cell.factors.map(() => state),
        ...(ofSteps ? [state] : []),
        ...(mask === undefined ? [] : [{ type: 'bool' as const, shape: [1, batch] }]),
      ],
      (inner, names) => {
        const [dh, dc] = hasCell ? names : [names[0]];
        const rest = names.slice(first.length);
        const byName = Object.fromEntries(cell.factors.map((name, i) => [name, rest[i]!]));
        const nextSlope = ofSteps && rest[cell.factors.length]!;
        const counts = mask === undefined ? undefined : rest.at(-1)!;
        const zero = inner.scalar(0, 'float32');
        /** The part that goes through the step, and the part that passes by where the step does not count. */
        const through = (value: string) => (counts === undefined ? value : inner.node('Where', [counts, value, zero]));
        const past = (value: string) => (counts === undefined ? undefined : inner.node('Where', [counts, zero, value]));
        const plus = (a: string | undefined, b: string | undefined) =>
          a === undefined || b === undefined ? (a ?? b) : inner.node('Add', [a, b]);

        const slopes = [dh!, ...(dc === undefined ? [] : [dc])].map(through);
        const back = cell.backward(inner, { factors: byName, slopes });
        const direct = plus(plus(back.direct, past(dh!)), nextSlope);
        const before = inner.node(
          direct === undefined ? 'MatMul' : 'Gemm',
          direct === undefined ? [transposed, back.recurrent] : [transposed, back.recurrent, direct],
        );
        return [
          { ...state, name: before },
          ...(dc === undefined ? [] : [{ ...state, name: plus(back.cell, past(dc))! }]),
          { ...gates, name: back.projected },
          ...(cell.ownBias ? [{ ...gates, name: back.recurrent }] : []),
        ];
      },
    );
    const outputs = cell.ownBias ? 2 : 1;
    const values = emit.outputs(
      'Scan',
      [...first, ...scanned],
      { body, ...directions(!geometry.reverse, scanned.length, outputs) },
      first.length + outputs,
    );
    return values.map((value, i) =>
      i < first.length ? turned(emit, value) : stepsInRows(emit, value, cell.gates * hidden, sizes),
    );
  });
  const count = cell.states.length;
  return {
    hidden0: values[0]!,
    ...(hasCell && { cell0: values[1]! }),
    projected: values[count]!,
    recurrent: values.at(-1)!,
  };
}
