import type * as vscode from 'vscode';
import type { ReportSource } from '../../src/engine/report/report';
import type { ModelSource } from '../analysis';
import { baseUri, sourceUri } from '../analysis/places';
import type { Vscode } from '../vscodeApi';

/** For the sources of a model that was just read: the document or cell that each lies in; undefined outside of it. */
export function documentsOf(
  vscode: Pick<Vscode, 'workspace' | 'Uri'>,
  model: ModelSource,
): (source: ReportSource) => vscode.TextDocument | undefined {
  const base = baseUri(vscode, model.uri);
  const documents = new Map(model.documents().map((document) => [document.uri.toString(), document]));
  return (source) => {
    const document = documents.get(sourceUri(vscode, base, source).toString());
    return document && source.line <= document.lineCount ? document : undefined;
  };
}
