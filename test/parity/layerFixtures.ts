import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LayerAnswer } from './layerRequests';

/** PyTorch's answers to a kind's cases, as committed. */
export interface LayerFixture {
  readonly pytorch: string;
  /** Of the requests that were answered. */
  readonly fingerprint: string;
  readonly answers: readonly LayerAnswer[];
}

/** The name of the file of refusals, beside those of the kinds. */
export const REFUSALS = 'refusals';

const fileOf = (folder: string, name: string) => path.join(folder, `${name}.json.gz`);

export const readFixture = (folder: string, name: string): LayerFixture =>
  JSON.parse(gunzipSync(readFileSync(fileOf(folder, name))).toString());

export function writeFixture(folder: string, name: string, fixture: LayerFixture): number {
  mkdirSync(folder, { recursive: true });
  const bytes = gzipSync(JSON.stringify(fixture), { level: 9 });
  writeFileSync(fileOf(folder, name), bytes);
  return bytes.length;
}
