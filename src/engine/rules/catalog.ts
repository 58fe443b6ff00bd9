import type { Severity } from '../report';
import type { Rule } from './rule';
import type { StructureRule } from './structure';

/** A rule as a list shows it. */
export interface ListedRule {
  readonly id: string;
  /** The gravest that it gives, where it is always the same one. */
  readonly severity?: Severity;
  readonly finds: string;
  /** What it looks at: the model file alone, or what a probe measured. */
  readonly looksAt: 'structure' | 'numbers';
}

/** Every rule, in the order of the tables. */
export const listedRules = (structure: readonly StructureRule[], numbers: readonly Rule[]): readonly ListedRule[] => [
  ...structure.map(({ id, severity, finds }) => ({ id, severity, finds, looksAt: 'structure' as const })),
  ...numbers.map(({ id, finds }) => ({ id, finds, looksAt: 'numbers' as const })),
];
