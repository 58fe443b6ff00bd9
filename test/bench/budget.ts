import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Report } from '../../src/engine/report';
import { median } from './statistics';

/** A whole `normscope analyze`, process start to end, and the seconds that it may take. */
export interface BudgetCase {
  readonly name: string;
  /** A file of models/, and what is said of it on the command line. */
  readonly args: readonly string[];
  readonly limitSeconds: number;
}

export const budgetCases: readonly BudgetCase[] = [
  {
    name: 'chain of 1,000 layers, without advice',
    args: ['chain.py::Chain', '--no-advise'],
    limitSeconds: 10,
  },
  {
    name: 'ResNet-50 at 224×224, batch 32',
    args: ['resnet.py::resnet50', '--input', '32x3x224x224', '--batch', '32'],
    limitSeconds: 10,
  },
  {
    name: 'Transformer 12×768, 64 tokens, batch 32',
    args: ['transformer.py::transformer_12x768', '--input', '32x64x768', '--batch', '32'],
    limitSeconds: 10,
  },
];

export interface BudgetResult {
  readonly name: string;
  readonly seconds: number;
  readonly limit: number;
  readonly status: Report['status'];
  /** What was scaled down, by its id. */
  readonly reduced: readonly string[];
  /** What was recommended; null where nothing was. */
  readonly advice: string | null;
}

/** Runs the command line on a large network, and tells how long the process took and what it left out. */
export async function measureBudget(
  root: string,
  cli: string,
  { name, args, limitSeconds }: BudgetCase,
  repeats: number,
): Promise<BudgetResult> {
  const [model, ...flags] = args as [string, ...string[]];
  const seconds: number[] = [];
  let report: Report | undefined;
  for (let round = 0; round < repeats; round++) {
    const began = performance.now();
    report = await jsonOf([cli, 'analyze', path.join('test', 'bench', 'models', model), ...flags, '--json'], root);
    seconds.push((performance.now() - began) / 1000);
  }
  const { status, probe, recommendation } = report!;
  return {
    name,
    seconds: median(seconds),
    limit: limitSeconds,
    status,
    reduced: probe.reduced.map(({ id }) => id),
    advice: recommendation && `${recommendation.action} ${recommendation.norm}`,
  };
}

/** What a Node program says on stdout, as JSON. @throws Error where it fails. */
function jsonOf(args: readonly string[], cwd: string): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      words = (words + chunk).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(said) as Report);
      else reject(new Error(`${args.join(' ')} ended with exit code ${code}: ${words.trim()}`));
    });
  });
}
