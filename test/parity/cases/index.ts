// What every row of the layer table is compared with PyTorch on: one file a family, one entry a kind. Values are drawn
// elsewhere (layerRequests.ts), from what is said here.
import type { FamilyCases, KindCases } from '../layerCase';
import { activations } from './activations';
import { affine } from './affine';
import { arithmetic } from './arithmetic';
import { attention } from './attention';
import { axes } from './axes';
import { convolution } from './convolution';
import { norms } from './norms';
import { instanceNorms } from './normsInstance';
import { kerasNorms } from './normsKeras';
import { otherNorms } from './normsOther';
import { styleNorms } from './normsStyle';
import { weightNorms } from './normsWeight';
import { padding } from './padding';
import { pooling } from './pooling';
import { rearranging } from './rearranging';
import { resampling } from './resampling';
import { sequences } from './sequences';

const families: readonly FamilyCases[] = [
  affine,
  convolution,
  norms,
  instanceNorms,
  otherNorms,
  styleNorms,
  kerasNorms,
  weightNorms,
  activations,
  pooling,
  resampling,
  padding,
  rearranging,
  axes,
  arithmetic,
  attention,
  sequences,
];

/** Families as one. @throws Error naming a kind that two of them have. */
export function mergeFamilies(all: readonly FamilyCases[]): FamilyCases {
  const merged: Record<string, KindCases> = {};
  for (const family of all) {
    for (const [kind, cases] of Object.entries(family)) {
      if (merged[kind]) throw new Error(`two families have cases for ${kind}`);
      merged[kind] = cases;
    }
  }
  return merged;
}

/** Every kind's cases. A row of the layer table without an entry here fails the suite. */
export const layerCases: FamilyCases = mergeFamilies(families);
