import { InputError } from '../network';

/** Numbers as a file holds them, in native byte order. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** An array of a file, row-major. */
export interface DataArray {
  /** The file as the person named it, and the member of an archive or the columns of a table: what an error begins with. */
  readonly place: string;
  /** The name that the person, the archive or the table gives it. */
  readonly name?: string;
  readonly shape: readonly number[];
  readonly values: NumberArray;
}

/** Refuses a file, or a part of it. */
export function refuseData(place: string, what: string, mend: string): never {
  throw new InputError(`${place}: ${what}`, mend);
}

/** Elements of a shape; undefined where no array could have so many. */
export function countOf(shape: readonly number[]): number | undefined {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return Number.isSafeInteger(count) ? count : undefined;
}
