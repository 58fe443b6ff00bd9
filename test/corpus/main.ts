import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument, InputError, type Network } from '../../src/engine/network';
import { readerFor } from '../../src/engine/readers/table';

/** How well a file, or a model of it, was read. */
type Outcome = 'exact' | 'assumed' | 'structure' | 'partial' | 'failed' | 'none';

interface Tally {
  readonly counts: Record<Outcome, number>;
  /** Why models were read in part or not at all → how many times, and one place. */
  readonly reasons: Map<string, { count: number; where: string }>;
  slowest: { readonly milliseconds: number; readonly file: string };
}

const USAGE = `usage: node scripts/readCorpus.mjs FOLDER [--root FOLDER] [--packages FOLDER] [--input 1x3x224x224] [--assume] [--reasons 5] [--list]
Reads every model file below a folder, each as it stands, and counts how well. Imports are followed below --root.
exact: to its output, nothing unmodelled · assumed: the same, with usual values for arguments that nobody says (--assume)
structure: its modules, since nobody says the input · partial · failed · none: no model in it
`;

const modelFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readerFor(entry.name) !== undefined)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();

function outcomeOf({ unmodelled, inputs, outputs }: Network): Outcome {
  const assumed = unmodelled.filter(({ why }) => why.startsWith('nobody says it; '));
  if (assumed.length > 0 && assumed.length === unmodelled.length && outputs.length > 0) return 'assumed';
  if (unmodelled.length > assumed.length) return 'partial';
  if (inputs.length === 0) return 'structure';
  return outputs.length > 0 ? 'exact' : 'partial';
}

/** A reason without the names, numbers and places that make it one of a kind. */
const generalized = (why: string): string =>
  why
    .replace(/'[^']*'/g, "'…'")
    .replace(/\[[^\]]*\]/g, '[…]')
    .replace(/\d+/g, 'n')
    .slice(0, 120);

/** Reads every model file of a folder and says how that went. Exit code 0 unless the call itself is wrong. */
export async function main(parameters: readonly string[]): Promise<number> {
  const [folder, ...rest] = parameters;
  if (folder === undefined || folder.startsWith('-')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const at = rest.indexOf('--input');
  const shape = at >= 0 ? rest[at + 1]?.split('x').map(Number) : undefined;
  const list = rest.includes('--list');
  const root = path.resolve(folder);
  const reasonsAt = rest.indexOf('--reasons');
  const rootAt = rest.indexOf('--root');
  const packages = rest.flatMap((each, i) => (rest[i - 1] === '--packages' ? [path.resolve(each)] : []));
  const workspace = path.resolve(rootAt >= 0 ? (rest[rootAt + 1] ?? root) : root);
  const tally: Tally = {
    counts: { exact: 0, assumed: 0, structure: 0, partial: 0, failed: 0, none: 0 },
    reasons: new Map(),
    slowest: { milliseconds: 0, file: '' },
  };
  const note = (why: string, where: string) => {
    const key = generalized(why);
    const known = tally.reasons.get(key) ?? { count: 0, where };
    known.count++;
    tally.reasons.set(key, known);
  };
  const count = (outcome: Outcome, file: string, name = '', why = '') => {
    tally.counts[outcome]++;
    const shown = `${path.relative(root, file)}${name && `::${name}`}${why && `  ${why}`}`;
    if (list) process.stdout.write(`${outcome.padEnd(10)}${shown}\n`);
  };
  for (const file of modelFiles(root)) {
    const began = performance.now();
    try {
      const reader = await readerFor(path.basename(file))!.load();
      const networks = await reader.read(fileDocument(file, readFileSync(file, 'utf8')), {
        imports: { workspace: [workspace], sitePackages: packages },
        assumeArguments: rest.includes('--assume'),
        ...(shape && { inputs: [{ shape }] }),
      });
      for (const network of networks) {
        const first = network.unmodelled.find(({ why }) => !why.startsWith('nobody says it; '));
        const where = first && `${path.basename(first.source.uri)}:${first.source.start.line}`;
        count(outcomeOf(network), file, network.name, first && `${first.what}: ${first.why} (${where})`);
        if (first) note(`${first.what}: ${first.why}`, `${path.relative(root, file)}:${first.source.start.line}`);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof InputError && message.startsWith('the file offers no model')) count('none', file);
      else {
        count('failed', file, '', message);
        note(error instanceof InputError ? message : `crash: ${message}`, path.relative(root, file));
      }
    }
    const milliseconds = performance.now() - began;
    if (milliseconds > tally.slowest.milliseconds) tally.slowest = { milliseconds, file: path.relative(root, file) };
  }
  const { exact, assumed, structure, partial, failed, none } = tally.counts;
  const models = exact + assumed + structure + partial + failed;
  const share = (n: number) => `${n} (${models === 0 ? 0 : ((100 * n) / models).toFixed(0)} %)`;
  process.stdout.write(
    `${models} models: exact ${share(exact)}, with usual arguments ${share(assumed)}, structure alone ${share(structure)}, partial ${share(partial)}, ` +
      `failed ${share(failed)}; ${none} files without a model\n` +
      `slowest: ${tally.slowest.file}, ${Math.round(tally.slowest.milliseconds)} ms\n`,
  );
  const commonest = [...tally.reasons]
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, Number(reasonsAt >= 0 ? rest[reasonsAt + 1] : 5));
  for (const [why, { count: times, where }] of commonest) process.stdout.write(`${times} × ${why} (${where})\n`);
  return 0;
}
