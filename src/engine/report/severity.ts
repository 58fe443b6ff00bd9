import type { Severity } from './report';

/** What a person may make of a rule's findings: nothing, or findings of this severity. */
export type RuleSeverity = Severity | 'off';

/** Chosen severities by rule; a rule that is not named keeps its own. */
export type RuleSeverities = Readonly<Record<string, RuleSeverity>>;

export const RULE_SEVERITIES = ['off', 'note', 'warning', 'error'] as const satisfies readonly RuleSeverity[];

export const isRuleSeverity = (value: unknown): value is RuleSeverity =>
  RULE_SEVERITIES.some((severity) => severity === value);
