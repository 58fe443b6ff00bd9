// Rules on the structure: what a model file says is enough for them, nothing is run. One file a rule, with its page and
// its cases in its row; graph.ts and kinds.ts are what they ask. Nothing here measures, or knows a surface.
import type { Network } from '../../network';
import type { RuleSeverities } from '../../report';
import { withSeverities } from '../chosenSeverities';
import type { Found } from '../rule';
import { accumulationBatchNorm } from './accumulationBatchNorm';
import { activationBeforeNorm } from './activationBeforeNorm';
import { batchNormOverTime } from './batchNormOverTime';
import { batchNormSequence } from './batchNormSequence';
import { batchNormSmallBatch } from './batchNormSmallBatch';
import { bceOnLogits } from './bceOnLogits';
import { biasBeforeBatchNorm } from './biasBeforeBatchNorm';
import { coldStatistics } from './coldStatistics';
import { consecutiveNorms } from './consecutiveNorms';
import { deepReluInit } from './deepReluInit';
import { deprecatedWeightNorm } from './deprecatedWeightNorm';
import { distributedWithoutSync } from './distributedWithoutSync';
import { doubleSigmoid } from './doubleSigmoid';
import { doubleSoftmax } from './doubleSoftmax';
import { dropoutBeforeBatchNorm } from './dropoutBeforeBatchNorm';
import { epsTooSmall } from './epsTooSmall';
import { frozenNormUpdates } from './frozenNormUpdates';
import { ganNormPlacement } from './ganNormPlacement';
import { gradientPenaltyBatchNorm } from './gradientPenaltyBatchNorm';
import { Graph } from './graph';
import { groupNormOneChannel } from './groupNormOneChannel';
import { instanceNormAffine } from './instanceNormAffine';
import { kerasMomentum } from './kerasMomentum';
import { kerasNormAxis } from './kerasNormAxis';
import { lastBatchOfOne } from './lastBatchOfOne';
import { layerNormOneValue } from './layerNormOneValue';
import { layerNormWrongAxis } from './layerNormWrongAxis';
import { maskOverflow } from './maskOverflow';
import { momentumAsEps } from './momentumAsEps';
import { nllOnProbabilities } from './nllOnProbabilities';
import { normAfterLogits } from './normAfterLogits';
import { normOnRegressionOutput } from './normOnRegressionOutput';
import { normOverPadding } from './normOverPadding';
import { postNormWarmup } from './postNormWarmup';
import { privacyBatchNorm } from './privacyBatchNorm';
import { probabilityLossOnScores } from './probabilityLossOnScores';
import type { StructureRule } from './rule';
import { seluInit } from './seluInit';
import { seluWithBatchNorm } from './seluWithBatchNorm';
import { seluWithDropout } from './seluWithDropout';
import { sharedBatchNorm } from './sharedBatchNorm';
import { unusedLayer } from './unusedLayer';
import { validationWithoutEval } from './validationWithoutEval';
import { weightDecayOnNorms } from './weightDecayOnNorms';
import { weightNormAndBatchNorm } from './weightNormAndBatchNorm';
import { writtenNormDiffers } from './writtenNormDiffers';

export type { StructureRule } from './rule';

export const structureRules: readonly StructureRule[] = [
  batchNormSmallBatch,
  layerNormOneValue,
  lastBatchOfOne,
  biasBeforeBatchNorm,
  doubleSoftmax,
  doubleSigmoid,
  bceOnLogits,
  nllOnProbabilities,
  probabilityLossOnScores,
  normAfterLogits,
  normOnRegressionOutput,
  layerNormWrongAxis,
  batchNormSequence,
  kerasNormAxis,
  groupNormOneChannel,
  instanceNormAffine,
  dropoutBeforeBatchNorm,
  batchNormOverTime,
  sharedBatchNorm,
  consecutiveNorms,
  activationBeforeNorm,
  ganNormPlacement,
  postNormWarmup,
  seluWithBatchNorm,
  seluWithDropout,
  seluInit,
  deepReluInit,
  weightNormAndBatchNorm,
  deprecatedWeightNorm,
  unusedLayer,
  validationWithoutEval,
  weightDecayOnNorms,
  distributedWithoutSync,
  accumulationBatchNorm,
  gradientPenaltyBatchNorm,
  privacyBatchNorm,
  kerasMomentum,
  momentumAsEps,
  coldStatistics,
  maskOverflow,
  epsTooSmall,
  writtenNormDiffers,
  frozenNormUpdates,
  normOverPadding,
];

/** What these rules find in a network, in the table's order, at the severities that the person has chosen. */
export function findInStructure(network: Network, chosen?: RuleSeverities): Found[] {
  const structure = { network, graph: new Graph(network) };
  return withSeverities(
    structureRules.flatMap((rule) => (chosen?.[rule.id] === 'off' ? [] : rule.check(structure))),
    chosen,
  );
}
