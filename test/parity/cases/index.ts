// What every row of the layer table is compared with PyTorch on: one file a family, one entry a kind. Values are drawn
// elsewhere (layerRequests.ts), from what is said here.
import type { FamilyCases, KindCases } from '../layerCase';
import { activations } from './activations';
import { affine } from './affine';
import { arithmetic } from './arithmetic';
import { attention } from './attention';
import { axes } from './axes';
import { combinations } from './combination';
import { convolution } from './convolution';
import { diagonalCases } from './diagonals';
import { dropouts } from './dropouts';
import { elementaryFunctions } from './elementary';
import { embeddings } from './embedding';
import { grids } from './grids';
import { joinings } from './joining';
import { knownValues } from './known';
import { layouts } from './layout';
import { lossFunctions } from './lossFunctions';
import { norms } from './norms';
import { instanceNorms } from './normsInstance';
import { kerasNorms } from './normsKeras';
import { otherNorms } from './normsOther';
import { styleNorms } from './normsStyle';
import { weightNorms } from './normsWeight';
import { ordered } from './ordered';
import { padding } from './padding';
import { pooling } from './pooling';
import { products } from './products';
import { rearranging } from './rearranging';
import { reductions } from './reductions';
import { resampling } from './resampling';
import { scatterings } from './scattering';
import { selections } from './selection';
import { sequences } from './sequences';
import { similarities } from './similarity';

const families: readonly FamilyCases[] = [
  dropouts,
  embeddings,
  elementaryFunctions,
  combinations,
  reductions,
  ordered,
  scatterings,
  lossFunctions,
  diagonalCases,
  products,
  joinings,
  selections,
  layouts,
  knownValues,
  similarities,
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
  grids,
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
