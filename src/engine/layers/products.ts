import { type Shape, sameDim, type ValueType } from '../network';
import { add, mul, matmul as multiply, reshape, sum, type Tensor } from '../tensor';
import { type Attribute, float } from './attribute';
import { broadcastShapes, formatDim } from './dimensions';
import { einsum as contract, einsumShape } from './einsum';
import { promoted, together } from './elementTypes';
import { defineLayer, type LayerRow, ShapeError } from './row';

const text = (shape: Shape) => shape.map(formatDim).join('x');
const listed = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

function matrixProduct(a: Shape, b: Shape): Shape {
  if (a.length !== 2) throw new ShapeError('mat1 must be a matrix, got '.concat(`${a.length}-D tensor`));
  if (b.length !== 2) throw new ShapeError('mat2 must be a matrix, got '.concat(`${b.length}-D tensor`));
  if (!sameDim(a[1]!, b[0]!))
    throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${text(a)} and ${text(b)})`);
  return [a[0]!, b[1]!];
}

function batchedProduct(a: Shape, b: Shape): Shape {
  if (a.length !== 3) throw new ShapeError('batch1 must be a 3D tensor');
  if (b.length !== 3) throw new ShapeError('batch2 must be a 3D tensor');
  if (!sameDim(a[0]!, b[0]!) || !sameDim(a[2]!, b[1]!)) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: ${listed([a[0]!, a[2]!])} but got: ` +
        `${listed(b.slice(0, 2))}.`,
    );
  }
  return [a[0]!, a[1]!, b[2]!];
}

/** addbmm's own words for the same. */
function summedProduct(a: Shape, b: Shape): Shape {
  if (a.length === 3 && b.length === 3) {
    if (!sameDim(a[0]!, b[0]!)) {
      throw new ShapeError(
        `batch1 and batch2 must have same number of batches, got ${formatDim(a[0]!)} and ${formatDim(b[0]!)}`,
      );
    }
    if (!sameDim(a[2]!, b[1]!)) {
      throw new ShapeError(`Incompatible matrix sizes for bmm (${text(a.slice(1))} and ${text(b.slice(1))})`);
    }
  }
  return batchedProduct(a, b).slice(1);
}

const scales = { beta: float(1), alpha: float(1) };

/** β·input + α·(a·b), the input broadcast to the product. */
const addedProduct = (
  kind: string,
  operands: readonly [string, string],
  shapeOf: (a: Shape, b: Shape) => Shape,
  product: (a: Tensor, b: Tensor) => Tensor,
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: scales,
    functions: [
      {
        names: [`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`],
        parameters: ['input', ...operands, 'beta', 'alpha'],
        operands: ['input', ...operands],
      },
    ],
    outputShapes([input, a, b]) {
      if (!input || !a || !b) throw new ShapeError(`${kind} takes 3 tensors`);
      const shape = shapeOf(a, b);
      broadcastShapes(input, shape);
      return [shape];
    },
    forward: ([input, a, b], { beta, alpha }) => ({
      outputs: [add(mul(input!, beta), mul(product(a!, b!), alpha))],
    }),
    channelAxis: (_, outputRank) => outputRank - 1,
  });

/** The equation of an Einstein sum. */
const equation: Attribute<string> = {
  takes: "an equation such as 'ij,jk->ik'",
  schema: { type: 'string' },
  accept: (value) => (typeof value === 'string' ? value : undefined),
};

const einsum = defineLayer({
  kind: 'einsum',
  role: 'arithmetic',
  module: false,
  attributes: { equation },
  functions: [{ names: ['torch.einsum'], parameters: ['equation', '*operands'], operands: ['*operands'] }],
  outputShapes: (inputs, { equation: given }) => [einsumShape(given, inputs)],
  forward: (inputs, { equation: given }) => ({ outputs: [contract(given, inputs)] }),
  channelAxis: (_, outputRank) => (outputRank > 0 ? outputRank - 1 : undefined),
});

/** Products of vectors. */
const vectorProduct = (
  kind: string,
  names: readonly string[],
  parameters: readonly [string, string],
  shapeOf: (a: Shape, b: Shape) => Shape,
  compute: (a: Tensor, b: Tensor) => Tensor,
  types?: (inputs: readonly ValueType[]) => readonly ValueType[],
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: {},
    ...(types && { types }),
    functions: [
      { names: names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`]), parameters, operands: parameters },
    ],
    outputShapes([a, b]) {
      if (!a || !b) throw new ShapeError(`${kind} takes 2 tensors`);
      return [shapeOf(a, b)];
    },
    forward: ([a, b]) => ({ outputs: [compute(a!, b!)] }),
  });

const column = (x: Tensor) => reshape(x, [x.shape[0]!, 1]);

/** Further products beside `matmul`, which stands beside the arithmetic. */
export const productRows: readonly LayerRow[] = [
  addedProduct('addmm', ['mat1', 'mat2'], matrixProduct, multiply),
  addedProduct('baddbmm', ['batch1', 'batch2'], batchedProduct, multiply),
  addedProduct('addbmm', ['batch1', 'batch2'], summedProduct, (a, b) => sum(multiply(a, b), [0])),
  einsum,
  vectorProduct(
    'outer',
    ['outer', 'ger'],
    ['input', 'vec2'],
    (a, b) => {
      if (a.length !== 1) throw new ShapeError(`outer: Expected 1-D argument self, but got ${a.length}-D`);
      if (b.length !== 1) throw new ShapeError(`outer: Expected 1-D argument vec2, but got ${b.length}-D`);
      return [a[0]!, b[0]!];
    },
    (a, b) => {
      const [left, right] = together(column(a), b) as [Tensor, Tensor];
      return mul(left, right);
    },
    (inputs) => [promoted(inputs)],
  ),
  vectorProduct(
    'dot',
    ['dot', 'vdot'],
    ['input', 'tensor'],
    (a, b) => {
      if (a.length !== 1 || b.length !== 1)
        throw new ShapeError(`1D tensors expected, but got ${a.length}D and ${b.length}D tensors`);
      if (!sameDim(a[0]!, b[0]!)) {
        throw new ShapeError(
          `inconsistent tensor size, expected tensor ${listed(a)} and src ${listed(b)} to have the same number of ` +
            `elements, but got ${formatDim(a[0]!)} and ${formatDim(b[0]!)} elements respectively`,
        );
      }
      return [];
    },
    (a, b) => sum(mul(a, b)),
  ),
  vectorProduct(
    'mv',
    ['mv'],
    ['input', 'vec'],
    (a, b) => {
      if (a.length !== 2 || b.length !== 1)
        throw new ShapeError(`vector + matrix @ vector expected, got 1, ${a.length}, ${b.length}`);
      if (!sameDim(a[1]!, b[0]!)) {
        throw new ShapeError(
          `size mismatch, got input (${formatDim(a[0]!)}), mat (${text(a)}), vec (${formatDim(b[0]!)})`,
        );
      }
      return [a[0]!];
    },
    (a, b) => reshape(multiply(a, column(b)), [a.shape[0]!]),
  ),
];
