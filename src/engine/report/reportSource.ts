import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Span } from '../network';
import type { ReportSource } from './report';

/**
 * Where a span begins, its file relative to the working directory and with `/`; a document that is no file
 * (`untitled:`, a cell in an editor) keeps its URI. A notebook's file says the cell: `net.ipynb#cell 3`.
 */
export function reportSource(span: Span, workingDirectory: string): ReportSource {
  const file = fileOf(span.uri, workingDirectory);
  return {
    file: span.cell === undefined || file === span.uri ? file : `${file}#cell ${span.cell + 1}`,
    line: span.start.line,
    column: span.start.column,
  };
}

function fileOf(uri: string, workingDirectory: string): string {
  if (!uri.startsWith('file:')) return uri;
  return path.relative(workingDirectory, fileURLToPath(uri)).split(path.sep).join('/');
}

/** `file:line:column`, as editors and terminals make it a link. */
export const sourceText = (source: ReportSource): string => `${source.file}:${source.line}:${source.column}`;
