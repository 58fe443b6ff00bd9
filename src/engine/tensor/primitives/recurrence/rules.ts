import type { PrimitiveAttributes, RecurrenceGeometry } from '../../attributes';
import type { Operations, Rule, Sample } from '../../rule';
import { substitute } from '../../substitute';
import type { Tensor } from '../../tensor';
import { cells } from './cells';
import { recurrenceInputs, recurrenceSizes } from './inputs';
import { emitRecurrence, emitRecurrenceGradient } from './scan';
import { type WrittenOut, writeOut } from './writtenOut';

const geometryOf = ({ cell, reverse, biased, masked }: RecurrenceGeometry): RecurrenceGeometry => ({
  cell,
  reverse,
  biased,
  masked,
});

/** [T, B, F] as [T·B, F]. */
function rows(ops: Operations, x: Tensor): Tensor {
  const [steps, batch, features] = x.shape as [number, number, number];
  return ops.reshape(x, [steps * batch, features]);
}

/** The hidden state before each step. */
function statesBefore(ops: Operations, hidden: Tensor, first: Tensor, reverse: boolean): Tensor {
  const [steps, batch, size] = hidden.shape as [number, number, number];
  const start = ops.reshape(first, [1, batch, size]);
  return reverse
    ? ops.concat([ops.slice(hidden, [1, 0, 0], hidden.shape), start], 0)
    : ops.concat([start, ops.slice(hidden, [0, 0, 0], [steps - 1, batch, size])], 0);
}

/** A gradient of the recurrence written out, as the primitive gives it. */
function sliceOf(
  ops: Operations,
  take: PrimitiveAttributes['recurrenceGradient']['take'],
  leaves: readonly Tensor[],
  { projected, recurrent }: WrittenOut,
  slopes: (wrt: readonly Tensor[]) => readonly Tensor[],
): Tensor {
  if (take === 'hidden0' || take === 'cell0') return slopes([leaves[take === 'hidden0' ? 3 : 4]!])[0]!;
  const [steps, batch, rows] = projected.shape as [number, number, number];
  const byStep =
    take === 'projected'
      ? slopes([projected])[0]!
      : ops.reshape(ops.concat(slopes(recurrent), 0), [steps, batch, rows]);
  return ops.reshape(ops.transpose(byStep, [2, 0, 1]), [rows, steps * batch]);
}

/** Products with the weights of all steps. */
const productsOf = (inputs: readonly Tensor[], { cell }: RecurrenceGeometry, backward: boolean): number => {
  const { steps, batch, features, hidden } = recurrenceSizes(inputs);
  const multiplied = backward ? hidden : hidden + features;
  return 2 * steps * hidden * batch * cells[cell].gates * multiplied;
};

/** These, and what the cell does to each element of the state. */
const flopsOf = (inputs: readonly Tensor[], geometry: RecurrenceGeometry, backward: boolean): number => {
  const { steps, batch, hidden } = recurrenceSizes(inputs);
  const { flops } = cells[geometry.cell];
  return productsOf(inputs, geometry, backward) + steps * hidden * batch * flops[backward ? 1 : 0];
};

/** A recurrence over three steps, or its gradient over two, whose output's gradient comes last. */
function sample(
  cell: RecurrenceGeometry['cell'],
  settings: Partial<PrimitiveAttributes['recurrence']> & { readonly of?: 'hidden' | 'cell' } = {},
): Sample {
  const { gates, states, ownBias } = cells[cell];
  const attributes = { cell, reverse: false, biased: true, masked: false, keeps: true, take: 'hidden', ...settings };
  // Smaller for a gradient: its second derivatives are third ones.
  const [steps, batch, features, hidden] = attributes.of === undefined ? [3, 2, 2, 2] : [2, 2, 1, 1];
  const biases = attributes.biased ? (ownBias ? 2 : 1) : 0;
  const slopes = { hidden: [[steps, batch, hidden]], cell: [[batch, hidden]] };
  const shapes = [
    [steps, batch, features],
    [gates * hidden, features],
    [gates * hidden, hidden],
    ...states.map(() => [batch, hidden]),
    ...Array.from({ length: biases }, () => [gates * hidden]),
    ...(attributes.masked ? [[steps, 1, batch]] : []),
    ...(attributes.of === undefined ? [] : slopes[attributes.of]),
  ];
  const dtypes = shapes.map((_, i) =>
    attributes.masked && i === shapes.length - (attributes.of === undefined ? 1 : 2)
      ? ('bool' as const)
      : ('float32' as const),
  );
  return { shapes, attributes, dtypes, range: [-1, 1] };
}

/** The same over a single step, which has none before it and none behind. */
const overOneStep = (of: Sample): Sample => ({
  ...of,
  shapes: of.shapes.map((shape) => (shape.length === 3 ? [1, ...shape.slice(1)] : shape)),
});

export const recurrences: { recurrence: Rule<'recurrence'>; recurrenceGradient: Rule<'recurrenceGradient'> } = {
  recurrence: {
    infer: (inputs, { cell, take }) => {
      const { steps, batch, features, hidden } = recurrenceSizes(inputs);
      const { gates, states, kept } = cells[cell];
      const [, inputWeight, weight] = inputs;
      const fits = (shape: readonly number[], columns: number) => shape[0] === gates * hidden && shape[1] === columns;
      if (!fits(inputWeight!.shape, features) || !fits(weight!.shape, hidden)) {
        throw new Error(
          `a ${cell} of ${features} features does not take [${inputWeight!.shape}] and [${weight!.shape}]`,
        );
      }
      if (take === 'hidden') return { shape: [steps, batch, hidden], dtype: 'float32' };
      if (take === 'cell' && states.length > 1) return { shape: [batch, hidden], dtype: 'float32' };
      if (!kept.includes(take)) throw new Error(`a ${cell} gives no ${take}`);
      return { shape: [steps, hidden, batch], dtype: 'float32' };
    },
    grad(ops, node, dy) {
      const { inputs, attributes } = node;
      const of = attributes.take;
      if (of !== 'hidden' && of !== 'cell') throw new Error(`the ${of} of a recurrence has no gradient`);
      const geometry = geometryOf(attributes);
      const by = (take: PrimitiveAttributes['recurrenceGradient']['take']) =>
        ops.recurrenceGradient([...inputs, dy], { ...geometry, of, take });
      const { x, inputWeight, states, bias, recurrentBias, mask } = recurrenceInputs(inputs, geometry);
      const hidden = of === 'hidden' ? (node as Tensor) : ops.recurrence(inputs, { ...attributes, take: 'hidden' });
      const products = by('projected');
      const recurrent = cells[geometry.cell].ownBias ? by('recurrent') : products;
      const before = statesBefore(ops, hidden, states[0]!, geometry.reverse);
      // The products of all steps as one: dx = dGᵀ·W_ih, dW_ih = ΣₜdGₜ·xₜ, dW_hh = ΣₜdGₜ·hₜ₋₁.
      return [
        ops.reshape(ops.matmul(products, inputWeight, { transposeA: true }), x.shape),
        ops.matmul(products, rows(ops, x)),
        ops.matmul(recurrent, rows(ops, before)),
        by('hidden0'),
        ...(states.length > 1 ? [by('cell0')] : []),
        ...(bias ? [ops.sum(products, [1])] : []),
        ...(recurrentBias ? [ops.sum(recurrent, [1])] : []),
        ...(mask ? [undefined] : []),
      ];
    },
    onnx(emit, inputs, { attributes, inputs: operands }) {
      const keeps = attributes.keeps || cells[attributes.cell].kept.includes(attributes.take);
      return emitRecurrence(emit, inputs, geometryOf(attributes), recurrenceSizes(operands), keeps)[attributes.take]!;
    },
    flops: ({ inputs, attributes }) => (attributes.take === 'hidden' ? flopsOf(inputs, attributes, false) : 0),
    product: ({ inputs, attributes }) => (attributes.take === 'hidden' ? productsOf(inputs, attributes, false) : 0),
    // One Scan gives every take of a recurrence: its hidden states stand for what it keeps of all steps.
    memory: ({ inputs, shape, attributes: { cell, keeps, take } }) => {
      const { steps, batch, hidden } = recurrenceSizes(inputs);
      const { gates, kept } = cells[cell];
      const state = 4 * steps * batch * hidden;
      if (kept.includes(take)) return { held: -4 * shape.reduce((product, dim) => product * dim, 1), passing: 0 };
      if (take !== 'hidden') return { held: 0, passing: 0 };
      return { held: keeps ? kept.length * state : 0, passing: gates * state };
    },
    samples: [
      sample('tanh'),
      sample('tanh', { reverse: true, biased: false }),
      // Where no state comes near zero, at which relu has a kink.
      { ...sample('relu'), range: [0.1, 0.9] },
      sample('lstm'),
      sample('lstm', { reverse: true, biased: false }),
      sample('lstm', { take: 'cell' }),
      sample('lstm', { masked: true }),
      sample('gru'),
      sample('gru', { reverse: true, biased: false, masked: true }),
      overOneStep(sample('lstm')),
      overOneStep(sample('gru', { reverse: true })),
    ],
  },

  recurrenceGradient: {
    infer: (inputs, { take }) => {
      const { steps, batch, hidden } = recurrenceSizes(inputs);
      const ofStates = take === 'hidden0' || take === 'cell0';
      return { shape: ofStates ? [batch, hidden] : [inputs[1]!.shape[0]!, steps * batch], dtype: 'float32' };
    },
    // Of the recurrence written out as expressions, on leaves of its own: they may depend on one another outside.
    grad(ops, { inputs, attributes }, cotangent, differentiate) {
      const operands = [...inputs, cotangent];
      const leaves = operands.map(({ shape, dtype }, i) => ops.input(`recurrence:${i}`, shape, dtype));
      const [direction, slope, ...own] = leaves.toReversed() as [Tensor, Tensor, ...Tensor[]];
      const written = writeOut(ops, own.toReversed(), geometryOf(attributes));
      const loss = ops.sum(ops.mul(attributes.of === 'hidden' ? written.hidden : written.cell!, slope));
      const taken = sliceOf(ops, attributes.take, leaves, written, (wrt) => differentiate(loss, wrt));
      const wanted = leaves.slice(0, -1).filter(({ dtype }) => dtype === 'float32');
      const slopes = differentiate(ops.sum(ops.mul(taken, direction)), wanted);
      const replaced = substitute(slopes, new Map(leaves.map((leaf, i) => [leaf, operands[i]!])));
      return leaves.slice(0, -1).map((leaf) => replaced[wanted.indexOf(leaf)]);
    },
    onnx(emit, inputs, { attributes, inputs: operands }) {
      const values = emitRecurrenceGradient(
        emit,
        inputs.slice(0, -1),
        inputs.at(-1)!,
        attributes.of,
        geometryOf(attributes),
        recurrenceSizes(operands),
      );
      return values[attributes.take]!;
    },
    flops: ({ inputs, attributes }) => (attributes.take === 'projected' ? flopsOf(inputs, attributes, true) : 0),
    product: ({ inputs, attributes }) => (attributes.take === 'projected' ? productsOf(inputs, attributes, true) : 0),
    // The gates' gradients as the Scan gives them, before their steps are put side by side, and what they are multiples of.
    memory: ({ inputs, shape, attributes: { cell, take } }) => {
      if (take !== 'projected' && take !== 'recurrent') return { held: 0, passing: 0 };
      const { steps, batch, hidden } = recurrenceSizes(inputs);
      const gates = shape.reduce((product, dim) => product * dim, 1);
      return { held: 0, passing: 4 * (gates + cells[cell].factors.length * steps * batch * hidden) };
    },
    samples: [
      sample('tanh', { of: 'hidden', take: 'projected' }),
      sample('lstm', { of: 'hidden', take: 'projected', biased: false }),
      sample('lstm', { of: 'cell', take: 'cell0', reverse: true, masked: true }),
      sample('gru', { of: 'hidden', take: 'recurrent' }),
      sample('gru', { of: 'hidden', take: 'hidden0', reverse: true, biased: false }),
    ],
  },
};
