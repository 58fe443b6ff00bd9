import { bindDim, type Dim, isBatchDim, multiplyDims, type Shape, sameDim } from '../../../network';

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

/**
 * A shape that was written for one batch size, with the batch as a symbol again: the axes of both shapes are matched in
 * groups of equal size, from the last on, and the group that holds the batch gets it on its first axis. `[1, 197, 768]`
 * from `[batch, 768, 14·14 + 1]` is `[batch, 197, 768]`. Undefined where no matching is right for every batch.
 */
export function withBatch(from: Shape, target: readonly number[], fixed: number): Shape | undefined {
  const bound = from.map((dim) => bindDim(dim, fixed));
  if (product(bound) !== product(target)) return undefined;
  let [i, j] = [bound.length, target.length];
  const result: Dim[] = [...target];
  while (i > 0 && j > 0) {
    const [endI, endJ] = [i, j];
    let [left, right] = [bound[--i]!, target[--j]!];
    while (left !== right) {
      if (left < right) {
        if (i === 0) return undefined;
        left *= bound[--i]!;
      } else {
        if (j === 0) return undefined;
        right *= target[--j]!;
      }
    }
    // Sizes of 1 in front of a group belong to it where nothing else is left to match them.
    while (j === 0 && i > 0) i--;
    while (i === 0 && j > 0 && !from.slice(0, endI).some((dim) => isBatchDim(dim))) j--;
    const total = multiplyDims(from.slice(i, endI));
    if (total === undefined) return undefined;
    if (!isBatchDim(total)) continue;
    // Leading ones of the input that hold no batch stay in front of it.
    const lead = from.slice(i, endI).findIndex((dim) => isBatchDim(dim));
    const ahead = product(bound.slice(i, i + lead));
    let at = j;
    for (let passed = 1; at < endJ - 1 && passed < ahead; at++) passed *= target[at]!;
    const others = product([...target.slice(j, at), ...target.slice(at + 1, endJ)]);
    if (total.batch % others !== 0) return undefined;
    result[at] = { batch: total.batch / others };
  }
  return multipliesTo(from, result) ? result : undefined;
}

function multipliesTo(from: Shape, to: Shape): boolean {
  const [a, b] = [multiplyDims(from), multiplyDims(to)];
  return a !== undefined && b !== undefined && sameDim(a, b);
}
