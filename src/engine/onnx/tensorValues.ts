import { integersOf, ModelFormatError } from './message';
import { dataTypeName, type ModelTensor } from './model';

/** Bytes of an element as `raw_data` and external files hold it. */
const widths: Readonly<Record<string, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
};

/** Bytes of one element. @throws ModelFormatError for texts, complex numbers and types of fewer bits than a byte. */
export function elementWidth(dataType: number): number {
  const width = widths[dataTypeName(dataType)];
  if (width === undefined) throw new ModelFormatError(`elements of ${dataTypeName(dataType)} are not read`);
  return width;
}

/** A number of 16 bits: sign, five of exponent, ten of fraction. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bfloat = new DataView(new ArrayBuffer(4));
function bfloatToNumber(bits: number): number {
  bfloat.setUint16(2, bits, true);
  return bfloat.getFloat32(0, true);
}

type At = (view: DataView, at: number) => number;

const little = true;
const readers: Readonly<Record<string, At>> = {
  float32: (view, at) => view.getFloat32(at, little),
  float64: (view, at) => view.getFloat64(at, little),
  float16: (view, at) => halfToNumber(view.getUint16(at, little)),
  bfloat16: (view, at) => bfloatToNumber(view.getUint16(at, little)),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => (view.getUint8(at) ? 1 : 0),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at) => view.getUint16(at, little),
  int16: (view, at) => view.getInt16(at, little),
  uint32: (view, at) => view.getUint32(at, little),
  int32: (view, at) => view.getInt32(at, little),
  uint64: (view, at) => Number(view.getBigUint64(at, little)),
  int64: (view, at) => Number(view.getBigInt64(at, little)),
};

/** How many elements the shape holds. */
export const tensorSize = ({ shape }: Pick<ModelTensor, 'shape'>): number =>
  shape.reduce((count, size) => count * size, 1);

/**
 * A tensor's numbers, row-major, in double precision where they are whole. `bytes` are those of its external data.
 * @throws ModelFormatError where bytes and shape do not fit.
 */
export function tensorNumbers(tensor: ModelTensor, bytes = tensor.raw): Float64Array | Float32Array {
  const count = tensorSize(tensor);
  const type = dataTypeName(tensor.dataType);
  const width = elementWidth(tensor.dataType);
  const misfit = (found: number) =>
    new ModelFormatError(`the tensor '${tensor.name}' of shape [${tensor.shape.join(', ')}] has ${found} elements`);
  const make = (length: number) => (type.includes('float') ? new Float32Array(length) : new Float64Array(length));
  if (bytes) {
    // Before anything is allocated: a shape may claim anything.
    if (bytes.length !== count * width) throw misfit(Math.floor(bytes.length / width));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const read = readers[type]!;
    const values = make(count);
    for (let i = 0; i < count; i++) values[i] = read(view, i * width);
    return values;
  }
  if (!tensor.packed) {
    if (count !== 0) throw misfit(0);
    return make(0);
  }
  const { as, chunks } = tensor.packed;
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  // A packed varint takes a byte at least.
  if (count > total / (as === 'float' ? 4 : as === 'double' ? 8 : 1)) throw misfit(total);
  const values = make(count);
  let at = 0;
  for (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const found =
      as === 'varint'
        ? integersOf(chunk, count - at)
        : Array.from({ length: Math.floor(chunk.length / (as === 'float' ? 4 : 8)) }, (_, i) =>
            as === 'float' ? view.getFloat32(i * 4, little) : view.getFloat64(i * 8, little),
          );
    if (at + found.length > count) throw misfit(at + found.length);
    for (const value of found) {
      // Halves are stored as their bits.
      values[at++] = type === 'float16' ? halfToNumber(value) : type === 'bfloat16' ? bfloatToNumber(value) : value;
    }
  }
  if (at !== count) throw misfit(at);
  return values;
}
