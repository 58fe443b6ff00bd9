import { type Attribute, AttributeError } from '../layers';
import type { Attributes, AttributeValue } from '../network';

/**
 * Settings with their defaults put in, each in its completed form.
 * @throws AttributeError for a setting that the row lacks or a value that does not fit.
 */
export function completeSettings(
  kind: string,
  settings: Readonly<Record<string, Attribute<AttributeValue>>>,
  given: Attributes,
): Attributes {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(settings, name)) throw new AttributeError(name, `${kind} has no setting '${name}'`);
  }
  const completed: Record<string, AttributeValue> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const value = given[name];
    const accepted = value === undefined ? setting.fallback : setting.accept(value);
    if (accepted === undefined) {
      throw new AttributeError(name, `${kind}'s ${name} takes ${setting.takes}, not ${JSON.stringify(value)}`);
    }
    completed[name] = accepted;
  }
  return completed;
}
