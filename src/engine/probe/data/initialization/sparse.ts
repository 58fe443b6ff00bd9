import { fillNormal, fillWords, type Stream } from '../philox';

/** Streams beside those of weights that are drawn whole. */
const ROWS = 2 ** 30;

/** `sparse_`: normal numbers, and in each column as many zeros as the share asks for, rounded up. */
export function fillSparse(
  values: Float32Array,
  shape: readonly number[],
  stream: Stream,
  sparsity: number,
  std: number,
): void {
  const [rows, columns] = shape as readonly [number, number];
  fillNormal(values, stream, 0, std);
  const zeros = Math.min(rows, Math.ceil(sparsity * rows));
  const words = fillWords(new Uint32Array(zeros * columns), { ...stream, index: stream.index + ROWS });
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let column = 0; column < columns; column++) {
    // The first places of a shuffle by Fisher and Yates; what the last column left is as good a start as any.
    for (let i = 0; i < zeros; i++) {
      const j = i + Math.floor((words[column * zeros + i]! / 2 ** 32) * (rows - i));
      [order[i], order[j]] = [order[j]!, order[i]!];
      values[order[i]! * columns + column] = 0;
    }
  }
}
