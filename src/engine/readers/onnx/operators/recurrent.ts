import type { ModuleTensors } from '../build';
import { NotRead } from '../notRead';
import type { Numbers, Stored } from '../stored';
import type { Value } from '../values';
import { type Applied, elementsOf } from './applied';
import type { OperatorRow } from './row';

interface Cell {
  readonly kind: 'RNN' | 'LSTM' | 'GRU';
  /** For each of PyTorch's gates, its place among ONNX's. */
  readonly gates: readonly number[];
  readonly activations: readonly string[];
}

const cells: Readonly<Record<string, Cell>> = {
  RNN: { kind: 'RNN', gates: [0], activations: ['Tanh'] },
  // ONNX: input, output, forget, cell.
  LSTM: { kind: 'LSTM', gates: [0, 2, 3, 1], activations: ['Sigmoid', 'Tanh', 'Tanh'] },
  // ONNX: update, reset, hidden.
  GRU: { kind: 'GRU', gates: [1, 0, 2], activations: ['Sigmoid', 'Tanh'] },
};

/** One direction's rows, gate by gate in PyTorch's order; `from` counts rows before them. */
function gateRows(stored: Stored, direction: number, cell: Cell, hidden: number, from: number, what: string): Stored {
  const vector = stored.shape.length === 2;
  const rows = cell.gates.length * hidden;
  const width = vector ? 1 : stored.shape[2]!;
  const block = stored.shape[1]! * width;
  return stored.picked(`${what}${direction}`, vector ? [rows] : [rows, width], (all: Numbers) => {
    const result = new Float32Array(rows * width);
    cell.gates.forEach((gate, i) => {
      const start = direction * block + (from + gate * hidden) * width;
      result.set(all.subarray(start, start + hidden * width), i * hidden * width);
    });
    return result;
  });
}

/** The learned tensors of all directions, by PyTorch's names. */
function tensorsOf(applied: Applied, cell: Cell, hidden: number, directions: number): ModuleTensors {
  const [w, r, b] = [applied.storedAt(1), applied.storedAt(2), applied.storedAt(3)];
  if (!w || !r || (applied.inputs[3] && !b)) throw new NotRead('weights that are computed are not modelled');
  const rows = cell.gates.length * hidden;
  const fits = (stored: Stored, shape: readonly (number | undefined)[]) =>
    stored.shape.length === shape.length && shape.every((size, i) => size === undefined || size === stored.shape[i]);
  if (
    !fits(w, [directions, rows, undefined]) ||
    !fits(r, [directions, rows, hidden]) ||
    (b && !fits(b, [directions, 2 * rows]))
  )
    throw new NotRead('the shapes of its weights do not fit hidden_size');
  const named = Array.from({ length: directions }, (_, d) => {
    const suffix = `_l0${d === 0 ? '' : '_reverse'}`;
    return {
      [`weight_ih${suffix}`]: gateRows(w, d, cell, hidden, 0, 'w'),
      [`weight_hh${suffix}`]: gateRows(r, d, cell, hidden, 0, 'r'),
      ...(b && {
        [`bias_ih${suffix}`]: gateRows(b, d, cell, hidden, 0, 'b'),
        [`bias_hh${suffix}`]: gateRows(b, d, cell, hidden, rows, 'c'),
      }),
    };
  });
  return Object.assign({}, ...named) as ModuleTensors;
}

/** Whether a state is left out, or zeros: PyTorch begins with zeros by itself. */
function isZero(value: Value | undefined): boolean {
  if (!value || value.kind === 'flow' || value.kind === 'unknown') return !value;
  if (value.kind === 'filled') return value.value === 0;
  return elementsOf(value)?.every((each) => each === 0) ?? false;
}

function recurrent(applied: Applied): readonly Value[] {
  const cell = cells[applied.node.op]!;
  const direction = applied.text('direction', 'forward');
  if (direction !== 'forward' && direction !== 'bidirectional')
    throw new NotRead(`the direction ${direction} is not modelled`);
  if (applied.number('layout', 0) !== 0) throw new NotRead('layout = 1 is not modelled');
  if (applied.optionalNumber('clip') !== undefined) throw new NotRead('clip is not modelled');
  if (applied.number('input_forget', 0) !== 0) throw new NotRead('input_forget is not modelled');
  if (cell.kind === 'GRU' && applied.number('linear_before_reset', 0) !== 1)
    throw new NotRead('linear_before_reset = 0 is not what PyTorch computes');
  if (applied.inputs[4] && !isWhole(applied)) throw new NotRead('lengths of sequences are not modelled');
  if (applied.inputs[7]) throw new NotRead('peepholes are not modelled');
  const directions = direction === 'forward' ? 1 : 2;
  const hidden = applied.number('hidden_size', applied.storedAt(2)?.shape[2] ?? 0);
  const nonlinearity = activationOf(applied, cell, directions);
  const [steps, batch, input] = applied.shape();
  const states = [applied.inputs[5], cell.kind === 'LSTM' ? applied.inputs[6] : undefined];
  const zero = states.every(isZero);
  const given = {
    input_size: Number(input),
    hidden_size: hidden,
    bias: applied.inputs[3] !== undefined,
    bidirectional: directions === 2,
    ...(cell.kind === 'RNN' && { nonlinearity }),
  };
  const operands: Value[] = [applied.input()];
  if (!zero) {
    operands.push(applied.input(5));
    if (cell.kind === 'LSTM') operands.push(applied.input(6));
  }
  const [output, ...last] = applied.module(cell.kind, given, operands, tensorsOf(applied, cell, hidden, directions));
  // ONNX has the directions on an axis of their own: [steps, directions, batch, hidden].
  if (directions === 1) return [applied.one('unsqueeze', { dim: 1 }, [output!]), ...last];
  const apart = applied.one('reshape', { shape: [steps!, batch!, 2, hidden] }, [output!]);
  return [applied.one('permute', { dims: [0, 2, 1, 3] }, [apart]), ...last];
}

/** Whether every sequence is as long as the tensor. */
function isWhole(applied: Applied): boolean {
  const value = applied.inputs[4];
  const [steps] = applied.shape();
  if (value?.kind === 'filled') return value.value === steps;
  return (value && elementsOf(value)?.every((each) => each === steps)) ?? false;
}

/** `tanh` or `relu` for RNN. @throws NotRead for other functions than PyTorch's. */
function activationOf(applied: Applied, cell: Cell, directions: number): string {
  const attribute = applied.node.attributes.get('activations');
  const given = attribute?.kind === 'texts' ? attribute.value : [];
  const expected = Array.from({ length: directions }, () => cell.activations).flat();
  const plain = given.length === 0 || given.every((name, i) => name.toLowerCase() === expected[i]?.toLowerCase());
  if (plain) return 'tanh';
  if (cell.kind === 'RNN' && given.every((name) => name === 'Relu')) return 'relu';
  throw new NotRead(`the activations ${given.join(', ')} are not PyTorch's`);
}

export const recurrents: readonly OperatorRow[] = Object.keys(cells).map((op) => ({ op, read: recurrent }));
