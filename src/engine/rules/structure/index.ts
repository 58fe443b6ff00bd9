// Rules on the structure: what a model file says is enough for them, nothing is run. One file a rule, with its page and
// its cases in its row; graph.ts and kinds.ts are what they ask. Nothing here measures, or knows a surface.
import type { Network } from '../../network';
import type { Found } from '../rule';
import { batchNormOverTime } from './batchNormOverTime';
import { batchNormSequence } from './batchNormSequence';
import { batchNormSmallBatch } from './batchNormSmallBatch';
import { bceOnLogits } from './bceOnLogits';
import { biasBeforeBatchNorm } from './biasBeforeBatchNorm';
import { consecutiveNorms } from './consecutiveNorms';
import { doubleSigmoid } from './doubleSigmoid';
import { doubleSoftmax } from './doubleSoftmax';
import { dropoutBeforeBatchNorm } from './dropoutBeforeBatchNorm';
import { Graph } from './graph';
import { groupNormOneChannel } from './groupNormOneChannel';
import { instanceNormAffine } from './instanceNormAffine';
import { layerNormOneValue } from './layerNormOneValue';
import { layerNormWrongAxis } from './layerNormWrongAxis';
import { nllOnProbabilities } from './nllOnProbabilities';
import { normAfterLogits } from './normAfterLogits';
import type { StructureRule } from './rule';
import { sharedBatchNorm } from './sharedBatchNorm';

export type { StructureRule } from './rule';

export const structureRules: readonly StructureRule[] = [
  batchNormSmallBatch,
  layerNormOneValue,
  biasBeforeBatchNorm,
  doubleSoftmax,
  doubleSigmoid,
  bceOnLogits,
  nllOnProbabilities,
  normAfterLogits,
  layerNormWrongAxis,
  batchNormSequence,
  groupNormOneChannel,
  instanceNormAffine,
  dropoutBeforeBatchNorm,
  batchNormOverTime,
  sharedBatchNorm,
  consecutiveNorms,
];

/** What these rules find in a network, in the table's order. */
export function findInStructure(network: Network): Found[] {
  const structure = { network, graph: new Graph(network) };
  return structureRules.flatMap((rule) => rule.check(structure));
}
