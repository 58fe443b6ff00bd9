import { type Shape, sameDim } from '../network';
import { add, div, maximum, mul, norm2, reshape, stopGradient, sub, sum } from '../tensor';
import { bool, float, int } from './attribute';
import { axisOf, broadcastShapes, formatDim } from './dimensions';
import { vectorNorm } from './reductions';
import { defineLayer, type LayerRow, ShapeError } from './row';

const without = (shape: Shape, axis: number, keepdim = false): Shape =>
  keepdim ? shape.map((size, i) => (i === axis ? 1 : size)) : shape.filter((_, i) => i !== axis);

const two = { parameters: ['x1', 'x2'], operands: ['x1', 'x2'] } as const;

/** The cosine of the angle between vectors along an axis. */
const cosineSimilarity = defineLayer({
  kind: 'CosineSimilarity',
  role: 'arithmetic',
  module: true,
  attributes: { dim: int(1), eps: float(1e-8) },
  call: two,
  functions: [
    {
      names: ['torch.nn.functional.cosine_similarity', 'torch.cosine_similarity'],
      parameters: ['x1', 'x2', 'dim', 'eps'],
      operands: ['x1', 'x2'],
    },
  ],
  outputShapes([a, b], { dim }) {
    if (!a || !b) throw new ShapeError('CosineSimilarity takes 2 tensors');
    const shape = broadcastShapes(a, b);
    return [without(shape, axisOf(dim, shape.length))];
  },
  forward([first, second], { dim, eps }) {
    const rank = Math.max(first!.shape.length, second!.shape.length);
    const axis = axisOf(dim, rank);
    const [a, b] = [first!, second!].map((x) =>
      reshape(x, [...Array.from({ length: rank - x.shape.length }, () => 1), ...x.shape]),
    ) as [typeof first & object, typeof second & object];
    // The norm counts as no smaller than ε, and where it is, its own gradient still is that of the norm.
    const unit = (x: typeof a) => {
      const length = norm2(x, [axis], true);
      const raised = add(length, stopGradient(sub(maximum(length, eps), length)));
      return div(x, raised);
    };
    return { outputs: [sum(mul(unit(a), unit(b)), [axis])] };
  },
});

/** ‖x₁ − x₂ + ε‖ over the last axis. */
const pairwiseDistance = defineLayer({
  kind: 'PairwiseDistance',
  role: 'arithmetic',
  module: true,
  attributes: { p: float(2), eps: float(1e-6), keepdim: bool(false) },
  call: two,
  functions: [
    {
      names: ['torch.nn.functional.pairwise_distance', 'torch.pairwise_distance'],
      parameters: ['x1', 'x2', 'p', 'eps', 'keepdim'],
      operands: ['x1', 'x2'],
    },
  ],
  outputShapes([a, b], { keepdim }) {
    if (!a || !b) throw new ShapeError('PairwiseDistance takes 2 tensors');
    const shape = broadcastShapes(a, b);
    return [without(shape, shape.length - 1, keepdim)];
  },
  forward([a, b], { p, eps, keepdim }) {
    const difference = add(sub(a!, b!), eps);
    return { outputs: [vectorNorm(difference, p, [difference.shape.length - 1], keepdim)] };
  },
});

/** Every row of one matrix from every row of another. */
const cdist = defineLayer({
  kind: 'cdist',
  role: 'arithmetic',
  module: false,
  attributes: { p: float(2) },
  functions: [{ names: ['torch.cdist'], parameters: ['x1', 'x2', 'p', 'compute_mode'], operands: ['x1', 'x2'] }],
  outputShapes([a, b]) {
    if (!a || !b) throw new ShapeError('cdist takes 2 tensors');
    [a, b].forEach((shape, i) => {
      if (shape.length >= 2) return;
      throw new ShapeError(`cdist only supports at least 2D tensors, X${i + 1} got: ${shape.length}D`);
    });
    if (!sameDim(a.at(-1)!, b.at(-1)!)) {
      throw new ShapeError(
        `X1 and X2 must have the same number of columns. X1: ${formatDim(a.at(-1)!)} X2: ${formatDim(b.at(-1)!)}`,
      );
    }
    return [[...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-2)!]];
  },
  forward([a, b], { p }) {
    const columns = (x: typeof a, axis: number) => {
      const shape = [...x!.shape];
      shape.splice(x!.shape.length - axis, 0, 1);
      return reshape(x!, shape);
    };
    const difference = sub(columns(a, 1), columns(b, 2));
    return { outputs: [vectorNorm(difference, p, [difference.shape.length - 1], false)] };
  },
});

/** Rows that compare vectors. */
export const similarities: readonly LayerRow[] = [cosineSimilarity, pairwiseDistance, cdist];
