import assert from 'node:assert/strict';
import { InputError } from '../../../src/engine/network';
import type { Finding } from '../../../src/engine/report';
import { type Baseline, baselineOf, baselineText, parseBaseline, withBaseline } from '../../../src/engine/suppression';

const finding = (rule: string, layer: string | null, line: number, file = 'net.py'): Finding => ({
  rule,
  severity: 'note',
  layer,
  message: { id: rule, args: {}, text: rule },
  source: { file, line, column: 1 },
  evidence: [],
  causes: [],
  fix: null,
});

const NET = 'net.py::Net';
const textAt = (lines: readonly string[]) => (source: Finding['source']) => (lines[source.line - 1] ?? '').trim();

describe('suppression: the baseline', () => {
  const before = textAt(['a = Conv()', 'b = Conv()']);
  const baseline = baselineOf([], NET, [finding('x', 'a', 1), finding('y', null, 2)], before);
  const judge = (findings: readonly Finding[], lines: readonly string[], from: Baseline = baseline) => {
    const { fresh, known } = withBaseline(from, NET, findings, textAt(lines));
    return [fresh.length, known.length];
  };

  it('knows findings again where lines have moved, and where a layer has another name or another line’s text', () => {
    assert.deepEqual(judge([finding('x', 'a', 1), finding('y', null, 2)], ['a = Conv()', 'b = Conv()']), [0, 2]);
    assert.deepEqual(
      judge([finding('x', 'a', 4), finding('y', null, 5)], ['', '', '', '  a = Conv()', 'b = Conv()']),
      [0, 2],
    );
    assert.deepEqual(judge([finding('x', 'renamed', 1)], ['a = Conv()']), [0, 1]);
    assert.deepEqual(judge([finding('x', 'a', 1)], ['a = Conv(3)']), [0, 1]);
  });

  it('knows no others: another rule, file, network or place, nor one more of the same', () => {
    const lines = ['a = Conv()', 'b = Conv()', 'c = Conv()'];
    assert.deepEqual(judge([finding('z', 'a', 1)], lines), [1, 0]);
    assert.deepEqual(judge([finding('x', 'a', 1, 'other.py')], lines), [1, 0]);
    assert.deepEqual(judge([finding('x', 'c', 3)], lines), [1, 0]);
    assert.deepEqual(judge([finding('x', 'a', 1), finding('x', 'a', 1)], lines), [1, 1]);
    assert.equal(withBaseline(baseline, 'net.py::Other', [finding('x', 'a', 1)], before).fresh.length, 1);
  });

  it('is written and read back, sorted, and keeps what is of other networks', () => {
    const more = baselineOf(baseline, 'b.py::B', [finding('x', 'q', 1, 'b.py')], textAt(['q']));
    assert.deepEqual(parseBaseline(baselineText(more), 'f'), more);
    assert.equal(more.length, 3);
    assert.deepEqual(
      baselineOf(more, NET, [], before),
      more.filter(({ network }) => network === 'b.py::B'),
    );
    const turned = baselineOf([], NET, [finding('y', null, 2), finding('x', 'a', 1)], before);
    assert.equal(baselineText(turned), baselineText(baseline));
    assert.deepEqual(parseBaseline(baselineText([]), 'f'), []);
  });

  it('refuses what is none, in one line', () => {
    const schema = '"schema": "normscope/baseline@1"';
    for (const text of ['', '{', 'null', '[]', '{"findings": []}', `{${schema}}`, `{${schema}, "findings": [{}]}`]) {
      assert.throws(
        () => parseBaseline(text, 'old.json'),
        (error) => error instanceof InputError && error.what.startsWith('old.json is no baseline: '),
        text,
      );
    }
  });
});
