import { countOf, type DataArray, type NumberArray, refuseData } from './array';

const MAGIC = '\x93NUMPY';
/** NumPy itself refuses longer headers. */
const LONGEST_HEADER = 10_000;
const MOST_DIMENSIONS = 32;
const SAVE = 'save it again with np.save';

interface ElementType {
  readonly bytes: 1 | 2 | 4 | 8;
  /** A view of native byte order over aligned bytes. */
  view(buffer: ArrayBufferLike, offset: number, length: number): NumberArray;
}

/** The number types of NumPy by kind and size. */
const types: Readonly<Record<string, ElementType>> = {
  b1: { bytes: 1, view: (...at) => new Uint8Array(...at) },
  i1: { bytes: 1, view: (...at) => new Int8Array(...at) },
  u1: { bytes: 1, view: (...at) => new Uint8Array(...at) },
  i2: { bytes: 2, view: (...at) => new Int16Array(...at) },
  u2: { bytes: 2, view: (...at) => new Uint16Array(...at) },
  i4: { bytes: 4, view: (...at) => new Int32Array(...at) },
  u4: { bytes: 4, view: (...at) => new Uint32Array(...at) },
  i8: { bytes: 8, view: (...at) => new BigInt64Array(...at) },
  u8: { bytes: 8, view: (...at) => new BigUint64Array(...at) },
  f2: { bytes: 2, view: (...at) => new Uint16Array(...at) },
  f4: { bytes: 4, view: (...at) => new Float32Array(...at) },
  f8: { bytes: 8, view: (...at) => new Float64Array(...at) },
};

/** A half-precision number from its bits: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

interface Header {
  readonly type: ElementType;
  readonly kind: string;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly offset: number;
}

/** Reads what stands before the values: a Python dictionary of three entries, which is matched and never evaluated. */
function readHeader(bytes: Buffer, place: string): Header {
  const version = bytes[6];
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== MAGIC || version === undefined) {
    refuseData(place, 'this is no .npy file', SAVE);
  }
  if (version < 1 || version > 3) refuseData(place, `.npy version ${version} is not known`, SAVE);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > LONGEST_HEADER || start + length > bytes.length) {
    refuseData(place, 'the .npy header is longer than the file may have it', SAVE);
  }
  const text = bytes.toString(version === 3 ? 'utf8' : 'latin1', start, start + length);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const dims = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (order === undefined || dims === undefined) refuseData(place, 'the .npy header cannot be read', SAVE);
  if (descr === undefined) {
    refuseData(place, 'it holds records of several fields', 'save each field as an array of its own');
  }
  const [, byteOrder, kind] = /^([<>|=]?)([a-zA-Z]\d*)/.exec(descr) ?? [];
  const type = kind === undefined || !Object.hasOwn(types, kind) ? undefined : types[kind];
  if (!type || kind === undefined) {
    const objects = descr.includes('O');
    refuseData(
      place,
      objects ? 'it holds Python objects, which are not unpickled' : `it holds '${descr}', which are no plain numbers`,
      'save numbers: np.save(file, array.astype(np.float32))',
    );
  }
  const shape = dims
    .split(',')
    .map((dim) => dim.trim().replace(/L$/, ''))
    .filter(Boolean)
    .map(Number);
  if (shape.length > MOST_DIMENSIONS) refuseData(place, `it has ${shape.length} dimensions`, SAVE);
  return { type, kind, bigEndian: byteOrder === '>', fortran: order === 'True', shape, offset: start + length };
}

/** Column-major values in row-major order. */
function toRowMajor(values: NumberArray, shape: readonly number[]): NumberArray {
  const out = values.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, dim) => product * dim, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    out[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/**
 * The array of a .npy file (versions 1 to 3; floats, whole numbers and booleans; either memory and byte order).
 * @throws InputError for anything else, and for a file that holds fewer values than it says.
 */
export function parseNpy(bytes: Buffer, place: string): DataArray {
  const { type, kind, bigEndian, fortran, shape, offset } = readHeader(bytes, place);
  const count = countOf(shape);
  const length = (count ?? Number.POSITIVE_INFINITY) * type.bytes;
  if (count === undefined || length > bytes.length - offset) {
    const says = `[${shape.join(', ')}] of ${type.bytes} bytes each`;
    refuseData(
      place,
      `it says ${says}, but holds ${bytes.length - offset} bytes`,
      'it is cut short: copy or save it again',
    );
  }
  // Views need aligned bytes; other byte orders a copy of their own.
  const body = bytes.subarray(offset, offset + length);
  const aligned = !bigEndian && body.byteOffset % type.bytes === 0;
  const own = aligned ? body : Buffer.from(new Uint8Array(body).buffer);
  if (bigEndian && type.bytes === 2) own.swap16();
  if (bigEndian && type.bytes === 4) own.swap32();
  if (bigEndian && type.bytes === 8) own.swap64();
  const stored = type.view(own.buffer, own.byteOffset, count);
  const values = kind === 'f2' ? Float32Array.from(stored as Uint16Array, halfToNumber) : stored;
  return { place, shape, values: fortran && shape.length > 1 ? toRowMajor(values, shape) : values };
}
