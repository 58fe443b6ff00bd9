import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../network';
import { type DataArray, refuseData } from './array';
import { columnsOf, parseCsv } from './csv';
import { parseNpy } from './npy';
import { openNpz } from './npz';

/** Larger files are refused: their values are held in memory. */
const MOST_BYTES = 1_000_000_000;
/** Text takes several times its size while it is read. */
const MOST_TEXT_BYTES = 200_000_000;
/** Names of arrays and columns that hold what is to be learned. */
export const TARGET_NAMES = /^(y|y_?train|train_?y|targets?|train_?targets?|labels?|train_?labels?|class(es)?)$/i;
/** And of those that hold what it is learned from, where there is one input. */
export const INPUT_NAMES = /^(x|x_?train|train_?x|inputs?|data|features?|images?|train_?images?|samples?)$/i;
const USAGE = 'write --data x.npy,y.npy: inputs in order, then targets; or one .npz or .csv that holds them';

/** A person's own data as files hold it: for each input an array, in the file's or the person's order, and the targets. */
export interface GivenData {
  readonly inputs: readonly DataArray[];
  readonly target: DataArray;
  /** The files as the person named them. */
  readonly files: readonly string[];
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'the file may not be read',
  EPERM: 'the file may not be read',
};

/** A regular file's bytes. @throws InputError for one that is missing, no file, or too large. */
async function bytesOf(file: string, workingDirectory: string, most: number): Promise<Buffer> {
  const absolute = path.resolve(workingDirectory, file);
  try {
    const found = await stat(absolute);
    if (!found.isFile()) refuseData(file, 'this is not a regular file', 'name a .npy, .npz or .csv file');
    if (found.size > most) {
      refuseData(
        file,
        `the file holds ${(found.size / 1e6).toFixed(0)} MB, and up to ${most / 1e6} MB are read`,
        'save fewer samples, as in x[:10000]: a probe takes some hundreds',
      );
    }
    return await readFile(absolute);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuseData(file, REASONS[code] ?? `the file cannot be read (${code})`, 'check its path');
  }
}

/** `name=path` or a path. */
function partOf(text: string): { readonly name?: string; readonly file: string } {
  const [, name, file] = /^([A-Za-z_]\w*)=(.+)$/s.exec(text) ?? [];
  return name !== undefined && file !== undefined ? { name, file } : { file: text };
}

/** The arrays of one file: of an archive those that are asked for. */
async function arraysOf(
  { name, file }: { readonly name?: string; readonly file: string },
  alone: boolean,
  workingDirectory: string,
): Promise<readonly DataArray[]> {
  const ending = path.extname(file).toLowerCase();
  const called = name === undefined ? {} : { name };
  if (ending === '.npy') return [{ ...parseNpy(await bytesOf(file, workingDirectory, MOST_BYTES), file), ...called }];
  if (ending === '.csv' || ending === '.tsv') {
    const bytes = await bytesOf(file, workingDirectory, MOST_TEXT_BYTES);
    const table = parseCsv(bytes.toString('utf8'), file);
    return alone ? splitTable(table, file) : [{ ...table.array, ...called }];
  }
  if (ending !== '.npz') refuseData(file, 'data files end in .npy, .npz or .csv', USAGE);
  if (name !== undefined) refuseData(file, 'an archive has the names of its own arrays', `write ${file} alone`);
  const archive = openNpz(await bytesOf(file, workingDirectory, MOST_BYTES), file, MOST_BYTES);
  const { names } = archive;
  // Of arrays for training and for testing only the first are wanted.
  const trains = names.some((each) => INPUT_NAMES.test(each)) && names.some((each) => TARGET_NAMES.test(each));
  const tests = (each: string) => /(^|_)(test|val|valid|validation)(_|$)/i.test(each);
  return names.flatMap((each, i) => (trains && tests(each) ? [] : [archive.read(i)]));
}

/** A table that holds everything: the targets in the column that is called so, else in the last. */
function splitTable(table: ReturnType<typeof parseCsv>, file: string): readonly DataArray[] {
  const columns = table.array.shape[1]!;
  if (columns < 2)
    refuseData(file, 'the table has one column', 'give inputs and targets: in one table, or as x.csv,y.csv');
  const found = table.columns?.findIndex((column) => TARGET_NAMES.test(column)) ?? -1;
  const target = found < 0 ? columns - 1 : found;
  const others = Array.from({ length: columns }, (_, i) => i).filter((i) => i !== target);
  const inputs = columnsOf(table, others, 'x');
  // One column of inputs is still a vector.
  return [{ ...inputs, shape: [inputs.shape[0]!, others.length] }, columnsOf(table, [target], 'y')];
}

/** The files of a `--data`, checked for nothing but what they hold themselves. @throws InputError, one line. */
export async function readData(option: string, workingDirectory: string): Promise<GivenData> {
  const parts = option
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(partOf);
  if (parts.length === 0) throw new InputError('--data names no file', USAGE);
  const arrays: DataArray[] = [];
  for (const part of parts) arrays.push(...(await arraysOf(part, parts.length === 1, workingDirectory)));
  const named = arrays.findIndex(({ name }) => name !== undefined && TARGET_NAMES.test(name));
  if (arrays.length < 2) {
    refuseData(arrays[0]!.place, 'this is one array, and a training needs inputs and targets', USAGE);
  }
  const at = named < 0 ? arrays.length - 1 : named;
  return {
    inputs: arrays.filter((_, i) => i !== at),
    target: arrays[at]!,
    files: parts.map(({ file }) => file),
  };
}
