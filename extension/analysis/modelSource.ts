import type * as vscode from 'vscode';
import type { DocumentText } from '../../src/engine/protocol';
import type { Vscode } from '../vscodeApi';

/** A text and where it stands: a document's own, or that of one cell. */
export interface TextPart {
  readonly uri: vscode.Uri;
  readonly text: string;
}

/** What an analysis is of, as the editor holds it by now: unsaved text counts. */
export interface ModelSource {
  /** The document's, the notebook's or the file's. */
  readonly uri: vscode.Uri;
  /** What holds its text: the document, or a notebook's cells of Python in their order; nothing for a file that is no text. */
  documents(): readonly vscode.TextDocument[];
  /** The same as the engine takes it. */
  text(): Pick<DocumentText, 'text' | 'cells'>;
}

type Api = Pick<Vscode, 'workspace'>;

/** Whether a URI is that of a notebook's cell. */
export const isCell = ({ scheme }: vscode.Uri): boolean => scheme === 'vscode-notebook-cell';

/** A cell of code, as the API numbers the kinds. */
const CODE = 2;

/** The texts of a source at this moment. */
export const partsOf = (source: ModelSource): readonly TextPart[] =>
  source.documents().map((document) => ({ uri: document.uri, text: document.getText() }));

/** A file that the editor holds no text of. */
export const fileSource = (uri: vscode.Uri): ModelSource => ({
  uri,
  documents: () => [],
  text: () => ({ text: '' }),
});

const documentSource = (document: vscode.TextDocument): ModelSource => ({
  uri: document.uri,
  documents: () => [document],
  text: () => ({ text: document.getText() }),
});

export const notebookSource = (notebook: vscode.NotebookDocument): ModelSource => {
  const cells = () =>
    notebook.getCells().filter(({ kind, document }) => kind === CODE && document.languageId === 'python');
  return {
    uri: notebook.uri,
    documents: () => cells().map(({ document }) => document),
    text: () => ({
      text: '',
      cells: cells().map(({ document, index }) => ({ uri: document.uri.toString(), text: document.getText(), index })),
    }),
  };
};

/** The notebook that is open under a URI, its own or one of its cells'. */
export function notebookOf({ workspace }: Api, uri: vscode.Uri): vscode.NotebookDocument | undefined {
  const key = uri.toString();
  // A cell's path is its notebook's: only that one is looked through.
  return workspace.notebookDocuments.find(
    (notebook) =>
      notebook.uri.path === uri.path &&
      (notebook.uri.toString() === key || notebook.getCells().some(({ document }) => document.uri.toString() === key)),
  );
}

/** What a document is analysed as: itself, or the notebook that it is a cell of. */
export function sourceOf(vscode: Api, document: vscode.TextDocument): ModelSource {
  const notebook = isCell(document.uri) ? notebookOf(vscode, document.uri) : undefined;
  return notebook ? notebookSource(notebook) : documentSource(document);
}

/** By which URI an analysis is kept: a cell's by its notebook's. */
export const modelUri = (vscode: Api, uri: vscode.Uri): vscode.Uri =>
  isCell(uri) ? (notebookOf(vscode, uri)?.uri ?? uri) : uri;

/** What is open under a URI: a document, a notebook, or the notebook of a cell. */
export function openSource(vscode: Api, uri: vscode.Uri): ModelSource | undefined {
  const notebook = notebookOf(vscode, uri);
  if (notebook) return notebookSource(notebook);
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  return document && documentSource(document);
}
