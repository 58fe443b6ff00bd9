import type { SourceEdit } from '../../../src/engine/edits';

/** An offset of a text by line and column, counted as an editor does. */
function offset(text: string, { line, column }: { line: number; column: number }): number {
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
  return at + column - 1;
}

const place = (text: string, at: number) => {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
};

/** The text with all edits made at once, as an editor makes them: ranges are of the text before, and do not overlap. */
export function applyEdits(text: string, edits: readonly SourceEdit[]): string {
  const sorted = edits.map(({ range, newText }, i) => ({
    start: offset(text, range.start),
    end: offset(text, range.end),
    newText,
    i,
  }));
  sorted.sort((a, b) => a.start - b.start || a.end - b.end || a.i - b.i);
  let result = '';
  let at = 0;
  for (const { start, end, newText } of sorted) {
    if (start < at) throw new Error('edits overlap');
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}

/** The edits that take those back. */
export function undoOf(text: string, edits: readonly SourceEdit[]): SourceEdit[] {
  const edited = applyEdits(text, edits);
  let moved = 0;
  return edits.map(({ range, newText }) => {
    const [start, end] = [offset(text, range.start), offset(text, range.end)];
    const at = start + moved;
    moved += newText.length - (end - start);
    return {
      range: { start: place(edited, at), end: place(edited, at + newText.length) },
      newText: text.slice(start, end),
    };
  });
}
