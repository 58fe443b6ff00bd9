import type { ChangeDocumentParams, DocumentText, OpenDocumentParams, TextChange } from '../protocol';

/** A document as the editor holds it by now. */
interface OpenDocument {
  readonly document: DocumentText;
  readonly version: number;
}

/** The documents that the editor follows, kept up to date by what it says of every edit. */
export class OpenDocuments {
  readonly #open = new Map<string, OpenDocument>();

  open({ document, version }: OpenDocumentParams): void {
    this.#open.set(document.uri, { document, version });
  }

  /** What is said of a document that is not open is dropped. */
  change({ uri, version, cell, changes }: ChangeDocumentParams): void {
    const known = this.#open.get(uri);
    if (!known) return;
    const { document } = known;
    const changed =
      cell === undefined
        ? { ...document, text: changes.reduce(applied, document.text) }
        : {
            ...document,
            cells: document.cells?.map((each) =>
              each.uri === cell ? { ...each, text: changes.reduce(applied, each.text) } : each,
            ),
          };
    this.#open.set(uri, { document: changed, version });
  }

  close(uri: string): void {
    this.#open.delete(uri);
  }

  /** The document at that version; undefined where it is another by now, or is not open. */
  at(uri: string, version: number): DocumentText | undefined {
    const known = this.#open.get(uri);
    return known?.version === version ? known.document : undefined;
  }
}

const applied = (text: string, { offset, length, text: inserted }: TextChange): string =>
  text.slice(0, offset) + inserted + text.slice(offset + length);
