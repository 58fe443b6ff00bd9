import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { binaryDocument, fileDocument, InputError, type SourceDocument } from '../network';
import type { ReaderRow } from './table';

const MOST_BYTES = 5_000_000;

const REASONS: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  ENOENT: ['there is no such file', 'check its path'],
  ENOTDIR: ['there is no such file', 'check its path'],
  EACCES: ['the file may not be read', 'give yourself the right to read it'],
  EPERM: ['the file may not be read', 'give yourself the right to read it'],
  ENAMETOOLONG: ['the path is too long', 'check it'],
};

/**
 * A model file's text, or the bytes of one that is no text.
 * @throws InputError for a file that is missing, no regular file, too large, or not UTF-8.
 */
export async function readModelFile(
  file: string,
  workingDirectory: string,
  { binary, mostBytes }: Pick<ReaderRow, 'binary' | 'mostBytes'> = {},
): Promise<SourceDocument> {
  const absolute = path.resolve(workingDirectory, file);
  const bytes = await readBytes(
    absolute,
    file,
    binary?.mostBytes ?? mostBytes ?? MOST_BYTES,
    binary !== undefined,
  ).catch((error: unknown) => {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const [what, mend] = REASONS[code] ?? [`the file cannot be read (${code})`, 'check its path'];
    throw new InputError(`${file}: ${what}`, mend);
  });
  if (binary) return binaryDocument(absolute, bytes);
  try {
    return fileDocument(absolute, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InputError(`${file}: the file is not UTF-8 text`, 'save it as UTF-8');
  }
}

async function readBytes(absolute: string, file: string, most: number, binary: boolean): Promise<Buffer> {
  const found = await stat(absolute);
  if (found.isDirectory()) throw new InputError(`${file}: this is a directory`, 'name a model file in it');
  // A pipe or a device may never end.
  if (!found.isFile()) throw new InputError(`${file}: this is not a regular file`, 'name a model file');
  if (found.size > most) {
    throw new InputError(
      `${file}: the file holds ${(found.size / 1e6).toFixed(1)} MB, and model files are read up to ${Math.floor(most / 1e6)} MB`,
      binary
        ? 'export it with its weights beside it, as external data'
        : 'name the source file that defines the network',
    );
  }
  return readFile(absolute);
}
