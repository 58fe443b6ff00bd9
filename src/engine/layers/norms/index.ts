// Layer kinds that normalize, scale and shift: one row each. Nothing else belongs here but what several of them share.
import type { LayerRow } from '../row';
import { batchNorm1d, batchNorm2d, batchNorm3d, syncBatchNorm } from './batchNorm';
import { batchRenorm } from './batchRenorm';
import { frozenBatchNorm } from './frozenBatchNorm';
import { batchNormFunction, instanceNormFunction } from './functional';
import { groupNorm } from './groupNorm';
import { instanceNorm1d, instanceNorm2d, instanceNorm3d } from './instanceNorm';
import {
  kerasBatchNormalization,
  kerasGroupNormalization,
  kerasLayerNormalization,
  kerasRMSNormalization,
} from './keras';
import { layerNorm, rmsNorm } from './layerNorm';
import { layerScale, layerScale2d } from './layerScale';
import { localResponseNorm } from './localResponseNorm';
import { normalize } from './normalize';
import { spectralNorm, spectralNormHook } from './spectralNorm';
import { adaIN, adaLN, spade } from './styleNorms';
import { weightNorm } from './weightNorm';
import { scaledStdConv2d, stdConv2d, weightStandardization } from './weightStandardization';

export const norms: readonly LayerRow[] = [
  batchNorm1d,
  batchNorm2d,
  batchNorm3d,
  syncBatchNorm,
  frozenBatchNorm,
  batchRenorm,
  batchNormFunction,
  layerNorm,
  groupNorm,
  instanceNorm1d,
  instanceNorm2d,
  instanceNorm3d,
  instanceNormFunction,
  rmsNorm,
  localResponseNorm,
  normalize,
  layerScale,
  layerScale2d,
  adaIN,
  spade,
  adaLN,
  kerasBatchNormalization,
  kerasLayerNormalization,
  kerasGroupNormalization,
  kerasRMSNormalization,
  weightNorm,
  spectralNorm,
  spectralNormHook,
  weightStandardization,
  stdConv2d,
  scaledStdConv2d,
];
