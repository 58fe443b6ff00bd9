import type { Position } from '../network';

/** A stretch of a text, by offsets (`end` exclusive), and what stands there instead. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text, with the offsets of its lines. */
export class SourceText {
  readonly #lineStarts: readonly number[];

  constructor(readonly text: string) {
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** What ends its lines: `\r\n` where the first line says so. */
  get lineEnd(): '\n' | '\r\n' {
    return /\r?\n/.exec(this.text)?.[0] === '\r\n' ? '\r\n' : '\n';
  }

  offset({ line, column }: Position): number {
    return (this.#lineStarts[line - 1] ?? this.text.length) + column - 1;
  }

  position(offset: number): Position {
    let line = this.#lineStarts.length;
    while (line > 1 && this.#lineStarts[line - 1]! > offset) line--;
    return { line, column: offset - this.#lineStarts[line - 1]! + 1 };
  }

  /** Where the line of an offset begins. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Where the line of an offset ends, before what ends it. */
  lineStop(offset: number): number {
    const at = this.text.indexOf('\n', offset);
    const stop = at < 0 ? this.text.length : at;
    return stop > offset && this.text[stop - 1] === '\r' ? stop - 1 : stop;
  }

  /** Where the next line begins, or the text ends. */
  nextLine(offset: number): number {
    const at = this.text.indexOf('\n', offset);
    return at < 0 ? this.text.length : at + 1;
  }

  /** The blanks before an offset, where nothing else stands before it in its line. */
  indent(offset: number): string | undefined {
    const before = this.text.slice(this.lineStart(offset), offset);
    return /^[ \t]*$/.test(before) ? before : undefined;
  }
}

/** The pieces in the text's order, each one once; undefined where two of them overlap. */
export function inOrder(pieces: readonly Piece[]): Piece[] | undefined {
  const once = new Map(pieces.map((piece) => [`${piece.start}:${piece.end}:${piece.text}`, piece]));
  const sorted = [...once.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  return sorted.some(({ start }, i) => i > 0 && start < sorted[i - 1]!.end) ? undefined : sorted;
}

/** The text with the pieces in place. They are in order and do not overlap. */
export function withPieces(text: string, pieces: readonly Piece[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: own } of pieces) {
    result += text.slice(at, start) + own;
    at = end;
  }
  return result + text.slice(at);
}
