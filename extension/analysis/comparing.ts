import type { CurrentNetworks } from '../../src/engine/protocol';
import type { Vscode } from '../vscodeApi';
import type { Analyses } from './analyses';
import type { Follower } from './follower';
import { type ModelSource, openSource } from './modelSource';

/**
 * Sees, after an edit of something that was analysed, whether the network is another by now or only its text. It asks an
 * engine that runs, and starts none for it.
 */
export class Comparing {
  /** What was measured, by document or notebook: the network's name, and the hash of its structure. */
  readonly #measured = new Map<string, { readonly at: Date; readonly name: string; readonly structure: string }>();
  readonly #listening: readonly { dispose(): void }[];

  constructor(
    vscode: Pick<Vscode, 'workspace'>,
    private readonly follower: Pick<Follower, 'current' | 'onDidSettle' | 'engineRuns'>,
    private readonly analyses: Analyses,
  ) {
    this.#listening = [
      analyses.onDidChange((uri) => {
        const source = openSource(vscode, uri);
        if (source) void this.#measure(source);
      }),
      follower.onDidSettle((source) => void this.#compare(source)),
    ];
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  /** Takes down what was measured, while the text is still that. */
  async #measure(source: ModelSource): Promise<void> {
    const key = source.uri.toString();
    const analysis = this.analyses.get(source.uri);
    const { shown, run } = analysis ?? {};
    if (!analysis || !shown || run || shown.stale || this.#measured.get(key)?.at === shown.measured) return;
    const { name } = shown.report.network;
    this.#measured.set(key, { at: shown.measured, name, structure: '' });
    if (!this.follower.engineRuns) return;
    const said = await this.follower.current(source);
    const network = named(said, name);
    if (!network || analysis.shown !== shown || shown.stale) return;
    this.#measured.set(key, { at: shown.measured, name, structure: network.structure });
  }

  async #compare(source: ModelSource): Promise<void> {
    const analysis = this.analyses.get(source.uri);
    const measured = this.#measured.get(source.uri.toString());
    if (!analysis?.shown || !measured?.structure || measured.at !== analysis.shown.measured) return;
    if (!analysis.shown.stale) {
      analysis.compared(undefined);
      return;
    }
    if (!this.follower.engineRuns) return;
    const said = await this.follower.current(source);
    if (said) analysis.compared(named(said, measured.name)?.structure !== measured.structure);
  }
}

const named = (said: CurrentNetworks | undefined, name: string) =>
  said?.networks.find((network) => network.name === name);
