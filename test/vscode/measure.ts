// What scripts/measureVscode.mjs runs in the extension host: figures, no assertions.
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { longModel, typingAt } from '../../scripts/longModel.mjs';
import { analyze, edit, extension, open } from './helpers';

/** Milliseconds from the command's call, and the host's stalls meanwhile. */
interface RunFigures {
  readonly example: string;
  readonly firstNumbers: number | null;
  readonly advice: number;
  readonly stalls: Stalls;
  readonly recommendation: string;
}

export interface HostFigures {
  readonly activation: number;
  readonly idle: Stalls;
  readonly runs: readonly RunFigures[];
  readonly typing: TypingFigures;
}

/** Milliseconds from a keystroke in a long file, that the editor has told of, to what it says then; sorted. */
interface TypingFigures {
  readonly lines: number;
  readonly first: number;
  readonly keystrokes: readonly number[];
  readonly stalls: Stalls;
}

/** How long the host stood still, in milliseconds. */
interface Stalls {
  readonly longest: number;
  readonly percentile999: number;
  /**
   * The most that the host's own thread computed within one stall: the rest of a stall is another process that had the
   * processor. Null where Node cannot tell (before 23.9).
   */
  readonly longestBusy: number | null;
}

const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

/** Milliseconds that this thread has computed. */
const computed = (): number | null => {
  const usage = threadCpuUsage?.();
  return usage ? (usage.user + usage.system) / 1000 : null;
};

/** A timer of 1 ms while `work` goes on: whatever it is late by is a stall. */
async function watched<T>(work: () => Promise<T>): Promise<{ result: T; stalls: Stalls }> {
  const late: number[] = [];
  let longestBusy: number | null = null;
  let [at, busy] = [performance.now(), computed()];
  const timer = setInterval(() => {
    const [now, busyNow] = [performance.now(), computed()];
    late.push(Math.max(0, now - at - 1));
    if (busy !== null && busyNow !== null) longestBusy = Math.max(longestBusy ?? 0, busyNow - busy);
    [at, busy] = [now, busyNow];
  }, 1);
  const result = await work();
  clearInterval(timer);
  late.sort((a, b) => a - b);
  const percentile999 = late[Math.floor(late.length * 0.999)] ?? 0;
  return { result, stalls: { longest: late.at(-1) ?? 0, percentile999, longestBusy } };
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
  const { result, stalls } = await watched(analyze);
  clearInterval(looking);
  const advice = performance.now() - began;
  const { action, norm } = result?.recommendation ?? { action: 'none', norm: 'none' };
  return { example, firstNumbers: first, advice, stalls, recommendation: `${action} ${norm}` };
}

const KEYSTROKES = 40;

/** Types a space and takes it away, again and again, in the middle of 2,000 lines that are followed. */
async function measureTyping(): Promise<TypingFigures> {
  const text = longModel(2150);
  const folder = vscode.workspace.workspaceFolders![0]!.uri;
  const uri = vscode.Uri.joinPath(folder, 'long.py');
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await open('long.py');
  const { networksOf } = extension().exports;
  const read = async (): Promise<number> => {
    const began = performance.now();
    const said = await networksOf(uri);
    if (said?.networks.length !== 1) throw new Error(`the long file was not read: ${JSON.stringify(said?.networks)}`);
    return performance.now() - began;
  };
  const first = await read();
  const at = document.positionAt(typingAt(text));
  const keystrokes: number[] = [];
  const { stalls } = await watched(async () => {
    for (let i = 0; i < KEYSTROKES; i++) {
      await edit((edits) =>
        i % 2 === 0 ? edits.insert(uri, at, ' ') : edits.delete(uri, new vscode.Range(at, at.translate(0, 1))),
      );
      keystrokes.push(await read());
      await wait(100);
    }
  });
  return { lines: document.lineCount, first, keystrokes: keystrokes.sort((a, b) => a - b), stalls };
}

export async function run(): Promise<void> {
  // The workbench settles first: what it does while it starts is not ours.
  await wait(3000);
  const { stalls: idle } = await watched(() => wait(3000));
  const began = performance.now();
  await extension().activate();
  const activation = performance.now() - began;

  const examples = (process.env.NORMSCOPE_EXAMPLES ?? '').split(',');
  const runs: RunFigures[] = [];
  // The first one starts the engine; it comes again when the engine is there.
  for (const example of [examples[0]!, ...examples]) runs.push(await measureRun(example));
  const figures: HostFigures = { activation, idle, runs, typing: await measureTyping() };
  await writeFile(process.env.NORMSCOPE_TEST_RESULTS!, JSON.stringify(figures));
}
