import { SETTINGS, settings } from './identifiers';
import type { Vscode } from './vscodeApi';

type Key = keyof typeof settings;
type Value<K extends Key> = (typeof settings)[K] extends boolean ? boolean : number;

/** Typed access to the settings, read afresh each time. */
export class Configuration {
  constructor(private readonly vscode: Pick<Vscode, 'workspace'>) {}

  /** A setting as the person has it; its default where that is of another type. */
  get<K extends Key>(key: K): Value<K> {
    const fallback = settings[key] as Value<K>;
    const value = this.vscode.workspace.getConfiguration(SETTINGS).get<unknown>(key);
    return typeof value === typeof fallback ? (value as Value<K>) : fallback;
  }

  /** Calls back when one of the settings changes. */
  onChange(keys: readonly Key[], callback: () => void): { dispose(): void } {
    return this.vscode.workspace.onDidChangeConfiguration((event) => {
      if (keys.some((key) => event.affectsConfiguration(`${SETTINGS}.${key}`))) callback();
    });
  }
}
