import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type LineChange, LineTracker } from '../../../extension/analysis/lineTracker';

const TEXT = ['zero', 'one', 'two', 'three', 'four'];

/** A change of a text, applied to it. */
interface Edit {
  readonly from: readonly [line: number, character: number];
  readonly to: readonly [line: number, character: number];
  readonly text: string;
}

function applied(lines: readonly string[], { from, to, text }: Edit): string[] {
  const before = [...lines.slice(0, from[0]), lines[from[0]]!.slice(0, from[1])].join('\n');
  const after = [lines[to[0]]!.slice(to[1]), ...lines.slice(to[0] + 1)].join('\n');
  return (before + text + after).split('\n');
}

const changeOf = ({ from, to, text }: Edit): LineChange => ({
  range: { start: { line: from[0] }, end: { line: to[0] } },
  text,
});

/** Where each line of TEXT is after an edit. */
function linesAfter(edit: Edit): (number | undefined)[] {
  const tracker = new LineTracker(TEXT.join('\n'));
  const now = applied(TEXT, edit);
  tracker.apply([changeOf(edit)], (line) => now[line]!);
  return TEXT.map((_, line) => tracker.current(line));
}

describe('extension: line tracker', () => {
  it('moves lines below an inserted one, and keeps the one that it was inserted before or after', () => {
    assert.deepEqual(linesAfter({ from: [2, 0], to: [2, 0], text: 'new\n' }), [0, 1, 3, 4, 5]);
    assert.deepEqual(linesAfter({ from: [2, 3], to: [2, 3], text: '\nnew' }), [0, 1, 2, 4, 5]);
    assert.deepEqual(linesAfter({ from: [0, 0], to: [0, 0], text: '\n' }), [1, 2, 3, 4, 5]);
  });

  it('loses a line whose text changes, and one that is split', () => {
    assert.deepEqual(linesAfter({ from: [2, 1], to: [2, 1], text: 'x' }), [0, 1, undefined, 3, 4]);
    assert.deepEqual(linesAfter({ from: [2, 1], to: [2, 1], text: '\n' }), [0, 1, undefined, 4, 5]);
    assert.deepEqual(linesAfter({ from: [2, 3], to: [2, 3], text: ' # why' }), [0, 1, undefined, 3, 4]);
  });

  it('loses removed lines, and keeps what stands at the edges', () => {
    assert.deepEqual(linesAfter({ from: [1, 0], to: [3, 0], text: '' }), [0, undefined, undefined, 1, 2]);
    assert.deepEqual(linesAfter({ from: [1, 3], to: [3, 5], text: '' }), [0, 1, undefined, undefined, 2]);
    assert.deepEqual(linesAfter({ from: [1, 2], to: [3, 2], text: '' }), [0, undefined, undefined, undefined, 2]);
  });

  it('keeps the first of a line that is copied down', () => {
    assert.deepEqual(linesAfter({ from: [1, 0], to: [1, 0], text: 'one\n' }), [0, 1, 3, 4, 5]);
  });

  it('follows several changes of one event, in whatever order', () => {
    const edits: Edit[] = [
      { from: [4, 0], to: [4, 0], text: 'a\nb\n' },
      { from: [2, 1], to: [2, 2], text: '?' },
      { from: [0, 4], to: [1, 0], text: '\n\n' },
    ];
    const now = edits.reduce<string[]>(applied, TEXT);
    for (const order of [edits, [...edits].reverse()]) {
      const tracker = new LineTracker(TEXT.join('\n'));
      tracker.apply(order.map(changeOf), (line) => now[line]!);
      assert.deepEqual(
        TEXT.map((_, line) => tracker.current(line)),
        [0, 2, undefined, 4, 7],
      );
    }
  });

  it('brings every line back by a reset, and none after an edit that nobody watched', () => {
    const tracker = new LineTracker(TEXT.join('\r\n'));
    tracker.lose();
    assert.equal(tracker.current(0), undefined);
    tracker.reset();
    assert.equal(tracker.current(4), 4);
    assert.equal(tracker.current(5), undefined);
  });

  it('never puts a line where another text stands, keeps the order, and loses no line that no edit touched', () => {
    const word = fc.constantFrom('a', 'b', '', 'layer');
    const position = fc.tuple(fc.nat(), fc.nat());
    const text = fc.array(word, { maxLength: 3 }).map((words) => words.join('\n'));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        fc.array(fc.tuple(position, position, text), { maxLength: 6 }),
        (original, edits) => {
          const tracker = new LineTracker(original.join('\n'));
          let now: string[] = original;
          // Beside the tracker: marks that follow each line which no edit has touched.
          let marks: (number | undefined)[] = original.map((_, line) => line);
          for (const [one, other, inserted] of edits) {
            const place = ([line, character]: readonly [number, number]): [number, number] => {
              const at = line % now.length;
              return [at, character % (now[at]!.length + 1)];
            };
            const [from, to] = [place(one), place(other)].sort((a, b) => a[0] - b[0] || a[1] - b[1]) as [
              [number, number],
              [number, number],
            ];
            const edit: Edit = { from, to, text: inserted };
            now = applied(now, edit);
            const added = inserted.split('\n').length;
            marks = [...marks.slice(0, from[0]), ...new Array(added).fill(undefined), ...marks.slice(to[0] + 1)];
            tracker.apply([changeOf(edit)], (line) => now[line]!);
          }
          let last = -1;
          for (const [line, words] of original.entries()) {
            const current = tracker.current(line);
            if (current === undefined) {
              assert.ok(!marks.includes(line), `line ${line} was lost untouched`);
              continue;
            }
            assert.equal(now[current], words);
            assert.ok(current > last, 'the order changed');
            last = current;
            if (marks.includes(line)) assert.equal(current, marks.indexOf(line));
          }
        },
      ),
    );
  });
});
