import type { Network, Position, SourceDocument } from '../network';
import { parsePython } from '../readers/python/syntax';
import type { ParsedFile } from './place';
import { type Piece, SourceText } from './text';

/** The file that a network was read from, and how to read it again. */
export interface EditableSource {
  readonly document: SourceDocument;
  /** The same network out of another text of the file, read as the first was; undefined where it offers none or is wrong. */
  reread(text: string): Promise<Network | undefined>;
  /** The same out of other texts of a notebook's cells. */
  rereadCells?(texts: readonly string[]): Promise<Network | undefined>;
}

/** One edit of the text. */
export interface SourceEdit {
  readonly range: { readonly start: Position; readonly end: Position };
  readonly newText: string;
  /** The cell that it is in; absent where it is in the document itself. */
  readonly document?: SourceDocument;
}

/** A file's syntax and offsets; undefined where it has an error. */
export async function parsedFile(document: SourceDocument): Promise<ParsedFile | undefined> {
  // Under a name of its own: reading the file again must not move these nodes.
  const { statements, problems } = await parsePython({ ...document, uri: `${document.uri}#edited` });
  return problems.length > 0 ? undefined : { source: new SourceText(document.text), statements };
}

export const toEdits = ({ source }: ParsedFile, pieces: readonly Piece[]): SourceEdit[] =>
  pieces.map(({ start, end, text }) => ({
    range: { start: source.position(start), end: source.position(end) },
    newText: text,
  }));
