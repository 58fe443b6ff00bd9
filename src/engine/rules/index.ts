// Rules: one file each. A rule looks at the network and its measurements and says what is wrong, where, by which
// figure. It knows no reader and no surface, and computes no measurement.
import { groupByCause } from './causes';
import { deadUnits } from './deadUnits';
import { explodingGradient } from './explodingGradient';
import { nonFinite } from './nonFinite';
import type { Found, Measured, Rule } from './rule';
import { saturatedActivation } from './saturatedActivation';
import { vanishingGradient } from './vanishingGradient';

export { groupByCause } from './causes';
export type * from './rule';
export { findInStructure, type StructureRule, structureRules } from './structure';

export const rules: readonly Rule[] = [nonFinite, explodingGradient, saturatedActivation, deadUnits, vanishingGradient];

/** What the numbers show, symptoms under their cause. */
export const findFaults = (measured: Measured): Found[] => groupByCause(rules.flatMap((rule) => rule.check(measured)));
