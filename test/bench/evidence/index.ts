import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BAND } from '../../../src/engine/advisor/decide';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { noiseFigure } from './noiseFigure';
import { differentPairs, nullPairs } from './pairs';
import { type Pair, prepare, runTrial, SEEDS, SHIFTS, type Trial } from './trials';

const USAGE = `usage: node scripts/evidence.mjs null|differences [--trials N] [--only SUBSTRING]
       node scripts/evidence.mjs noise
null: the same network under two names, how often the advisor declares a winner. differences: how often it finds a norm's.
noise: draws docs/images/batch-noise.svg. docs/advisor-evidence.md says what the figures mean.
`;

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (count: number, of: number) => `${((100 * count) / of).toFixed(1)} %`;

/** What a pair's trials came to, as a row of a Markdown table. */
function row({ name, changes }: Pair, trials: readonly Trial[]): string {
  const differences = trials.map(({ current, other }) => other.map((loss, i) => loss - current[i]!));
  const mean = average(differences.flat());
  const within = differences.map(
    (own) => average(own.map((value) => (value - average(own)) ** 2)) * (SEEDS / (SEEDS - 1)),
  );
  const deviation = Math.sqrt(average(within));
  const rate = (which: (trial: Trial) => boolean) => share(trials.filter(which).length, trials.length);
  const cells = [
    mean.toFixed(3),
    deviation.toFixed(3),
    rate(({ byFew }) => byFew),
    rate(({ byAll }) => byAll),
    rate(({ declaredAt }) => declaredAt !== undefined),
    ...(changes.length > 0
      ? []
      : SHIFTS.map(
          (_, i) => `${rate(({ shifted }) => shifted[i]!.byFew)}, ${rate(({ shifted }) => shifted[i]!.byAll)}`,
        )),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

async function runPairs(pairs: readonly Pair[], trials: number, only: string): Promise<void> {
  const runtime = new ProcessRuntime();
  const shifts = pairs.some(({ changes }) => changes.length === 0) ? SHIFTS : [];
  const head = [
    ...['pair', 'mean difference', 'standard deviation', 'by 3 seeds', `by ${SEEDS}`, 'at any look'],
    ...shifts.map((shift) => `less by ${100 * shift} %: by 3, by ${SEEDS}`),
  ];
  process.stdout.write(`${trials} trials; a difference below ${100 * BAND} % of the loss at the start is none\n`);
  process.stdout.write(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}\n`);
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
