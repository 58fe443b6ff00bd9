import type { Found } from './rule';

interface Explanation {
  readonly cause: string;
  readonly symptom: string;
  /** Why, and when. */
  readonly because: string;
  readonly when?: (cause: Found) => boolean;
}

/** Whether a non-finite number stood there before the first update: nothing else measured then means anything. */
const fromTheStart = ({ evidence }: Found): boolean => evidence[0]?.value === 0;

/** Which finding explains which. A cause found covers its symptoms, which are then listed under it. */
const explanations: readonly Explanation[] = [
  {
    cause: 'exploding-gradient',
    symptom: 'non-finite',
    because: 'updates that grow end in infinities after a few steps',
  },
  ...['vanishing-gradient', 'exploding-gradient', 'saturated-activation', 'dead-units'].map((symptom) => ({
    cause: 'non-finite',
    symptom,
    because: 'figures computed from NaN mean nothing',
    when: fromTheStart,
  })),
  { cause: 'saturated-activation', symptom: 'vanishing-gradient', because: 'a flat function passes no gradient' },
];

/** The finding itself, and what was listed under it, as symptoms of another. */
export const asSymptoms = (found: Found): Found['symptoms'] =>
  found.layer === null
    ? found.symptoms
    : [{ rule: found.rule, layer: found.layer, evidence: found.evidence }, ...found.symptoms];

/** Findings of one rule as one: the first keeps its sentence, the others become its symptoms. */
export const oneCause = ([first, ...others]: readonly Found[]): Found[] =>
  first ? [{ ...first, symptoms: [...first.symptoms, ...others.flatMap(asSymptoms)] }] : [];

/** One cause, one finding: findings that another explains move under it. */
export function groupByCause(found: readonly Found[]): Found[] {
  const remaining = [...found];
  for (const { cause, symptom, when } of explanations) {
    const above = remaining.find((candidate) => candidate.rule === cause && (when?.(candidate) ?? true));
    const below = remaining.find(({ rule }) => rule === symptom);
    if (!above || !below) continue;
    remaining[remaining.indexOf(above)] = { ...above, symptoms: [...above.symptoms, ...asSymptoms(below)] };
    remaining.splice(remaining.indexOf(below), 1);
  }
  return remaining;
}
