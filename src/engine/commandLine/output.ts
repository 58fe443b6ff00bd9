import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../network';
import { errorCode, type Terminal, write } from './terminal';

/**
 * Sees that a report can be written where it shall be, before the work for it is done.
 * @throws InputError for a directory that is missing, or that stands where the file should, and for the model file itself.
 */
export async function checkOutput(output: string | undefined, file: string, workingDirectory: string): Promise<void> {
  if (output === undefined) return;
  const absolute = path.resolve(workingDirectory, output);
  const directory = await stat(path.dirname(absolute)).catch(() => null);
  if (!directory?.isDirectory()) {
    throw new InputError(`--output ${output}: its directory does not exist`, 'make it first');
  }
  const present = await stat(absolute).catch(() => null);
  if (present?.isDirectory()) throw new InputError(`--output ${output}: this is a directory`, 'name a file in it');
  const read = await stat(path.resolve(workingDirectory, file)).catch(() => null);
  if (present && read && present.ino === read.ino && present.dev === read.dev)
    throw new InputError(`--output ${output}: this is the file that is read`, 'name another');
}

/** Writes a report to its file, or to standard output. */
export async function writeReport(text: string, output: string | undefined, terminal: Terminal): Promise<void> {
  if (output === undefined) return write(terminal.stdout, text);
  await writeFile(path.resolve(terminal.workingDirectory, output), text).catch((error: unknown) => {
    throw new InputError(
      `--output ${output}: the file cannot be written (${errorCode(error)})`,
      'name a file that you may write',
    );
  });
}
