import { writeFileSync } from 'node:fs';
import { firstAnswer } from '../../../src/engine/advisor/firstAnswer';
import { analyzeOn } from '../../../src/engine/analyze';
import type { Network } from '../../../src/engine/network';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { type AdviceCase, describedCases, packagedCases } from './cases';
import { readCase, withoutNorms } from './readCase';

const USAGE = `usage: node scripts/adviceTable.mjs [--site FOLDER] [--write FILE]
Reads published networks, takes their norms out, and asks the advisor which it would put there: test/corpus/advice/cases.ts.
--site FOLDER: where torchvision and timm lie as source, for the networks that are theirs; without it those are left out.
--write FILE: puts the table between the marks in a page.
`;
const MARKS = ['<!-- advice table -->', '<!-- end of the advice table -->'] as const;

interface Outcome {
  readonly one: AdviceCase;
  /** What is advised, then the others, the first first. */
  readonly ranked: readonly string[];
  readonly trained: boolean;
}

const isFirst = ({ one, ranked }: Outcome): boolean => one.used.includes(ranked[0]!);
const isSecond = ({ one, ranked }: Outcome): boolean => ranked.slice(0, 2).some((norm) => one.used.includes(norm));

/** What an analysis with its trainings advises, and the alternatives in their order. */
async function analyzed(runtime: ProcessRuntime, network: Network): Promise<readonly string[]> {
  const options = { seed: 0, budgetSeconds: 30, advise: true, failOn: 'never' } as const;
  const { recommendation } = await analyzeOn(runtime, network, options, { workingDirectory: process.cwd() });
  if (!recommendation) return ['none'];
  return [...new Set([recommendation.norm, ...recommendation.alternatives.map(({ norm }) => norm)])];
}

/**
 * The answer for one case, its norms taken out. Where published practice only orders what is equal, an analysis decides by
 * its trainings, and is run; elsewhere they do not change the first answer, and are left out.
 */
async function outcomeOf(one: AdviceCase, site: string | undefined, runtime: ProcessRuntime): Promise<Outcome> {
  const network = withoutNorms(await readCase(one, site));
  const { ranked, prior } = firstAnswer(network);
  if (prior.weight !== 'hint') return { one, ranked, trained: false };
  return { one, ranked: await analyzed(runtime, network), trained: true };
}

const share = (count: number, of: number): string =>
  `${count} of ${of} (${Math.round((100 * count) / Math.max(1, of))} %)`;

function table(outcomes: readonly Outcome[]): string {
  const families = [...new Set(outcomes.map(({ one }) => one.family))];
  const line = (name: string, some: readonly Outcome[]): string =>
    `| ${name} | ${some.length} | ${some.filter(isFirst).length} | ${some.filter(isSecond).length} |`;
  const told = outcomes.filter((outcome) => !isFirst(outcome));
  return [
    `First answer: ${share(outcomes.filter(isFirst).length, outcomes.length)}; among the first two: ${share(outcomes.filter(isSecond).length, outcomes.length)}.`,
    '',
    '| family | cases | first | first two |',
    '| --- | --- | --- | --- |',
    ...families.map((family) =>
      line(
        family,
        outcomes.filter(({ one }) => one.family === family),
      ),
    ),
    line('all', outcomes),
    '',
    '| case | batch | used | advised first, second | source |',
    '| --- | --- | --- | --- | --- |',
    ...outcomes.map(
      ({ one, ranked, trained }) =>
        `| ${one.name}${trained ? ' (trained)' : ''} | ${one.batch} | ${one.used.join(' and ')} | ${ranked.slice(0, 2).join(', ')} | ${one.source} |`,
    ),
    '',
    'Not first, and why:',
    '',
    ...told.map(
      (outcome) =>
        `- ${outcome.one.name} (${isSecond(outcome) ? 'second' : 'missed'}): ${outcome.one.miss ?? 'not explained'}`,
    ),
    '',
  ].join('\n');
}

/** Prints the table, or writes it into a page. Exit code 0 unless the call itself is wrong. */
export async function main(parameters: readonly string[]): Promise<number> {
  const value = (flag: string): string | undefined => {
    const at = parameters.indexOf(flag);
    return at < 0 ? undefined : parameters[at + 1];
  };
  if (parameters.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const site = value('--site');
  const runtime = new ProcessRuntime({});
  const outcomes: Outcome[] = [];
  try {
    for (const one of [...describedCases, ...(site === undefined ? [] : packagedCases)])
      outcomes.push(await outcomeOf(one, site, runtime));
  } finally {
    runtime.dispose();
  }
  const page = value('--write');
  const text = table(outcomes);
  if (page === undefined) process.stdout.write(text);
  else {
    const { readFileSync } = await import('node:fs');
    const before = readFileSync(page, 'utf8');
    const [start, end] = MARKS.map((mark) => before.indexOf(mark)) as [number, number];
    writeFileSync(page, `${before.slice(0, start + MARKS[0].length)}\n${text}${before.slice(end)}`);
  }
  return 0;
}
