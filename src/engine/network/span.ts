import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

/** A place in a text: line and column from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a document, `end` exclusive; `cell` counts a notebook's cells from 0. */
export interface Span {
  readonly uri: string;
  readonly cell?: number;
  readonly start: Position;
  readonly end: Position;
  /** Hash of the document's text when the span was taken, so that a surface can see that it is stale. */
  readonly hash: string;
}

/** A text and what its spans say about it. */
export interface SourceDocument {
  readonly uri: string;
  readonly text: string;
  readonly hash: string;
  /** Of a file that is no text; its `text` is empty then. */
  readonly bytes?: Uint8Array;
  /** Which of its notebook's cells it is, from 0. */
  readonly cell?: number;
  /** A notebook's cells of code, in order; its own text is none. */
  readonly cells?: readonly SourceDocument[];
}

/** Hash of a document's text: the first 16 hexadecimal digits of its SHA-256. */
export const contentHash = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

export const sourceDocument = (uri: string, text: string): SourceDocument => ({ uri, text, hash: contentHash(text) });

/** The document of a file on disk, its URI made from its path. */
export const fileDocument = (path: string, text: string): SourceDocument =>
  sourceDocument(pathToFileURL(path).href, text);

/** The document of a file on disk that is no text. */
export const binaryDocument = (path: string, bytes: Uint8Array): SourceDocument => ({
  uri: pathToFileURL(path).href,
  text: '',
  hash: contentHash(bytes),
  bytes,
});

/** A span over the document; without positions, its very beginning. */
export function spanOf(
  document: SourceDocument,
  start: Position = { line: 1, column: 1 },
  end: Position = start,
): Span {
  const { uri, hash, cell } = document;
  return { uri, ...(cell !== undefined && { cell }), start, end, hash };
}

/** `line 4`, or `cell 2, line 4`, cells counted as editors do, from 1. */
export const lineText = ({ cell, start }: Pick<Span, 'cell' | 'start'>): string =>
  `${cell === undefined ? '' : `cell ${cell + 1}, `}line ${start.line}`;
