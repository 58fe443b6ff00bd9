import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { LayerAnswer, LayerRequest } from '../layerRequests';

/** Keras's answers to requests. */
export interface KerasAnswers {
  readonly keras: string;
  readonly answers: readonly LayerAnswer[];
}

/** Has a Python with Keras and PyTorch answer. @throws Error with what it printed where it ends badly. */
export function askKeras(python: string, folder: string, requests: readonly LayerRequest[]): KerasAnswers {
  const script = path.join(folder, 'keras_reference.py');
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify({ requests }),
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${python} ${script} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
