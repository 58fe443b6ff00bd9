import type { Severity } from './report';

/** How text is emphasized; every function gives its text back unchanged where there is no colour. */
export interface Emphasis {
  bold(text: string): string;
  dim(text: string): string;
  severity(severity: Severity, text: string): string;
}

const sgr =
  (code: number) =>
  (text: string): string =>
    `\x1b[${code}m${text}\x1b[0m`;
const plain = (text: string): string => text;

const COLOURS: Readonly<Record<Severity, (text: string) => string>> = {
  error: sgr(31),
  warning: sgr(33),
  note: sgr(36),
};

export const emphasis = (colour: boolean): Emphasis =>
  colour
    ? { bold: sgr(1), dim: sgr(2), severity: (severity, text) => COLOURS[severity](text) }
    : { bold: plain, dim: plain, severity: (_, text) => text };

/** How many characters a text takes, a character outside the basic plane being one. */
const widthOf = (text: string): number => [...text].length;

/**
 * Breaks a text at its spaces into lines of at most `columns`; further lines begin with `indent`. Spaces in front and
 * between words stay; words longer than a line stay whole, so that paths can be copied.
 */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  let begun = false;
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    if (begun && widthOf(line) + widthOf(word) > columns) {
      lines.push(line);
      line = indent + word.trimStart();
    } else {
      line += word;
    }
    begun = true;
  }
  return [...lines, line];
}

/** Cuts a text to a width at its front: the end of an id says more than its beginning. */
const cutFront = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `…${[...text].slice(widthOf(text) - width + 1).join('')}`;

/** One column of a text table. */
export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cells: readonly string[];
  /** Cells are cut to it at their front. */
  readonly maximum?: number;
}

/** Lines of an aligned table, its head first; two spaces between columns. */
export function textTable(columns: readonly TextColumn[]): string[] {
  const widths = columns.map(({ title, cells, maximum }) =>
    Math.min(maximum ?? Infinity, Math.max(widthOf(title), ...cells.map(widthOf))),
  );
  const pad = (text: string, index: number): string => {
    const cut = cutFront(text, widths[index]!);
    const space = ' '.repeat(widths[index]! - widthOf(cut));
    return columns[index]!.align === 'left' ? cut + space : space + cut;
  };
  const rows = columns[0]?.cells.length ?? 0;
  const line = (cellOf: (column: TextColumn) => string): string =>
    columns
      .map((column, index) => pad(cellOf(column), index))
      .join('  ')
      .trimEnd();
  return [
    line((column) => column.title),
    ...Array.from({ length: rows }, (_, row) => line((column) => column.cells[row]!)),
  ];
}
