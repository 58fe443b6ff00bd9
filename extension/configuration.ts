import { isRuleSeverity, type RuleSeverities } from '../src/engine/report/severity';
import { SETTINGS, settings, settingWords } from './identifiers';
import type { Vscode } from './vscodeApi';

type Key = keyof typeof settings;
type Default<K extends Key> = (typeof settings)[K];
type Value<K extends Key> =
  Default<K> extends boolean
    ? boolean
    : Default<K> extends number
      ? number
      : K extends keyof typeof settingWords
        ? (typeof settingWords)[K][number]
        : string;

const words: Partial<Record<Key, readonly unknown[]>> = settingWords;

/** Typed access to the settings, read afresh each time. */
export class Configuration {
  constructor(private readonly vscode: Pick<Vscode, 'workspace'>) {}

  /** A setting as the person has it; its default where that is of another type, or none of its words. */
  get<K extends Exclude<Key, 'rules'>>(key: K): Value<K> {
    const fallback: unknown = settings[key];
    const value = this.vscode.workspace.getConfiguration(SETTINGS).get<unknown>(key);
    const known = words[key]?.includes(value) ?? typeof value === typeof fallback;
    return (known ? value : fallback) as Value<K>;
  }

  /** The severities that the person has chosen, by rule; what is no severity is left out. */
  get ruleSeverities(): RuleSeverities {
    const chosen = this.vscode.workspace.getConfiguration(SETTINGS).get<unknown>('rules' satisfies Key);
    if (typeof chosen !== 'object' || chosen === null) return {};
    return Object.fromEntries(
      Object.entries(chosen).flatMap(([rule, severity]: [string, unknown]) =>
        isRuleSeverity(severity) ? [[rule, severity]] : [],
      ),
    );
  }

  /** Calls back when one of the settings changes. */
  onChange(keys: readonly Key[], callback: () => void): { dispose(): void } {
    return this.vscode.workspace.onDidChangeConfiguration((event) => {
      if (keys.some((key) => event.affectsConfiguration(`${SETTINGS}.${key}`))) callback();
    });
  }
}
