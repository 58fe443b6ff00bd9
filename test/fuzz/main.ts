import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readerFor } from '../../src/engine/readers/table';
import { mutated } from './mutate';
import { survive } from './survive';

const USAGE = `usage: node scripts/fuzzReaders.mjs FOLDER [--runs N] [--seed N] [--root FOLDER] [--largest BYTES]
Reads mutated and cut-off copies of the model files below a folder, and says which of them were not survived.
Imports are followed below --root; without it there are none.
`;

/** Reads N mutated files. Exit code 1 where one was not survived: its seed makes it again. */
export async function main(parameters: readonly string[]): Promise<number> {
  const [folder] = parameters;
  const given = (name: string): string | undefined => {
    const at = parameters.indexOf(`--${name}`);
    return at >= 0 ? parameters[at + 1] : undefined;
  };
  if (folder === undefined || folder.startsWith('-')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const [runs, seed, largest] = [given('runs') ?? 1000, given('seed') ?? 0, given('largest') ?? 100_000].map(
    Number,
  ) as [number, number, number];
  const root = given('root');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => path.resolve(folder, file))
    .filter((file) => {
      const row = readerFor(file);
      return row && !row.binary && statSync(file).isFile() && statSync(file).size <= largest;
    })
    .sort();
  const counts = { read: 0, refused: 0, lost: 0 };
  let most = 0;
  for (let run = 0; run < runs; run++) {
    const file = files[run % files.length]!;
    const text = mutated(readFileSync(file, 'utf8'), seed + run);
    try {
      counts[
        await survive(file, text, root ? { imports: { workspace: [path.resolve(root)], sitePackages: [] } } : {})
      ]++;
    } catch (error) {
      counts.lost++;
      const said = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join('\n') : error;
      process.stdout.write(`${file} --seed ${seed + run}: ${said}\n`);
    }
    if (run % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
  }
  process.stdout.write(
    `${runs} runs over ${files.length} files: ${counts.read} read, ${counts.refused} refused, ${counts.lost} not survived; ` +
      `at most ${Math.round(most / 1e6)} MB\n`,
  );
  return counts.lost > 0 ? 1 : 0;
}
