import type * as vscode from 'vscode';
import type { Analyses, Analyzer, RememberedAnswers } from '../analysis';
import type { Configuration } from '../configuration';
import { commands } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import type { ActiveModel } from '../webviews';
import { analyzeNetwork } from './analyzeNetwork';
import { applyRecommendation, replaceNorms } from './applyEdits';
import { exportReport } from './exportReport';
import type { Panel } from './panel';
import type { Sidebar } from './sidebar';

type CommandId = (typeof commands)[keyof typeof commands];

export interface CommandParts {
  readonly vscode: Vscode;
  readonly analyzer: Analyzer;
  readonly analyses: Analyses;
  readonly remembered: RememberedAnswers;
  readonly configuration: Configuration;
  readonly panel: Pick<Panel, 'show'>;
  readonly model: Pick<ActiveModel, 'shown'>;
  readonly sidebar: Pick<Sidebar, 'visible'>;
  readonly log: Pick<vscode.LogOutputChannel, 'show'>;
}

/** Every command and what it does; the compiler refuses a missing one. */
const table: Readonly<Record<CommandId, (parts: CommandParts, uri: vscode.Uri | undefined) => unknown>> = {
  [commands.analyzeNetwork]: analyzeNetwork,
  [commands.showReport]: ({ panel }, uri) => panel.show(uri),
  [commands.exportReport]: exportReport,
  [commands.cancelAnalysis]: ({ vscode, analyses }, uri) => {
    const here = uri ?? vscode.window.activeTextEditor?.document.uri;
    const own = here && analyses.get(here)?.run;
    // With no run of its own in front, whoever cancels means what runs.
    if (own) own.cancel();
    else for (const { run } of analyses.all()) run?.cancel();
  },
  [commands.applyRecommendation]: applyRecommendation,
  [commands.replaceNorms]: replaceNorms,
  [commands.forgetAnswers]: async ({ vscode, remembered }, uri) => {
    const here = uri ?? vscode.window.activeTextEditor?.document.uri;
    if (here) await remembered.forget(here);
  },
  [commands.showLog]: ({ log }) => log.show(),
};

/** Registers every command of the table. */
export function registerCommands(parts: CommandParts): { dispose(): void } {
  const registered = Object.entries(table).map(([id, run]) =>
    // A key binding may give anything, the explorer gives the resource first.
    parts.vscode.commands.registerCommand(id, (argument: unknown) =>
      run(parts, argument instanceof parts.vscode.Uri ? argument : undefined),
    ),
  );
  return { dispose: () => registered.forEach((each) => void each.dispose()) };
}
