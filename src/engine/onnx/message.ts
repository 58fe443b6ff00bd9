import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Bytes that are no ONNX model: truncated, mutated, or another kind of file. */
export class ModelFormatError extends Error {}

/** A field as it stands on the wire: a number, or the bytes of a text, a message or a packed list. */
export type Field = number | bigint | Uint8Array;

/** What `read` is given for each field: its number, and its value. */
type OnField = (field: number, value: Field) => void;

/**
 * Walks one protobuf message, its bytes not copied. Varints are bigints, floats numbers, everything with a length bytes.
 * @throws ModelFormatError where the bytes end early or are no message.
 */
export function readFields(bytes: Uint8Array, read: OnField): void {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      switch (type) {
        case WireType.Varint:
          read(field, BigInt(reader.int64()));
          break;
        case WireType.LengthDelimited:
          read(field, reader.bytes());
          break;
        case WireType.Bit32:
          read(field, reader.float());
          break;
        case WireType.Bit64:
          read(field, reader.double());
          break;
        default:
          reader.skip(type, field);
      }
    }
  } catch (error) {
    if (error instanceof ModelFormatError) throw error;
    throw new ModelFormatError(error instanceof Error ? error.message : String(error));
  }
}

/** The value as the bytes of a text, a message or a packed list. @throws ModelFormatError where it is a number. */
export function bytesOf(value: Field): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ModelFormatError('a number stands where a message should');
}

/** The value as a number; whole numbers beyond 2⁵³ lose digits, as ends of slices may. @throws ModelFormatError */
export function numberOf(value: Field): number {
  if (value instanceof Uint8Array) throw new ModelFormatError('a message stands where a number should');
  return Number(value);
}

const decoder = new TextDecoder('utf-8');

/** The value as text of one line; bytes that are no UTF-8, and control characters, are replaced. */
export const textOf = (value: Field): string => decoder.decode(bytesOf(value)).replace(/\p{Cc}/gu, '\ufffd');

/** Whole numbers of a repeated field, packed or not, added to `into`. */
export function addIntegers(value: Field, into: number[], most: number): void {
  if (!(value instanceof Uint8Array)) into.push(numberOf(value));
  else for (const each of integersOf(value, most - into.length)) into.push(each);
  if (into.length > most) throw new ModelFormatError(`a list has more than ${most} entries`);
}

/** The varints of a packed list. @throws ModelFormatError where there are more than `most`. */
export function integersOf(bytes: Uint8Array, most: number): number[] {
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  try {
    while (reader.pos < reader.len) {
      if (values.length >= most) throw new ModelFormatError(`a list has more than ${most} entries`);
      values.push(Number(reader.int64()));
    }
  } catch (error) {
    if (error instanceof ModelFormatError) throw error;
    throw new ModelFormatError(error instanceof Error ? error.message : String(error));
  }
  return values;
}

/** The floats of a packed list; bytes left over are no float. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const count = Math.floor(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, count * 4);
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * 4, true));
}
