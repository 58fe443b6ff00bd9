import { InputError, nearestName } from '../network';
import { ruleIds } from '../rules';

/** Sees that there is such a rule. @throws InputError with the nearest name. */
export function knownRule(id: string): string {
  const ids = ruleIds();
  if (ids.includes(id)) return id;
  const near = nearestName(id, ids);
  throw new InputError(
    `'${id}' is not a rule`,
    near === undefined ? "'normscope rules' lists them" : `did you mean '${near}'?`,
  );
}
