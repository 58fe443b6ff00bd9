// What scripts/measureVscode.mjs runs in the extension host: figures, no assertions.
import { writeFile } from 'node:fs/promises';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { analyze, extension, open } from './helpers';

/** Milliseconds from the command's call, and the host's stalls meanwhile. */
interface RunFigures {
  readonly example: string;
  readonly firstNumbers: number | null;
  readonly advice: number;
  readonly longestStall: number;
  readonly stall999: number;
  readonly recommendation: string;
}

export interface HostFigures {
  readonly activation: number;
  readonly idle: { readonly longestStall: number; readonly stall999: number };
  readonly runs: readonly RunFigures[];
}

const RESOLUTION = 1;

/** A stall beyond the timer's own period, in milliseconds. */
const stall = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION);

async function watched<T>(work: () => Promise<T>): Promise<{ result: T; longestStall: number; stall999: number }> {
  const delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  const result = await work();
  delay.disable();
  return { result, longestStall: stall(delay.max), stall999: stall(delay.percentile(99.9)) };
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measureRun(example: string): Promise<RunFigures> {
  const document = await open(`examples/${example}`);
  await wait(500);
  const { reportOf } = extension().exports ?? {};
  const before = reportOf?.(document.uri);
  const began = performance.now();
  let first: number | null = null;
  // Before the first run the extension is not active and exports nothing.
  const looking = setInterval(() => {
    if (!extension().isActive) return;
    const report = extension().exports.reportOf(document.uri);
    if (first === null && report !== undefined && report !== before) first = performance.now() - began;
  }, 4);
  const { result, longestStall, stall999 } = await watched(analyze);
  clearInterval(looking);
  const advice = performance.now() - began;
  const { action, norm } = result?.recommendation ?? { action: 'none', norm: 'none' };
  return { example, firstNumbers: first, advice, longestStall, stall999, recommendation: `${action} ${norm}` };
}

export async function run(): Promise<void> {
  // The workbench settles first: what it does while it starts is not ours.
  await wait(3000);
  const { result: _, ...idle } = await watched(() => wait(3000));
  const began = performance.now();
  await extension().activate();
  const activation = performance.now() - began;

  const examples = (process.env.NORMSCOPE_EXAMPLES ?? '').split(',');
  const runs: RunFigures[] = [];
  // The first one starts the engine; it comes again when the engine is there.
  for (const example of [examples[0]!, ...examples]) runs.push(await measureRun(example));
  const figures: HostFigures = { activation, idle, runs };
  await writeFile(process.env.NORMSCOPE_TEST_RESULTS!, JSON.stringify(figures));
}
