/** A change as the editor tells it: lines from 0, `end` inclusive of the line it stands on. */
export interface LineChange {
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly text: string;
}

const NONE: readonly number[] = [];

const LINE_END = /\r\n|\r|\n/;

/**
 * Follows the lines of a text through edits. A line moves with what is inserted or removed above it; one whose own text
 * changes is lost, and so is what was known of it.
 */
export class LineTracker {
  readonly #original: readonly string[];
  /** For every line of the document now: the line it was; NONE; or, during a change, the lines that it may have been. */
  #origins: (number | readonly number[])[];
  /** For every line that it was: the line it is now; made when asked for. */
  #current: Map<number, number> | undefined;

  constructor(text: string) {
    this.#original = text.split(LINE_END);
    this.#origins = this.#original.map((_, line) => line);
  }

  /** Where a line (from 0) of the text is by now; undefined when it was changed or removed. */
  current(line: number): number | undefined {
    this.#current ??= new Map(
      this.#origins.flatMap((origin, now) => (typeof origin === 'number' ? [[origin, now]] : [])),
    );
    return this.#current.get(line);
  }

  /** Follows changes; `lineAt` gives the document's lines after all of them. */
  apply(changes: readonly LineChange[], lineAt: (line: number) => string): void {
    // The editor numbers every range by the text before all changes, which do not overlap: from the last to the first.
    for (const { range, text } of [...changes].sort((a, b) => b.range.start.line - a.range.start.line)) {
      const [start, end] = [range.start.line, range.end.line];
      const first = this.#mayHaveBeen(start);
      const last = this.#mayHaveBeen(end);
      const added = text.split(LINE_END).length;
      // The line on which a change begins keeps its head, the one on which it ends its tail: either may be whole.
      const lines =
        added === 1 ? [[...first, ...last]] : [first, ...new Array<readonly number[]>(added - 2).fill(NONE), last];
      this.#origins.splice(start, end - start + 1, ...lines);
    }
    this.#settle(lineAt);
    this.#current = undefined;
  }

  /** The text is again what it was. */
  reset(): void {
    this.#origins = this.#original.map((_, line) => line);
    this.#current = undefined;
  }

  /** The document was edited where nobody watched: nothing is known of any line. */
  lose(): void {
    this.#origins = [];
    this.#current = undefined;
  }

  #mayHaveBeen(line: number): readonly number[] {
    const origin = this.#origins[line] ?? NONE;
    return typeof origin === 'number' ? [origin] : origin;
  }

  /** Keeps the lines at the edges of changes whose text is what it was, each once. */
  #settle(lineAt: (line: number) => string): void {
    const kept = new Set(this.#origins.filter((origin) => typeof origin === 'number'));
    for (const [line, origins] of this.#origins.entries()) {
      if (typeof origins === 'number' || origins.length === 0) continue;
      const text = lineAt(line);
      const origin = origins.find((candidate) => !kept.has(candidate) && this.#original[candidate] === text);
      this.#origins[line] = origin ?? NONE;
      if (origin !== undefined) kept.add(origin);
    }
  }
}
