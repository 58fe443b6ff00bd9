// Rules: one file each. A rule looks at the network and its measurements and says what is wrong, where, by which
// figure. It knows no reader and no surface, and computes no measurement.
import { batchNormSmallBatch } from './batchNormSmallBatch';
import { groupByCause } from './causes';
import { deadUnits } from './deadUnits';
import { explodingGradient } from './explodingGradient';
import { nonFinite } from './nonFinite';
import type { Found, Measured, Rule } from './rule';
import { saturatedActivation } from './saturatedActivation';
import { vanishingGradient } from './vanishingGradient';

export type * from './rule';

export const rules: readonly Rule[] = [
  batchNormSmallBatch,
  nonFinite,
  explodingGradient,
  saturatedActivation,
  deadUnits,
  vanishingGradient,
];

/** Every finding, symptoms under their cause. */
export const findFaults = (measured: Measured): Found[] => groupByCause(rules.flatMap((rule) => rule.check(measured)));
