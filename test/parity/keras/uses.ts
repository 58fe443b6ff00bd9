import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument, type Network } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';

// One line, one use of Keras: uses/*.txt.

const FOLDER = 'test/parity/keras/uses';

/** Inputs that a line may name, as uses_reference.py has them. */
const INPUTS: Readonly<Record<string, string>> = {
  x: 'keras.Input((6, 4), name="x")',
  y: 'keras.Input((6, 4), name="y")',
  v: 'keras.Input((8,), name="v")',
  m: 'keras.Input((4, 4), name="m")',
  t: 'keras.Input((6,), dtype="int64", name="t")',
  tz: 'keras.Input((6,), dtype="int64", name="tz")',
  xz: 'keras.Input((6, 4), name="xz")',
  img: 'keras.Input((8, 8, 3), name="img")',
  seq: 'keras.Input((3, 7, 4), name="seq")',
  vid: 'keras.Input((3, 6, 6, 2), name="vid")',
  wave: 'keras.Input((32,), name="wave")',
};

/** The uses that a file of the folder holds. */
export const usesOf = (file: string): string[] =>
  readFileSync(path.join(FOLDER, file), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));

/** A line as a file that makes a model: what stands before its last `; ` is done first. */
export function useText(line: string): string {
  const first = line.split('; ');
  const last = first.pop()!;
  const named = Object.keys(INPUTS).filter((name) => new RegExp(`(?<![\\w."])${name}(?![\\w"=])`).test(line));
  return [
    'import keras',
    'from keras import layers, ops',
    ...named.map((name) => `${name} = ${INPUTS[name]}`),
    ...first,
    `model = keras.Model([${named.join(', ')}], ${last})`,
    '',
  ].join('\n');
}

/** The model of a line. @throws InputError where it is refused. */
export async function readUse(line: string): Promise<Network> {
  const [network] = await pythonReader.read(fileDocument('use.py', useText(line)), { name: 'model' });
  return network!;
}
