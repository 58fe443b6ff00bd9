import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Report } from '../../src/engine/report';
import { REPORT_CASE } from './cases';
import { median } from './statistics';
import type { CaseResult } from './stepBenchmark';

/** Milliseconds from a process's start to its end, and what it printed. @throws Error where it fails. */
function timed(command: string, args: readonly string[], cwd: string): Promise<{ ms: number; said: string }> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ ms: performance.now() - began, said });
      else reject(new Error(`${command} ${args.join(' ')} ended with exit code ${code}: ${words.trim()}`));
    });
  });
}

/** `normscope analyze examples/deep_sigmoid.py --json` against the PyTorch script that does the same work: as many seeds and sizes of initial weights. */
export async function measureReport(
  root: string,
  cli: string,
  python: string | undefined,
  repeats: number,
): Promise<CaseResult> {
  const ours: number[] = [];
  const peers: Record<string, number[]> = { 1: [], 2: [] };
  const script = path.join(root, 'test', 'bench', 'deep_sigmoid_peer.py');
  for (let round = 0; round < repeats; round++) {
    const { ms, said } = await timed(process.execPath, [cli, 'analyze', 'examples/deep_sigmoid.py', '--json'], root);
    ours.push(ms);
    if (python === undefined) continue;
    const { probe, recommendation } = JSON.parse(said) as Report;
    const work = ['--seeds', probe.seeds, '--init-scales', recommendation?.current?.initScale.length ?? 0].map(String);
    for (const [threads, times] of Object.entries(peers)) {
      const flags = ['--advise', ...work, '--threads', threads];
      times.push((await timed(python, [script, ...flags], root)).ms);
    }
  }
  const ourMs = median(ours);
  if (python === undefined) {
    return { ...REPORT_CASE, ratio: null, ours: { msPerStep: ourMs }, peer: null, peakShare: null };
  }
  const byThreads = Object.fromEntries(Object.entries(peers).map(([threads, times]) => [threads, median(times)]));
  const peerMs = Math.min(...Object.values(byThreads));
  return {
    ...REPORT_CASE,
    ratio: ourMs / peerMs,
    ours: { msPerStep: ourMs },
    peer: { msPerStep: peerMs, byThreads } as CaseResult['peer'],
    peakShare: null,
  };
}
