// Layer kinds that normalize, scale and shift: one row each. Nothing else belongs here but what several of them share.
import type { LayerRow } from '../row';
import { batchNorm1d, batchNorm2d, batchNorm3d, syncBatchNorm } from './batchNorm';
import { batchNormFunction, instanceNormFunction } from './functional';
import { groupNorm } from './groupNorm';
import { instanceNorm1d, instanceNorm2d, instanceNorm3d } from './instanceNorm';
import { layerNorm, rmsNorm } from './layerNorm';

export const norms: readonly LayerRow[] = [
  batchNorm1d,
  batchNorm2d,
  batchNorm3d,
  syncBatchNorm,
  batchNormFunction,
  layerNorm,
  groupNorm,
  instanceNorm1d,
  instanceNorm2d,
  instanceNorm3d,
  instanceNormFunction,
  rmsNorm,
];
