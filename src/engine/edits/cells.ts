import { contentHash, lineText, type Message, type Network, type SourceDocument, type Span } from '../network';
import { pythonOf } from '../readers/notebook/magics';
import type { EditableSource, SourceEdit } from './editable';

/** Stands before each cell in their joined text: no Python, and no edit touches it. */
const MARK = /^#%% normscope cell \d+\n/gm;
const markOf = (cell: number): string => `#%% normscope cell ${cell}\n`;

const linesIn = (text: string): number => text.split('\n').length;

/**
 * A notebook's cells as one text of Python, in which edits are made as in a file's, and what leads from one to the other:
 * a line of a cell is a line of the joined text, with the same columns (IPython's own lines apart, which no edit is in).
 */
export class JoinedCells {
  /** The joined text as a document of Python. */
  readonly document: SourceDocument;
  readonly #cells: readonly SourceDocument[];
  /** The lines (from 1) on which the marks stand. */
  readonly #marks: readonly number[];

  constructor(private readonly notebook: SourceDocument & { readonly cells: readonly SourceDocument[] }) {
    this.#cells = notebook.cells;
    const parts = this.#cells.map((cell, i) => `${markOf(i)}${pythonOf(cell.text)}\n`);
    let line = 1;
    this.#marks = parts.map((part) => {
      const mark = line;
      line += linesIn(part) - 1;
      return mark;
    });
    const text = parts.join('');
    this.document = { uri: `${notebook.uri}#cells.py`, text, hash: contentHash(text) };
  }

  /** The source whose joined text is read again as the notebook with its cells changed so. */
  source({ rereadCells }: EditableSource): EditableSource {
    return {
      document: this.document,
      reread: async (text) => {
        const marks = [...text.matchAll(MARK)];
        if (marks.length !== this.#cells.length || !rereadCells) return undefined;
        const texts = marks.map(({ index, 0: mark }, i) => {
          const before = i === 0 ? text.slice(0, index) : '';
          return before + text.slice(index + mark.length, marks[i + 1]?.index ?? text.length).replace(/\n$/, '');
        });
        return rereadCells(texts);
      },
    };
  }

  /** Anything with every place in a cell of it moved to the joined text; what has none is as it was. */
  moved<T>(value: T): T {
    if (Array.isArray(value)) {
      const items: unknown[] = value;
      const moved = items.map((item) => this.moved(item));
      return (moved.some((item, i) => item !== items[i]) ? moved : value) as T;
    }
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    if (isSpan(value)) return this.#movedSpan(value) as T;
    const entries = Object.entries(value);
    const moved = entries.map(([key, item]: [string, unknown]) => [key, this.moved(item)] as const);
    return (moved.some(([, item], i) => item !== entries[i]![1]) ? Object.fromEntries(moved) : value) as T;
  }

  /** An edit of the joined text as one of a cell; undefined where it reaches over several. */
  back({ range, newText }: SourceEdit): SourceEdit | undefined {
    const { start, end } = range;
    const isPoint = start.line === end.line && start.column === end.column;
    const onMark = isPoint && start.column === 1 ? this.#marks.indexOf(start.line) : -1;
    if (onMark > 0) {
      // What is put before a mark follows the last line of the cell before it.
      const cell = this.#cells[onMark - 1]!;
      const last = cell.text.split('\n');
      const at = { line: last.length, column: (last.at(-1)?.length ?? 0) + 1 };
      return { range: { start: at, end: at }, newText: `\n${newText.replace(/\n$/, '')}`, document: cell };
    }
    const [first, second] = [this.#cellAt(start.line), this.#cellAt(end.line)];
    if (first !== second) return undefined;
    const local = ({ line, column }: Span['start']) => ({ line: Math.max(1, line - this.#marks[first]!), column });
    return { range: { start: local(start), end: local(end) }, newText, document: this.#cells[first]! };
  }

  /** A refusal whose line is of the joined text, told by cell and line. */
  refusal(refused: Message): Message {
    const { line } = refused.args;
    if (typeof line !== 'number') return refused;
    const at = this.#cellAt(line);
    const local = line - this.#marks[at]!;
    const { cell = at } = this.#cells[at]!;
    const where = lineText({ cell, start: { line: local, column: 1 } });
    const [, rest = ''] = /^Line \d+ (.*)$/s.exec(refused.text) ?? [];
    if (rest === '') return refused;
    const text = `${where[0]!.toUpperCase()}${where.slice(1)} ${rest}`;
    return { id: refused.id, args: { cell: cell + 1, line: local }, text };
  }

  #cellAt(line: number): number {
    const after = this.#marks.findIndex((mark) => mark > line);
    return (after < 0 ? this.#marks.length : after) - 1;
  }

  #movedSpan(span: Span): Span {
    const at = this.#cells.findIndex(
      (cell) => cell.uri === span.uri && (cell.uri !== this.notebook.uri || cell.cell === span.cell),
    );
    if (at < 0) return span;
    const joined = ({ line, column }: Span['start']) => ({ line: line + this.#marks[at]!, column });
    const { uri, hash } = this.document;
    return { uri, hash, start: joined(span.start), end: joined(span.end) };
  }
}

const isSpan = (value: object): value is Span =>
  'uri' in value && 'hash' in value && 'start' in value && 'end' in value;

/** The cells of a source that is a notebook; undefined for a file. */
export const cellsOf = ({ document }: EditableSource): JoinedCells | undefined =>
  document.cells && new JoinedCells({ ...document, cells: document.cells });

/** Edits of the joined text as edits of the cells; undefined where one reaches over several. */
export function backToCells(cells: JoinedCells, edits: readonly SourceEdit[]): readonly SourceEdit[] | undefined {
  const back = edits.map((edit) => cells.back(edit));
  return back.every((edit) => edit !== undefined) ? back : undefined;
}

/** A network, its places in the joined text. */
export const movedNetwork = (cells: JoinedCells, network: Network): Network => cells.moved(network);
