import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Fix, Report } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import type { DocumentAnalysis } from '../analysis';
import { baseUri, sourceUri } from '../analysis/places';
import type { Vscode } from '../vscodeApi';

type Api = Pick<Vscode, 'WorkspaceEdit' | 'Range' | 'Uri' | 'workspace'>;

/** The engine's hash of a text, by which an edit says what it is of. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export const STALE = 'The file has changed since it was analyzed: analyze it again.';

/** What an edit does beside its title, in one sentence; empty where there is nothing to say. */
export function consequences({ also = [], keys }: Fix): string {
  const sentences: string[] = [];
  const few = (names: readonly string[]): string =>
    names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  if (also.length > 0) sentences.push(`Changes ${few(also)} too, made by the same line.`);
  if (keys) {
    const { removed, added, renamed } = keys;
    const parts = [
      ...(renamed.length > 0 ? [`renames ${few(renamed.map(({ from, to }) => `${from} to ${to}`))}`] : []),
      ...(removed.length > 0 ? [`removes ${few(removed)}`] : []),
      ...(added.length > 0 ? [`adds ${few(added)}`] : []),
    ];
    sentences.push(`In saved weights it ${parts.join(', ')}.`);
  }
  return visibleText(sentences.join(' '));
}

/**
 * A fix of a model's document, notebook or cell as the editor makes it; with `confirm` it opens the refactor preview, where
 * every part can be left out. A sentence where something that it edits is another by now.
 */
export function workspaceEdit(
  vscode: Api,
  model: vscode.Uri,
  fix: Fix,
  confirm: boolean,
): vscode.WorkspaceEdit | string {
  const base = baseUri(vscode, model);
  const targets = fix.edits.map((each) => sourceUri(vscode, base, { file: each.file, line: 1, column: 1 }));
  const held = (uri: vscode.Uri) =>
    vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  const hashes = new Map(
    targets.map((uri) => {
      const document = held(uri);
      return [uri.toString(), document && hashOf(document.getText())];
    }),
  );
  if (fix.edits.some(({ hash }, i) => hash !== hashes.get(targets[i]!.toString()))) return STALE;
  const metadata = confirm
    ? { needsConfirmation: true, label: visibleText(fix.title), description: consequences(fix) }
    : undefined;
  const edit = new vscode.WorkspaceEdit();
  for (const [i, { range, newText }] of fix.edits.entries()) {
    const { start, end } = range;
    const at = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
    edit.replace(targets[i]!, at, newText, metadata);
  }
  return edit;
}

/** What a report offers to do about the network's norms, the recommendation first. */
export function normEdits({ recommendation }: Report): readonly { readonly fix: Fix; readonly recommended: boolean }[] {
  if (!recommendation) return [];
  const others = recommendation.alternatives.flatMap(({ edit }) => (edit ? { fix: edit, recommended: false } : []));
  return recommendation.edit ? [{ fix: recommendation.edit, recommended: true }, ...others] : others;
}

/** Why a document has no such edit: nobody asked, or the report says why. */
export function withoutEdit(analysis: DocumentAnalysis | undefined): string {
  const report = analysis?.shown?.report;
  if (!report) return 'Analyze the network first.';
  const { recommendation } = report;
  if (recommendation?.noEdit) return visibleText(recommendation.noEdit.text);
  if (recommendation?.action === 'keep') return 'The advice is to keep the norms as they are.';
  return 'There is no edit of this file to offer.';
}
