import type * as vscode from 'vscode';
import type { Analyses, Analyzer, RememberedAnswers } from '../analysis';
import type { Configuration } from '../configuration';
import { commands } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import type { ActiveModel } from '../webviews';
import { activeUri, uriOf } from './activeUri';
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
  readonly sidebar: Pick<Sidebar, 'visible'>;
  readonly model: Pick<ActiveModel, 'show' | 'shown'>;
  readonly log: Pick<vscode.LogOutputChannel, 'show'>;
}

/** Every command and what it does; the compiler refuses a missing one. */
const table: Readonly<Record<CommandId, (parts: CommandParts, uri: vscode.Uri | undefined, name?: string) => unknown>> =
  {
    [commands.analyzeNetwork]: analyzeNetwork,
    [commands.showReport]: ({ panel, analyses }, uri) => panel.show(uri && analyses.modelOf(uri)),
    [commands.exportReport]: exportReport,
    [commands.cancelAnalysis]: ({ vscode, analyses }, uri) => {
      const here = uri ?? activeUri(vscode);
      const own = here && analyses.get(here)?.run;
      // With no run of its own in front, whoever cancels means what runs.
      if (own) own.cancel();
      else for (const { run } of analyses.all()) run?.cancel();
    },
    [commands.applyRecommendation]: applyRecommendation,
    [commands.replaceNorms]: replaceNorms,
    [commands.forgetAnswers]: async ({ vscode, analyses, remembered }, uri) => {
      const here = uri ?? activeUri(vscode);
      if (here) await remembered.forget(analyses.modelOf(here));
    },
    [commands.showLog]: ({ log }) => log.show(),
  };

/** Registers every command of the table. */
export function registerCommands(parts: CommandParts): { dispose(): void } {
  const registered = Object.entries(table).map(([id, run]) =>
    parts.vscode.commands.registerCommand(id, (argument: unknown, name: unknown) =>
      run(parts, uriOf(parts.vscode, argument), typeof name === 'string' ? name : undefined),
    ),
  );
  return { dispose: () => registered.forEach((each) => void each.dispose()) };
}
