import assert from 'node:assert/strict';
import { joined } from '../../../extension/surfaces/sourceEdits';
import type { TextEdit } from '../../../src/engine/report/report';

const text = 'a = f(x)\nb = g(y)\n\n\n\nc = h(z)\n';

const edit = (line: number, from: number, to: number, newText: string): TextEdit => ({
  file: 'net.py',
  hash: '',
  range: { start: { line, column: from }, end: { line, column: to } },
  newText,
});

/** The text with edits made, from the last to the first. */
const made = (edits: readonly TextEdit[]): string => {
  const lines = text.split('\n');
  const offset = ({ line, column }: { line: number; column: number }) =>
    lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
  return edits.reduceRight(
    (all, { range, newText }) => all.slice(0, offset(range.start)) + newText + all.slice(offset(range.end)),
    text,
  );
};

describe('parts of a refactor preview', () => {
  it('hold together what stands near each other, brackets above all', () => {
    const edits = [edit(1, 5, 5, 'Wrap('), edit(1, 9, 9, ')'), edit(2, 5, 6, 'k')];
    const parts = joined(edits.toReversed(), text);
    assert.deepEqual(
      parts.map(({ newText }) => newText),
      ['Wrap(f(x))\nb = k'],
    );
    assert.equal(made(parts), made(edits));
  });

  it('are apart where lines lie between', () => {
    const edits = [edit(2, 5, 6, 'k'), edit(6, 5, 6, 'm')];
    assert.deepEqual(joined(edits, text), edits);
  });
});
