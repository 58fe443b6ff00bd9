import path from 'node:path';
import * as vscode from 'vscode';
import type { CurrentNetworks } from '../src/engine/protocol';
import type { Report } from '../src/engine/report/report';
import { Analyses, Analyzer, Comparing, Follower, openSource, RememberedAnswers, ReportStore } from './analysis';
import { Configuration } from './configuration';
import { EngineClient, EngineProcess } from './engine';
import { pythonOf } from './pythonEnvironment';
import {
  AskingQuestions,
  CodeActions,
  Diagnostics,
  LanguageStatus,
  LayerHints,
  LayerHover,
  ModelLenses,
  Panel,
  RunningContext,
  registerCommands,
  Sidebar,
  StructureProblems,
  save,
} from './surfaces';
import { ActiveModel, type ReportViewParts } from './webviews';

/** What other extensions may ask of this one. */
export interface NormScopeApi {
  /** The newest report of a document. */
  reportOf(uri: vscode.Uri): Report | undefined;
  /** What an open document or notebook says by now, read in the engine; undefined where it cannot be read. */
  networksOf(uri: vscode.Uri): Promise<CurrentNetworks | undefined>;
  /** When the figures were measured, in milliseconds since 1970, that the sidebar's page last said it has drawn. */
  readonly sidebarDrawn: number | null | undefined;
  /** The same of the panel's page. */
  readonly panelDrawn: number | null | undefined;
  /** The engine's process id while it runs. */
  readonly enginePid: number | undefined;
}

/** Composes the extension: what each part takes is handed to it here, and everything is disposed with the context. */
export function activate(context: vscode.ExtensionContext): NormScopeApi {
  const log = vscode.window.createOutputChannel('NormScope', { log: true });
  const configuration = new Configuration(vscode);
  const module = path.join(context.extensionPath, 'dist', 'host.js');
  const engine = new EngineClient({
    start: (events) => new EngineProcess({ module, log, runtime: configuration.get('runtime'), ...events }),
    log,
    idleMilliseconds: () => configuration.get('engine.idleMinutes') * 60_000,
  });
  const analyses = new Analyses(vscode);
  const remembered = new RememberedAnswers(context.workspaceState);
  const python = (uri: vscode.Uri) => pythonOf(uri, vscode, configuration, log);
  const follower = new Follower({ vscode, engine, remembered, python, rules: () => configuration.ruleSeverities });
  const analyzer = new Analyzer({
    vscode,
    engine,
    analyses,
    questions: new AskingQuestions(vscode),
    remembered,
    python,
    options: () => ({
      budgetSeconds: configuration.get('analysis.budgetSeconds'),
      seed: configuration.get('analysis.seed'),
      advise: configuration.get('analysis.advise'),
      rules: configuration.ruleSeverities,
    }),
  });

  const model = new ActiveModel(vscode, analyses);
  const pages: Pick<ReportViewParts, 'analyses' | 'log' | 'advises' | 'save'> = {
    analyses,
    log,
    advises: () => configuration.get('analysis.advise'),
    save: (uri, what) => save(vscode, uri, what),
  };
  const panel = new Panel(vscode, { ...pages, model, memory: context.workspaceState }, context.extensionUri);
  const openPanel = (uri: vscode.Uri) => panel.show(uri);
  const sidebar = new Sidebar(vscode, { ...pages, model, openPanel }, context.extensionUri);
  const kept = vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, 'reports');

  context.subscriptions.push(
    log,
    engine,
    configuration.onChange(['runtime'], () => engine.renew()),
    analyses,
    new ReportStore(vscode, analyses, kept, log),
    follower,
    new Comparing(vscode, follower, analyses),
    new LayerHints(vscode, analyses, configuration),
    new CodeActions(vscode, analyses, configuration),
    new ModelLenses(vscode, follower, analyses, configuration),
    new LayerHover(vscode, analyses, configuration),
    new Diagnostics(vscode, analyses, configuration, context.extensionUri),
    new StructureProblems(vscode, follower, analyses, configuration, context.extensionUri),
    new LanguageStatus(vscode, analyses, configuration),
    new RunningContext(vscode, analyses),
    model,
    panel,
    sidebar,
    registerCommands({ vscode, analyzer, analyses, remembered, configuration, panel, sidebar, model, log }),
  );

  return {
    reportOf: (uri) => analyses.get(uri)?.shown?.report,
    networksOf: async (uri) => {
      const source = openSource(vscode, uri);
      return source && follower.current(source);
    },
    get enginePid() {
      return engine.pid;
    },
    get panelDrawn() {
      return panel.drawn;
    },
    get sidebarDrawn() {
      return sidebar.drawn;
    },
  };
}
