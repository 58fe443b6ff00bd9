import { readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../network';
import type { Finding, NetworkRecord, SuppressedFinding } from '../report';
import { type Baseline, baselineOf, baselineText, type LineText, parseBaseline, withBaseline } from '../suppression';
import type { JudgeRequest } from './arguments';

/** Findings as they are said, and those that are left out. */
interface Said {
  readonly findings: readonly Finding[];
  readonly suppressed?: readonly SuppressedFinding[];
}

/** What the baselines of a command line do with each network's findings. */
export interface Baselines {
  /** The same with the findings of the baseline among those that are left out. */
  judged<T extends Said>(network: Pick<NetworkRecord, 'name' | 'source'>, said: T): T;
  /** Writes what is to be written. */
  save(): Promise<void>;
}

/**
 * Opens the baselines that a command line names, before the work begins.
 * @throws InputError for one that is not there, cannot be written, or is no baseline.
 */
export async function openBaselines(
  { baseline, writeBaseline }: JudgeRequest,
  workingDirectory: string,
): Promise<Baselines> {
  const known = baseline === undefined ? undefined : await read('--baseline', baseline, workingDirectory);
  let written = writeBaseline === undefined ? undefined : await readOrNone(writeBaseline, workingDirectory);
  const lineText = linesOf(workingDirectory);
  return {
    judged: (network, said) => {
      const { findings, suppressed = [] } = said;
      const name = `${network.source.file}::${network.name}`;
      if (written) written = baselineOf(written, name, findings, lineText);
      const against = written ?? known;
      if (!against) return said;
      const { fresh, known: left } = withBaseline(against, name, findings, lineText);
      const all = [...suppressed, ...left];
      return { ...said, findings: fresh, ...(all.length > 0 && { suppressed: all }) };
    },
    save: async () => {
      if (writeBaseline === undefined || !written) return;
      await writeFile(path.resolve(workingDirectory, writeBaseline), baselineText(written)).catch((error: unknown) => {
        throw new InputError(`--write-baseline ${writeBaseline}: ${codeOf(error)}`, 'name a file that you may write');
      });
    },
  };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'the file cannot be used';

async function read(flag: string, file: string, workingDirectory: string): Promise<Baseline> {
  const text = await readFile(path.resolve(workingDirectory, file), 'utf8').catch((error: unknown) => {
    throw new InputError(
      codeOf(error) === 'ENOENT' ? `${flag} ${file}: there is no such file` : `${flag} ${file}: ${codeOf(error)}`,
      'write one with --write-baseline FILE',
    );
  });
  return parseBaseline(text, file);
}

async function readOrNone(file: string, workingDirectory: string): Promise<Baseline> {
  const absolute = path.resolve(workingDirectory, file);
  if (await stat(absolute).catch(() => null)) return read('--write-baseline', file, workingDirectory);
  const folder = await stat(path.dirname(absolute)).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new InputError(`--write-baseline ${file}: its directory does not exist`, 'make it first');
  }
  return [];
}

/** The lines of the files that findings stand in, each file read once. */
function linesOf(workingDirectory: string): LineText {
  const files = new Map<string, readonly string[]>();
  return ({ file, line }) => {
    let lines = files.get(file);
    if (!lines) {
      try {
        lines = readFileSync(path.resolve(workingDirectory, file), 'utf8').split('\n');
      } catch {
        // A cell of a notebook, or no file at all: then the layer's name alone tells.
        lines = [];
      }
      files.set(file, lines);
    }
    return (lines[line - 1] ?? '').trim();
  };
}
