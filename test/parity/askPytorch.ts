import { spawn } from 'node:child_process';
import type { LayerAnswer, LayerRequest } from './layerRequests';

export interface PytorchAnswers {
  readonly pytorch: string;
  readonly answers: readonly LayerAnswer[];
  readonly missing: readonly string[];
  /** Parameters in order of constructors (by kind) and functions (by full name), where Python can tell. */
  readonly signatures: Readonly<Record<string, readonly string[]>>;
}

/**
 * Has `python` (with PyTorch) answer the requests by the given script, and say which of the function names it lacks and
 * what the rest and the constructors of `kinds` take. With `conditioning`, answers say what float32 did to them.
 */
export function askPytorch(
  python: string,
  script: string,
  requests: readonly LayerRequest[],
  names: readonly string[],
  { kinds = [], conditioning = false }: { kinds?: readonly string[]; conditioning?: boolean } = {},
): Promise<PytorchAnswers> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    const printed: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => printed.push(data));
    child.stderr.on('data', (data: Buffer) => complaints.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(printed).toString()));
      else reject(new Error(`${python} ${script} ended with ${code}: ${Buffer.concat(complaints)}`));
    });
    child.stdin.end(JSON.stringify({ requests, names, kinds, conditioning }));
  });
}
