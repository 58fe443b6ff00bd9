// Rules: one file each. A rule looks at the network and its measurements and says what is wrong, where, by which
// figure. It knows no reader and no surface, and computes no measurement.
import type { RuleSeverities } from '../report';
import { batchNormInferenceGap } from './batchNormInferenceGap';
import { type ListedRule, listedRules } from './catalog';
import { groupByCause } from './causes';
import { withSeverities } from './chosenSeverities';
import { collapsedRepresentations } from './collapsedRepresentations';
import { deadUnits } from './deadUnits';
import { explodingGradient } from './explodingGradient';
import { growingResidualStream } from './growingResidualStream';
import { initializationOutOfScale } from './initializationOutOfScale';
import { lossFloor } from './lossFloor';
import { lossNotFalling } from './lossNotFalling';
import { noisyBatchStatistics } from './noisyBatchStatistics';
import { nonFinite } from './nonFinite';
import type { Found, Measured, Rule } from './rule';
import { saturatedActivation } from './saturatedActivation';
import { structureRules } from './structure';
import { updateToWeightRatio } from './updateToWeightRatio';
import { vanishingGradient } from './vanishingGradient';

export { groupByCause } from './causes';
export { withSeverities } from './chosenSeverities';
export { layerPlaces, placeOf } from './place';
export type * from './rule';
export { findInStructure, type StructureRule, structureRules } from './structure';

export const rules: readonly Rule[] = [
  nonFinite,
  initializationOutOfScale,
  growingResidualStream,
  explodingGradient,
  saturatedActivation,
  deadUnits,
  vanishingGradient,
  collapsedRepresentations,
  updateToWeightRatio,
  lossFloor,
  lossNotFalling,
  noisyBatchStatistics,
  batchNormInferenceGap,
];

/** What the numbers show, symptoms under their cause, at the severities that the person has chosen. */
export const findFaults = (measured: Measured, chosen?: RuleSeverities): Found[] =>
  groupByCause(
    withSeverities(
      rules.flatMap((rule) => rule.check(measured)),
      chosen,
    ),
  );

/** Every rule, as a list shows it. */
export const catalog = (): readonly ListedRule[] => listedRules(structureRules, rules);

/** Every rule's id. */
export const ruleIds = (): readonly string[] => catalog().map(({ id }) => id);
