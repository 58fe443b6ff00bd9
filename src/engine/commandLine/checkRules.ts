import type { RuleSeverities } from '../report/severity';

/** Sees that the rules whose severity is chosen exist; the table of rules is loaded for that alone. @throws InputError. */
export async function checkRules(chosen: RuleSeverities | undefined): Promise<void> {
  if (!chosen) return;
  const { knownRule } = await import('./knownRule');
  for (const id of Object.keys(chosen)) knownRule(id);
}
