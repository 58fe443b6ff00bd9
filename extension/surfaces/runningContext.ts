import type { Analyses } from '../analysis';
import { contextKeys } from '../identifiers';
import type { Vscode } from '../vscodeApi';

/** Keeps the context key true while an analysis runs, for the commands' `when` clauses. */
export class RunningContext {
  readonly #listening: { dispose(): void };
  #running = false;

  constructor(vscode: Pick<Vscode, 'commands'>, analyses: Analyses) {
    this.#listening = analyses.onDidChange(() => {
      const running = analyses.all().some(({ run }) => run !== undefined);
      if (running === this.#running) return;
      this.#running = running;
      void vscode.commands.executeCommand('setContext', contextKeys.running, running);
    });
  }

  dispose(): void {
    this.#listening.dispose();
  }
}
