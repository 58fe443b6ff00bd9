/** A whole multiple of the batch size, which stays a symbol until a probe binds it. */
export interface BatchDim {
  readonly batch: number;
}

/** A dimension of a tensor: a number, or a multiple of the batch. */
export type Dim = number | BatchDim;

/** A tensor's shape, outermost dimension first, the batch included. */
export type Shape = readonly Dim[];

/** One batch. */
export const BATCH: BatchDim = { batch: 1 };

export const isBatchDim = (dim: Dim): dim is BatchDim => typeof dim !== 'number';

/** Whether two dimensions are equal for every batch size. */
export function sameDim(a: Dim, b: Dim): boolean {
  return isBatchDim(a) ? isBatchDim(b) && a.batch === b.batch : a === b;
}

/** Whether two shapes are equal for every batch size. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]!));
}

/** The product of dimensions; undefined where it would not be linear in the batch (batch × batch). */
export function multiplyDims(dims: Shape): Dim | undefined {
  let factor = 1;
  let batches = 0;
  for (const dim of dims) {
    factor *= isBatchDim(dim) ? dim.batch : dim;
    if (isBatchDim(dim)) batches++;
  }
  if (batches > 1) return undefined;
  return batches === 1 ? { batch: factor } : factor;
}

/** The exact quotient a / b; undefined where it leaves a remainder for some batch size. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (isBatchDim(b)) return isBatchDim(a) && a.batch % b.batch === 0 ? a.batch / b.batch : undefined;
  if (isBatchDim(a)) return b !== 0 && a.batch % b === 0 ? { batch: a.batch / b } : undefined;
  return b !== 0 && a % b === 0 ? a / b : undefined;
}

export const bindDim = (dim: Dim, batch: number): number => (isBatchDim(dim) ? dim.batch * batch : dim);

/** The shape at one batch size. */
export const bindShape = (shape: Shape, batch: number): number[] => shape.map((dim) => bindDim(dim, batch));

/** How many elements a shape of numbers holds. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The shape in PyTorch's way of writing it, the batch by name: `[batch, 3, 32, 32]`. */
export function formatShape(shape: Shape): string {
  const text = (dim: Dim) => (isBatchDim(dim) ? (dim.batch === 1 ? 'batch' : `${dim.batch}·batch`) : String(dim));
  return `[${shape.map(text).join(', ')}]`;
}
