import { elementCount, type Initialization } from '../../../network';
import type { TensorData } from '../../../runtime';
import { fillNormal, fillUniform, type Stream } from '../philox';
import { fillNorms, fillSingularVector } from './derived';
import { fillDirac, fillEye } from './identity';
import { fillOrthogonal } from './orthogonal';
import { placePart } from './parts';
import { fillSparse } from './sparse';
import { fillTruncatedNormal } from './truncatedNormal';

/** A parameter's or buffer's first values, described so that the probe process can draw them itself. */
export interface InitializationSpec {
  readonly shape: readonly number[];
  readonly initialization: Initialization;
  readonly stream: Stream;
  /** What the values are multiplied by; absent: 1. */
  readonly scale?: number;
  /** The parameter that the values are worked out from. */
  readonly of?: InitializationSpec;
}

/** Fills zeros of a shape as one kind says. */
type Fill<K extends Initialization['kind']> = (
  values: Float32Array,
  initialization: Extract<Initialization, { kind: K }>,
  shape: readonly number[],
  stream: Stream,
  of: TensorData | undefined,
) => void;

const fills: { readonly [K in Initialization['kind']]: Fill<K> } = {
  constant: (values, { value }) => values.fill(value),
  values: (values, { values: known }) => values.set(known),
  uniform: (values, { low, high }, _, stream) => fillUniform(values, stream, low, high),
  normal: (values, { mean, std, zeroRow }, shape, stream) => {
    fillNormal(values, stream, mean, std);
    if (zeroRow === undefined) return;
    const row = elementCount(shape.slice(1));
    values.fill(0, zeroRow * row, (zeroRow + 1) * row);
  },
  trunc_normal: (values, bounds, _, stream) => fillTruncatedNormal(values, stream, bounds),
  orthogonal: (values, { gain }, shape, stream) => fillOrthogonal(values, shape, stream, gain),
  sparse: (values, { sparsity, std }, shape, stream) => fillSparse(values, shape, stream, sparsity, std),
  eye: (values, { gain }, shape) => fillEye(values, shape, gain),
  dirac: (values, { groups }, shape) => fillDirac(values, shape, groups),
  norm: (values, { dim }, _shape, _stream, of) => fillNorms(values, known(of), dim),
  parts(values, { rest, parts }, shape, stream, of) {
    fill(values, rest, shape, stream, of);
    for (const [i, part] of parts.entries()) {
      const size = part.to.map((end, axis) => end - part.from[axis]!);
      const own = new Float32Array(elementCount(size));
      // Numbers of its own: the same stream would draw again what the rest has drawn.
      fill(own, part.initialization, size, { ...stream, purpose: stream.purpose + (i + 1) * PURPOSES }, of);
      placePart(values, shape, part, own);
    }
  },
  singular_vector: (values, which, _shape, stream, of) => fillSingularVector(values, known(of), which, stream),
};

/** More than there are purposes of streams. */
const PURPOSES = 2 ** 16;

const fill = (
  values: Float32Array,
  initialization: Initialization,
  shape: readonly number[],
  stream: Stream,
  of: TensorData | undefined,
): void => (fills[initialization.kind] as Fill<Initialization['kind']>)(values, initialization, shape, stream, of);

function known(of: TensorData | undefined): TensorData {
  if (!of) throw new Error('values are worked out from a parameter that nobody described');
  return of;
}

/** Draws the values. */
export function initialValues({ shape, initialization, stream, scale, of }: InitializationSpec): TensorData {
  const values = new Float32Array(elementCount(shape));
  fill(values, initialization, shape, stream, of && initialValues(of));
  return scaled({ dtype: 'float32', shape, values }, scale);
}

/** Float32 values that nobody else holds, each times a factor, in their place. */
export function scaled(data: TensorData, factor = 1): TensorData {
  if (factor === 1) return data;
  const values = data.values as Float32Array;
  // A callback a value would take ten times as long.
  for (let i = 0; i < values.length; i++) values[i] = factor * values[i]!;
  return data;
}
