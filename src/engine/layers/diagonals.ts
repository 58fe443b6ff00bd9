import { isBatchDim, type Shape } from '../network';
import { reshape, slice, spread, sum, type Tensor, transpose } from '../tensor';
import { int } from './attribute';
import { axisOf, numberOf, onlyInput, range } from './dimensions';
import { keepsType } from './elementTypes';
import { defineLayer, type LayerRow, ShapeError } from './row';

// Diagonals of matrices: a matrix of C columns, flattened, has them C + 1 places apart.

/** Where a diagonal begins in a flattened matrix, and how long it is. */
function diagonalOf(rows: number, columns: number, offset: number): { start: number; length: number } {
  const start = offset >= 0 ? offset : -offset * columns;
  const length = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
  return { start: length === 0 ? 0 : start, length };
}

/** The axes of the matrices, the others before them in order. */
function matrixAxes(dim1: number, dim2: number, rank: number): { front: number[]; pair: [number, number] } {
  const pair: [number, number] = [axisOf(dim1, rank), axisOf(dim2, rank)];
  if (pair[0] === pair[1]) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  return { front: range(0, rank).filter((axis) => !pair.includes(axis)), pair };
}

const matrixSize = (input: Shape, pair: readonly [number, number]): [number, number] => [
  numberOf(input[pair[0]]!, 'the number of rows of a diagonal'),
  numberOf(input[pair[1]]!, 'the number of columns of a diagonal'),
];

/** The diagonals of the matrices that two axes make, as the last axis. */
function diagonals(x: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const { front, pair } = matrixAxes(dim1, dim2, x.shape.length);
  const [rows, columns] = matrixSize(x.shape, pair) as [number, number];
  const { start, length } = diagonalOf(rows, columns, offset);
  const lead = front.map((axis) => x.shape[axis]!);
  const flat = reshape(transpose(x, [...front, ...pair]), [...lead, rows * columns]);
  const end = length === 0 ? start : start + (length - 1) * (columns + 1) + 1;
  return slice(flat, [...lead.map(() => 0), start], [...lead, end], [...lead.map(() => 1), columns + 1]);
}

/** Matrices of zeros but for a diagonal, the last axis of x. */
function embedded(x: Tensor, offset: number): Tensor {
  const lead = x.shape.slice(0, -1);
  const length = x.shape.at(-1)!;
  const size = length + Math.abs(offset);
  const { start } = diagonalOf(size, size, offset);
  const taken = length === 0 ? 0 : (length - 1) * (size + 1) + 1;
  const none = lead.map(() => 0);
  const flat = spread(x, [...lead.map(() => 1), size + 1], [...none, start], [...none, size * size - start - taken]);
  return reshape(flat, [...lead, size, size]);
}

const diagonal = defineLayer({
  kind: 'diagonal',
  role: 'shape',
  module: false,
  view: true,
  attributes: { offset: int(0), dim1: int(0), dim2: int(1) },
  functions: [{ names: ['torch.diagonal', 'Tensor.diagonal'], parameters: ['input', 'offset', 'dim1', 'dim2'] }],
  types: keepsType,
  outputShapes(inputs, { offset, dim1, dim2 }) {
    const input = onlyInput(inputs, 'diagonal');
    const { front, pair } = matrixAxes(dim1, dim2, input.length);
    return [[...front.map((axis) => input[axis]!), diagonalOf(...matrixSize(input, pair), offset).length]];
  },
  forward: ([x], { offset, dim1, dim2 }) => ({ outputs: [diagonals(x!, offset, dim1, dim2)] }),
});

const diagEmbed = defineLayer({
  kind: 'diag_embed',
  role: 'shape',
  module: false,
  attributes: { offset: int(0), dim1: int(-2), dim2: int(-1) },
  functions: [{ names: ['torch.diag_embed', 'Tensor.diag_embed'], parameters: ['input', 'offset', 'dim1', 'dim2'] }],
  types: keepsType,
  outputShapes(inputs, { offset, dim1, dim2 }) {
    const input = onlyInput(inputs, 'diag_embed');
    const size = numberOf(input.at(-1)!, 'the length of a diagonal') + Math.abs(offset);
    const { pair } = matrixAxes(dim1, dim2, input.length + 1);
    const lead = input.slice(0, -1);
    return [range(0, input.length + 1).map((axis) => (pair.includes(axis) ? size : lead[leadPlace(axis, pair)]!))];
  },
  forward([x], { offset, dim1, dim2 }) {
    const rank = x!.shape.length + 1;
    const { pair } = matrixAxes(dim1, dim2, rank);
    const order = range(0, rank).map((axis) =>
      axis === pair[0] ? rank - 2 : axis === pair[1] ? rank - 1 : leadPlace(axis, pair),
    );
    return { outputs: [transpose(embedded(x!, offset), order)] };
  },
});

/** Where an axis beside the matrices' two stands among those like it. */
const leadPlace = (axis: number, pair: readonly [number, number]): number =>
  axis - pair.filter((taken) => taken < axis).length;

/** The diagonal of a matrix, or the matrix of a diagonal. */
const diag = defineLayer({
  kind: 'diag',
  role: 'shape',
  module: false,
  attributes: { diagonal: int(0) },
  functions: [{ names: ['torch.diag', 'Tensor.diag'], parameters: ['input', 'diagonal'] }],
  types: keepsType,
  outputShapes(inputs, { diagonal: offset }) {
    const input = onlyInput(inputs, 'diag');
    if (input.length !== 1 && input.length !== 2)
      throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${input.length}D`);
    if (input.length === 1) {
      const size = numberOf(input[0]!, 'the length of a diagonal') + Math.abs(offset);
      return [[size, size]];
    }
    return [[diagonalOf(...matrixSize(input, [0, 1]), offset).length]];
  },
  forward: ([x], { diagonal: offset }) => ({
    outputs: [x!.shape.length === 1 ? embedded(x!, offset) : diagonals(x!, offset, 0, 1)],
  }),
});

const trace = defineLayer({
  kind: 'trace',
  role: 'arithmetic',
  module: false,
  attributes: {},
  functions: [{ names: ['torch.trace', 'Tensor.trace'], parameters: ['input'] }],
  types: keepsType,
  outputShapes(inputs) {
    const input = onlyInput(inputs, 'trace');
    if (input.length !== 2) throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${input.length}`);
    if (input.some(isBatchDim)) throw new ShapeError('the trace of a matrix as long as the batch is not modelled');
    return [[]];
  },
  forward: ([x]) => ({ outputs: [sum(diagonals(x!, 0, 0, 1))] }),
});

/** Rows that take diagonals, or put them into matrices. */
export const diagonalRows: readonly LayerRow[] = [diagonal, diagEmbed, diag, trace];
