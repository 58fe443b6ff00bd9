import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BAND } from '../../../src/engine/advisor/decide';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { noiseFigure } from './noiseFigure';
import { differentPairs, nullPairs } from './pairs';
import { type Pair, prepare, runTrial, SEEDS, type Trial } from './trials';

const USAGE = `usage: node scripts/evidence.mjs null|differences [--trials N] [--only SUBSTRING]
       node scripts/evidence.mjs noise
null: the same network under two names, how often the advisor declares a winner. differences: how often it finds a norm's.
noise: draws docs/images/batch-noise.svg. docs/advisor-evidence.md says what the figures mean.
`;

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (count: number, of: number) => `${((100 * count) / of).toFixed(1)} %`;

/** What a pair's trials came to, as a row of a Markdown table. */
function row({ name }: Pair, trials: readonly Trial[]): string {
  const differences = trials.map(({ current, other }) => other.map((loss, i) => loss - current[i]!));
  const mean = average(differences.flat());
  const within = differences.map(
    (own) => average(own.map((value) => (value - average(own)) ** 2)) * (SEEDS / (SEEDS - 1)),
  );
  const deviation = Math.sqrt(average(within));
  const ever = trials.filter(({ declaredAt }) => declaredAt !== undefined).length;
  const few = trials.filter(({ byFew }) => byFew).length;
  const all = trials.filter(({ byAll }) => byAll).length;
  const of = trials.length;
  return `| ${name} | ${mean.toFixed(3)} | ${deviation.toFixed(3)} | ${share(few, of)} | ${share(all, of)} | ${share(ever, of)} |`;
}

async function runPairs(pairs: readonly Pair[], trials: number, only: string): Promise<void> {
  const runtime = new ProcessRuntime();
  process.stdout.write(
    `${trials} trials; a difference below ${100 * BAND} % of the loss at the start is none\n| pair | mean difference | standard deviation | by 3 seeds | by ${SEEDS} | at any look |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  try {
    for (const pair of pairs.filter(({ name }) => name.includes(only))) {
      const prepared = prepare(pair);
      const found: Trial[] = [];
      // A slot keeps what it made of a seed: each network gets one of its own.
      const slot = await runtime.lease();
      for (let trial = 1; trial <= trials; trial++) found.push(await runTrial(slot, prepared, trial));
      slot.release();
      process.stdout.write(`${row(pair, found)}\n`);
    }
  } finally {
    runtime.dispose();
  }
}

/** Runs a part of the evidence; `root` is the checkout. */
export async function main(root: string): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { trials: { type: 'string', default: '200' }, only: { type: 'string', default: '' } },
    allowPositionals: true,
  });
  const [part] = positionals;
  const trials = Number(values.trials);
  if (part === 'noise') {
    await writeFile(path.join(root, 'docs', 'images', 'batch-noise.svg'), await noiseFigure());
  } else if ((part === 'null' || part === 'differences') && Number.isInteger(trials) && trials > 0) {
    await runPairs(part === 'null' ? nullPairs : differentPairs, trials, values.only);
  } else {
    process.stderr.write(USAGE);
    return 2;
  }
  return 0;
}
