import type { TensorData } from '../../../runtime';
import { fillNormal, type Stream } from '../philox';

/** L2 norms of the values, one for each index of axis `dim`; of all of them together where it is null. */
export function fillNorms(norms: Float32Array, { values, shape }: TensorData, dim: number | null): void {
  const size = dim === null ? 1 : shape[dim]!;
  const behind = dim === null ? values.length : shape.slice(dim + 1).reduce((product, length) => product * length, 1);
  const squares = new Float64Array(size);
  for (let i = 0; i < values.length; i++) squares[Math.floor(i / behind) % size]! += Number(values[i]) ** 2;
  squares.forEach((square, i) => {
    norms[i] = Math.sqrt(square);
  });
}

const normalized = (vector: Float64Array): Float64Array => {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / Math.max(length, 1e-12));
};

/** The values as a matrix, axis `dim` as its rows. */
function matrixOf({ values, shape }: TensorData, dim: number): { rows: number; columns: number; at: Float64Array } {
  const rows = shape[dim]!;
  const columns = values.length / rows;
  const behind = shape.slice(dim + 1).reduce((product, length) => product * length, 1);
  const at = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / behind) % rows;
    const column = Math.floor(i / (behind * rows)) * behind + (i % behind);
    at[row * columns + column] = Number(values[i]);
  }
  return { rows, columns, at };
}

/**
 * The matrix's first singular vector as `torch.nn.utils.parametrizations.spectral_norm` finds it: from drawn unit
 * vectors u and v, u = Wv/‖Wv‖ and v = Wᵀu/‖Wᵀu‖ in turn. Both sides are drawn from the one stream.
 */
export function fillSingularVector(
  vector: Float32Array,
  weight: TensorData,
  { side, dim, iterations }: { readonly side: 'left' | 'right'; readonly dim: number; readonly iterations: number },
  stream: Stream,
): void {
  const { rows, columns, at } = matrixOf(weight, dim);
  const drawn = fillNormal(new Float32Array(rows + columns), stream, 0, 1);
  let u = normalized(Float64Array.from(drawn.subarray(0, rows)));
  let v = normalized(Float64Array.from(drawn.subarray(rows)));
  for (let i = 0; i < iterations; i++) {
    const left = new Float64Array(rows);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) left[r]! += at[r * columns + c]! * v[c]!;
    u = normalized(left);
    const right = new Float64Array(columns);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) right[c]! += at[r * columns + c]! * u[r]!;
    v = normalized(right);
  }
  vector.set(side === 'left' ? u : v);
}
