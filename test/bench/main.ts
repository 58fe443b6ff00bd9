import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ProcessRuntime } from '../../src/engine/runtime';
import { type BudgetResult, budgetCases, measureBudget } from './budget';
import { REPORT_CASE, stepCases } from './cases';
import { type Growth, measureGrowth } from './growth';
import { type MemoryResult, measureMemory } from './memory';
import { Peer } from './peer';
import { type CaseResult, type MeasuredCase, measureCase } from './stepBenchmark';
import { budgetTable, CASE_HEAD, caseRow, growthTable, memoryTable, textTable } from './table';
import { measureReport } from './wholeReport';

const USAGE = `usage: npm run bench [-- --case SUBSTRING] [--only steps|growth|memory|budget] [--repeats N] [--json]
NORMSCOPE_PYTHON names a Python with PyTorch 2.13; without it there are our own figures alone.
`;
const USUAL_REPEATS = 5;
/** Whole processes, and depths, are measured so many times at most. */
const LONG_REPEATS = 3;
const PARTS = ['steps', 'growth', 'memory', 'budget'] as const;
type Part = (typeof PARTS)[number];

/** Without the figures that only the share of the peak needs. */
function withShare({ productFlops, ...result }: MeasuredCase, peaks: ReadonlyMap<number, number>): CaseResult {
  if (productFlops === undefined || result.ours === null || !('threads' in result.ours)) return result;
  const peakFlops = peaks.get(result.ours.threads);
  if (peakFlops === undefined) return result;
  return { ...result, peakShare: (1000 * productFlops) / result.ours.msPerStep / peakFlops };
}

/** Runs the benchmark: a table on stdout, or JSON alone. `root` is the checkout, `cli` the bundled command line. */
export async function main(root: string, cli: string): Promise<number> {
  const note = (text: string) => process.stderr.write(`${text}\n`);
  let options: { json?: boolean; case?: string; only?: string; repeats?: string; help?: boolean };
  try {
    options = parseArgs({
      options: {
        json: { type: 'boolean' },
        case: { type: 'string' },
        only: { type: 'string' },
        repeats: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const repeats = Number(options.repeats ?? USUAL_REPEATS);
  if (!Number.isInteger(repeats) || repeats < 1) {
    note('bench: --repeats takes a whole number from 1 up');
    return 2;
  }
  const only = PARTS.find((part) => part === options.only);
  if (options.only !== undefined && !only) {
    note(`bench: --only takes one of ${PARTS.join(', ')}`);
    return 2;
  }
  const measures = (part: Part) => only === undefined || only === part;
  const wanted = (name: string) => name.toLowerCase().includes((options.case ?? '').toLowerCase());
  const python = process.env.NORMSCOPE_PYTHON;
  if (!python) note('NORMSCOPE_PYTHON names no Python with PyTorch, so nothing is compared: our own figures alone.');

  const models = path.join(root, 'test', 'bench', 'models');
  const runtime = new ProcessRuntime();
  const longRepeats = Math.min(repeats, LONG_REPEATS);
  const script = path.join(root, 'test', 'bench', 'peer.py');
  const measured: MeasuredCase[] = [];
  const memory: MemoryResult[] = [];
  const budget: BudgetResult[] = [];
  let growth: Growth | null = null;
  let pytorch: string | null = null;
  let peer: Peer | undefined;
  const peaks = new Map<number, number>();
  try {
    if (python) ({ peer, version: pytorch } = await Peer.start(python, script));
    for (const chosen of stepCases.filter(({ name }) => measures('steps') && wanted(name))) {
      note(`measuring ${chosen.name}`);
      measured.push(
        await measureCase(runtime, peer, models, chosen, repeats, (threads, flops) => {
          peaks.set(threads, Math.max(peaks.get(threads) ?? 0, flops));
        }),
      );
    }
    peer?.end();
    if (measures('steps') && wanted(REPORT_CASE.name)) {
      note(`measuring ${REPORT_CASE.name}`);
      measured.push(await measureReport(root, cli, python || undefined, longRepeats));
    }
    if (measures('growth') && wanted('growth')) {
      note('measuring growth from 10 to 1,000 layers');
      if (python) ({ peer, version: pytorch } = await Peer.start(python, script));
      growth = await measureGrowth(runtime, peer, models, longRepeats);
      peer?.end();
    }
    for (const chosen of stepCases.filter(({ name }) => measures('memory') && wanted(name))) {
      note(`measuring the memory of ${chosen.name}`);
      const result = await measureMemory(models, chosen, python ? { python, script } : undefined);
      if (result) memory.push(result);
    }
    for (const chosen of budgetCases.filter(({ name }) => measures('budget') && wanted(name))) {
      note(`measuring ${chosen.name}`);
      budget.push(await measureBudget(root, cli, chosen, longRepeats));
    }
  } finally {
    peer?.end();
    runtime.dispose();
  }

  const cases = measured.map((result) => withShare(result, peaks));
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    engine: runtime.name,
    pytorch,
    matmulGflops: Object.fromEntries([...peaks].map(([threads, flops]) => [threads, flops / 1e9])),
  };
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ schema: 'normscope/bench@1', machine, repeats, cases, growth, memory, budget }, null, 2)}\n`,
    );
    return 0;
  }
  if (cases.length > 0) process.stdout.write(textTable([CASE_HEAD, ...cases.map(caseRow)]));
  if (growth) process.stdout.write(`\n${growthTable(growth)}`);
  if (memory.length > 0) process.stdout.write(`\n${memoryTable(memory)}`);
  if (budget.length > 0) process.stdout.write(`\n${budgetTable(budget)}`);
  process.stdout.write(
    `\n${machine.processor}, ${machine.cores} cores, Node ${machine.node}, ${machine.engine}, PyTorch ${pytorch ?? 'none'}; ` +
      `matrix products in our runtime reach ${Object.entries(machine.matmulGflops)
        .map(([threads, gflops]) => `${gflops.toFixed(0)} GFLOP/s with ${threads} thread${threads === '1' ? '' : 's'}`)
        .join(', ')}\n`,
  );
  return 0;
}
