import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type FromView, receiveFromView, receiveInView, type ToView } from '../../../webview/protocol';
import { reportForView } from '../../../webview/reportSchema';
import { exampleReport } from '../report/exampleReport';

const report: ToView = { type: 'report', shown: { report: reportForView(exampleReport()), measured: 0 } };
const status: ToView = {
  type: 'status',
  file: 'net.py',
  other: null,
  run: { network: 'Net', batch: 2, stage: 'measuring', done: 1, total: 3, left: ['trying norms'] },
  failure: { sentence: 'It failed.', input: true, line: 3 },
  stale: true,
};
const fromView: readonly FromView[] = [
  { type: 'ready' },
  { type: 'run', file: 'shown' },
  { type: 'run', file: 'other' },
  { type: 'cancel' },
  { type: 'openPanel' },
  { type: 'showLog' },
  { type: 'reveal', target: { kind: 'layer', id: 'a.b' } },
  { type: 'reveal', target: { kind: 'finding', index: 0 } },
  { type: 'reveal', target: { kind: 'place', index: 2 } },
  { type: 'showRun', measured: 5 },
  { type: 'compare', measured: null },
  { type: 'askHistory', quantity: 'gradient norm' },
  { type: 'export', format: 'html' },
  { type: 'picture', name: 'noise', data: 'iVBORw0KGgo=' },
  { type: 'reveal', target: { kind: 'failure' } },
];

/** A message as `postMessage` carries it. */
const carried = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

describe('webview: protocol', () => {
  it('takes every message as it was sent', () => {
    for (const message of [report, status, { type: 'cursor', layers: ['a'] } as const]) {
      assert.deepEqual(receiveInView(carried(message)), { message: carried(message) });
    }
    for (const message of fromView) assert.deepEqual(receiveFromView(carried(message)), { message });
  });

  it('sends neither history nor attributes, which no page shows', () => {
    const layers = reportForView(exampleReport()).layers;
    assert.ok(layers.length > 0);
    assert.ok(layers.every(({ history, attributes }) => history === null && Object.keys(attributes).length === 0));
  });

  it('names what is wrong with a message', () => {
    const refusals: readonly [unknown, RegExp][] = [
      [undefined, /message/],
      ['ready', /message/],
      [{ type: 'unheard-of' }, /type/],
      [{ type: 'run', file: '/etc/passwd' }, /file/],
      [{ type: 'reveal', target: { kind: 'layer', id: 7 } }, /target\.id/],
      [{ type: 'reveal', target: { kind: 'finding', index: -1 } }, /target\.index/],
      [{ type: 'export', format: '/etc/passwd' }, /format/],
      [{ type: 'picture', name: 'x', data: '<svg>' }, /data/],
      [{ type: 'reveal', target: { kind: 'file', path: '/etc/passwd' } }, /target\.kind/],
    ];
    for (const [data, named] of refusals) {
      const received = receiveFromView(data);
      assert.ok('refused' in received, JSON.stringify(data));
      assert.match(received.refused, named);
    }
    const wrong = carried(report) as { shown: { report: { layers: Record<string, unknown>[] } } };
    wrong.shown.report.layers[1]!.gradientNorm = 'many';
    const received = receiveInView(wrong);
    assert.ok('refused' in received);
    assert.match(received.refused, /shown\.report\.layers\.1\.gradientNorm/);
  });

  it('leaves out what it does not know', () => {
    assert.deepEqual(receiveFromView({ type: 'cancel', path: '/etc/passwd' }), { message: { type: 'cancel' } });
  });

  it('answers anything at all', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        assert.ok('refused' in receiveInView(data));
        assert.ok('refused' in receiveFromView(data));
      }),
    );
  });
});
