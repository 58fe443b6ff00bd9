import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contentHash, type SourceDocument, type Span } from '../network';
import { cellsOf } from '../readers/notebook/cells';

/** The text that a span was taken of; undefined where it is at hand no more. */
export type SourceTexts = (span: Span) => string | undefined;

/** The texts of a document, of its cells, and of the files that it imports, as they are on disk. */
export function sourceTexts(document: SourceDocument): SourceTexts {
  const cells = document.cells ?? (/\.ipynb$/i.test(document.uri) ? cellsOf(document) : []);
  const others = new Map<string, string | undefined>();
  return ({ uri, cell, hash }) => {
    if (cell !== undefined) return cells.find((each) => each.cell === cell)?.text;
    if (uri === document.uri) return document.bytes ? undefined : document.text;
    if (!others.has(uri)) others.set(uri, fromDisk(uri));
    const text = others.get(uri);
    // What was saved since is another text, whose lines say nothing of this one.
    return text !== undefined && contentHash(text) === hash ? text : undefined;
  };
}

function fromDisk(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return readFileSync(fileURLToPath(uri), 'utf8');
  } catch {
    return undefined;
  }
}
