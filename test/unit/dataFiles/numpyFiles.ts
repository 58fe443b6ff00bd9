import { readFileSync } from 'node:fs';

/** What test/parity/numpy_reference.py prints: files that NumPy wrote, in base64. */
interface NumpyFiles {
  readonly arrays: readonly {
    readonly name: string;
    readonly file: string;
    readonly shape: readonly number[];
    readonly values: readonly string[];
  }[];
  readonly refused: Readonly<Record<string, string>>;
  readonly npz: Readonly<Record<string, string>>;
}

export const numpyFiles: NumpyFiles = JSON.parse(readFileSync('test/fixtures/numpyFiles.json', 'utf8'));

export const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** A .npy file of version 1, by the format's own description. */
export function npyFile(descr: string, shape: readonly number[], body: Buffer, fortran = false): Buffer {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const head = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${dims}), }`;
  const padded = `${head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.alloc(10);
  prefix.write('\x93NUMPY\x01\x00', 'latin1');
  prefix.writeUInt16LE(padded.length, 8);
  return Buffer.concat([prefix, Buffer.from(padded, 'latin1'), body]);
}

/** A .npy file of float32 values. */
export const npyOfFloats = (shape: readonly number[], values: Iterable<number>): Buffer => {
  const floats = Float32Array.from(values);
  return npyFile('<f4', shape, Buffer.from(floats.buffer));
};

/** A .npy file of int64 values. */
export const npyOfWholeNumbers = (shape: readonly number[], values: Iterable<number>): Buffer => {
  const whole = BigInt64Array.from(values, BigInt);
  return npyFile('<i8', shape, Buffer.from(whole.buffer));
};
