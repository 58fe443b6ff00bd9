import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Fix, Report, TextEdit } from '../../src/engine/report/report';
import type { Translate } from '../../src/engine/report/translate';
import { visibleText } from '../../src/engine/report/visibleText';
import type { DocumentAnalysis } from '../analysis';
import { baseUri, sourceUri } from '../analysis/places';
import { said } from '../said';
import type { Vscode } from '../vscodeApi';

type Api = Pick<Vscode, 'l10n' | 'WorkspaceEdit' | 'Range' | 'Uri' | 'workspace'>;

/** The engine's hash of a text, by which an edit says what it is of. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Why an edit is not offered any more. */
export const staleText = (t: Translate): string => t('The file has changed since it was analyzed: analyze it again.');

/** What an edit does beside its title, in one sentence; empty where there is nothing to say. */
export function consequences({ also = [], keys }: Fix, t: Translate): string {
  const sentences: string[] = [];
  const few = (names: readonly string[]): string =>
    names.length <= 3 ? names.join(', ') : t('{0} and {1} more', names.slice(0, 3).join(', '), names.length - 3);
  if (also.length > 0) sentences.push(t('Changes {0} too, made by the same line.', few(also)));
  if (keys) {
    const { removed, added, renamed } = keys;
    const parts = [
      ...(renamed.length > 0 ? [t('renames {0}', few(renamed.map(({ from, to }) => t('{0} to {1}', from, to))))] : []),
      ...(removed.length > 0 ? [t('removes {0}', few(removed))] : []),
      ...(added.length > 0 ? [t('adds {0}', few(added))] : []),
    ];
    sentences.push(t('In saved weights it {0}.', parts.join(', ')));
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
  if (fix.edits.some(({ hash }, i) => hash !== hashes.get(targets[i]!.toString()))) return staleText(vscode.l10n.t);
  const metadata = confirm
    ? { needsConfirmation: true, label: visibleText(fix.title), description: consequences(fix, vscode.l10n.t) }
    : undefined;
  const edit = new vscode.WorkspaceEdit();
  for (const target of new Map(targets.map((uri) => [uri.toString(), uri])).values()) {
    const own = fix.edits.filter((_, i) => targets[i]!.toString() === target.toString());
    for (const { range, newText } of confirm ? joined(own, held(target)?.getText() ?? '') : own) {
      const { start, end } = range;
      const at = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
      edit.replace(target, at, newText, metadata);
    }
  }
  return edit;
}

/** Edits with at most so many lines between them are one part of the preview. */
const NEAR_LINES = 2;

/**
 * Edits of one text with those that stand near each other made into one: the preview lets a person leave out any part,
 * and half of a pair of brackets would be no Python any more.
 */
export function joined(edits: readonly TextEdit[], text: string): TextEdit[] {
  const lines = text.split('\n');
  const between = (from: TextEdit['range']['end'], to: TextEdit['range']['start']): string =>
    from.line === to.line
      ? lines[from.line - 1]!.slice(from.column - 1, to.column - 1)
      : [
          lines[from.line - 1]!.slice(from.column - 1),
          ...lines.slice(from.line, to.line - 1),
          lines[to.line - 1]!.slice(0, to.column - 1),
        ].join('\n');
  const inOrder = [...edits].sort(
    (a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column,
  );
  const parts: TextEdit[] = [];
  for (const next of inOrder) {
    const last = parts.at(-1);
    if (!last || next.range.start.line - last.range.end.line > NEAR_LINES) {
      parts.push(next);
      continue;
    }
    const newText = last.newText + between(last.range.end, next.range.start) + next.newText;
    parts[parts.length - 1] = { ...last, newText, range: { start: last.range.start, end: next.range.end } };
  }
  return parts;
}

/** What a report offers to do about the network's norms, the recommendation first. */
export function normEdits({ recommendation }: Report): readonly { readonly fix: Fix; readonly recommended: boolean }[] {
  if (!recommendation) return [];
  const others = recommendation.alternatives.flatMap(({ edit }) => (edit ? { fix: edit, recommended: false } : []));
  return recommendation.edit ? [{ fix: recommendation.edit, recommended: true }, ...others] : others;
}

/** Why a document has no such edit: nobody asked, or the report says why. */
export function withoutEdit(analysis: DocumentAnalysis | undefined, l10n: Vscode['l10n']): string {
  const report = analysis?.shown?.report;
  if (!report) return l10n.t('Analyze the network first.');
  const { recommendation } = report;
  if (recommendation?.noEdit) return visibleText(said(recommendation.noEdit, l10n));
  if (recommendation?.action === 'keep') return l10n.t('The advice is to keep the norms as they are.');
  return l10n.t('There is no edit of this file to offer.');
}
