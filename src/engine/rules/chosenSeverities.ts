import type { RuleSeverities } from '../report';
import type { Found } from './rule';

/** The findings as the person wants them: without rules that are off, each at its rule's chosen severity. */
export function withSeverities(found: readonly Found[], chosen: RuleSeverities = {}): Found[] {
  const choice = new Map(Object.entries(chosen));
  return found.flatMap((one) => {
    const severity = choice.get(one.rule);
    if (severity === 'off') return [];
    const symptoms = one.symptoms.filter(({ rule }) => choice.get(rule) !== 'off');
    return [{ ...one, symptoms, ...(severity && { severity }) }];
  });
}
