import type * as vscode from 'vscode';
import type { Fix } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import type { CommandParts } from './commands';
import { consequences, normEdits, withoutEdit, workspaceEdit } from './sourceEdits';

type Parts = Pick<CommandParts, 'vscode' | 'analyses'>;

/** "Normalize This Network as Recommended…": the refactor preview with the recommendation's edit. */
export async function applyRecommendation(parts: Parts, uri: vscode.Uri | undefined): Promise<boolean> {
  const document = documentOf(parts, uri);
  const report = document && parts.analyses.get(document.uri)?.shown?.report;
  const [first] = report ? normEdits(report) : [];
  if (document && first?.recommended) return apply(parts, document, first.fix);
  return refuse(parts, document);
}

/** "Replace Every Norm…": asks which, and opens the refactor preview. */
export async function replaceNorms(parts: Parts, uri: vscode.Uri | undefined): Promise<boolean> {
  const document = documentOf(parts, uri);
  const report = document && parts.analyses.get(document.uri)?.shown?.report;
  const offered = report ? normEdits(report) : [];
  if (!document || offered.length === 0) return refuse(parts, document);
  const items = offered.map(({ fix, recommended }) => ({
    label: visibleText(fix.title),
    description: recommended ? 'recommended' : '',
    detail: consequences(fix),
    fix,
  }));
  const chosen = await parts.vscode.window.showQuickPick(items, {
    title: 'Norms of this network',
    placeHolder: 'What to do at every place of a norm; a preview comes first',
  });
  return chosen === undefined ? false : apply(parts, document, chosen.fix);
}

function documentOf({ vscode, analyses }: Parts, uri: vscode.Uri | undefined): vscode.TextDocument | undefined {
  const wanted = uri ?? vscode.window.activeTextEditor?.document.uri ?? onlyOne(analyses);
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === wanted?.toString());
}

/** Whoever calls a command from the panel has no editor in front. */
const onlyOne = (analyses: Parts['analyses']): vscode.Uri | undefined => {
  const [only, ...more] = analyses.all();
  return more.length === 0 ? only?.uri : undefined;
};

async function apply({ vscode }: Parts, document: vscode.TextDocument, fix: Fix): Promise<boolean> {
  const edit = workspaceEdit(vscode, document, fix, true);
  if (typeof edit !== 'string') return vscode.workspace.applyEdit(edit, { isRefactoring: true });
  void vscode.window.showWarningMessage(edit);
  return false;
}

function refuse({ vscode, analyses }: Parts, document: vscode.TextDocument | undefined): false {
  void vscode.window.showInformationMessage(withoutEdit(document && analyses.get(document.uri)));
  return false;
}
