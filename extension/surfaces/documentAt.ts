import type * as vscode from 'vscode';
import type { ReportSource } from '../../src/engine/report/report';
import { baseUri, sourceUri } from '../analysis/places';
import type { Vscode } from '../vscodeApi';

/** For the sources of a document that was just read: the line (from 0) of each that is its own. */
export function ownLines(
  vscode: Pick<Vscode, 'workspace' | 'Uri'>,
  document: vscode.Uri,
): (source: ReportSource) => number | undefined {
  const base = baseUri(vscode, document);
  const own = document.toString();
  return (source) => (sourceUri(vscode, base, source).toString() === own ? source.line - 1 : undefined);
}
