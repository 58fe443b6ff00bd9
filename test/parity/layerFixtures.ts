import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LayerAnswer } from './layerRequests';

/** PyTorch's answers to a kind's cases, as committed. */
export interface LayerFixture {
  readonly pytorch: string;
  /** Of the requests that were answered, the refused ones last. */
  readonly fingerprint: string;
  readonly answers: readonly LayerAnswer[];
  readonly refusals: readonly LayerAnswer[];
}

const fileOf = (folder: string, kind: string) => path.join(folder, `${kind}.json.gz`);

export const readFixture = (folder: string, kind: string): LayerFixture =>
  JSON.parse(gunzipSync(readFileSync(fileOf(folder, kind))).toString());

export function writeFixture(folder: string, kind: string, fixture: LayerFixture): number {
  mkdirSync(folder, { recursive: true });
  const bytes = gzipSync(JSON.stringify(fixture), { level: 9 });
  writeFileSync(fileOf(folder, kind), bytes);
  return bytes.length;
}
