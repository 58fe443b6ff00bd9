import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { Analyses } from '../../../extension/analysis';
import { EngineFailure } from '../../../extension/engine';
import { commands } from '../../../extension/identifiers';
import { pageHtml, ReportView, type ReportViewParts } from '../../../extension/webviews';
import type { MeasuredLayer, Report } from '../../../src/engine/report/report';
import { receiveInView, type ToView } from '../../../webview/protocol';
import { FakeDocument, FakeLog, FakeVscode } from '../extension/fakeVscode';
import { exampleReport } from '../report/exampleReport';

const TEXT = 'class Net:\n    one = Linear(8, 8)\n    act = Sigmoid()\n';
const at = (line: number) => ({ file: 'net.py', line, column: 5 });

const report = (): Report => {
  const example = exampleReport();
  const layer = (id: string, line: number): MeasuredLayer => ({
    ...example.layers[1]!,
    id,
    inputs: [],
    source: at(line),
  });
  return {
    ...example,
    status: 'complete',
    layers: [layer('one', 2), layer('act', 3)],
    findings: [{ ...example.findings[1]!, layer: 'act', source: at(3) }],
    recommendation: { ...example.recommendation!, sites: [{ layer: 'one', source: at(2), change: 'add it' }] },
  };
};

/** A little longer than changes are gathered. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 80));

describe('extension: a page and the extension', () => {
  const run = { name: 'Net', batch: 4 };
  let fake: FakeVscode;
  let document: FakeDocument;
  let analyses: Analyses;
  let log: FakeLog;
  let view: ReportView;
  let posted: ToView[];
  let visible: boolean;
  let opened: string[];
  let said: string[];
  let saved: Parameters<ReportViewParts['save']>[1][];
  let revealed: [line: number, character: number][];
  let moved: (event: unknown) => unknown;
  let fromPage: (data: unknown) => unknown;
  let cursor: number;

  beforeEach(() => {
    fake = new FakeVscode();
    const uri = fake.api.Uri.parse('file:///project/net.py');
    document = new FakeDocument(fake, uri.toString(), TEXT);
    fake.active = document;
    analyses = new Analyses(fake.api);
    log = new FakeLog();
    [posted, opened, said, saved, revealed, visible, cursor] = [[], [], [], [], [], true, 0];
    const api = {
      ...fake.api,
      workspace: { ...fake.api.workspace, openTextDocument: async () => document },
      window: {
        get activeTextEditor() {
          return { document, selection: { active: { line: cursor } } };
        },
        visibleTextEditors: [],
        onDidChangeActiveTextEditor: fake.changedEditor.event,
        onDidChangeTextEditorSelection: (listener: typeof moved) => {
          moved = listener;
          return { dispose: () => undefined };
        },
        showInformationMessage: async (sentence: string) => void said.push(sentence),
        showTextDocument: async (_: unknown, { selection }: { selection: vscode.Range }) =>
          void revealed.push([selection.start.line, selection.start.character]),
      },
    };
    const webview = {
      postMessage: async (message: ToView) => posted.push(JSON.parse(JSON.stringify(message)) as ToView) > 0,
      onDidReceiveMessage: (listener: typeof fromPage) => {
        fromPage = listener;
        return { dispose: () => undefined };
      },
    };
    view = new ReportView(webview, () => visible, {
      vscode: api as unknown as ReportViewParts['vscode'],
      analyses,
      log,
      shown: () => document.realUri,
      openPanel: (each) => opened.push(each.toString()),
      advises: () => true,
      save: async (_, what) => void saved.push(what),
    });
  });
  afterEach(() => {
    view.dispose();
    analyses.dispose();
  });

  const measured = () =>
    analyses
      .of(document.realUri)
      .begin(document.parts, run, () => undefined)
      .finished(report());
  const types = () => posted.splice(0).map(({ type }) => type);

  it('says nothing before the page is ready, then everything, in messages that the page takes', async () => {
    measured();
    await settled();
    assert.deepEqual(posted, []);
    fromPage({ type: 'ready' });
    for (const message of posted)
      assert.ok('message' in receiveInView(message), JSON.stringify(receiveInView(message)));
    assert.deepEqual(types(), ['status', 'report', 'runs', 'cursor']);
  });

  it('says only what changed, and together what comes together', async () => {
    fromPage({ type: 'ready' });
    types();
    const feed = analyses.of(document.realUri).begin(document.parts, run, () => undefined);
    for (let done = 0; done < 50; done++) feed.progress({ runId: 1, stage: 'measure', done, total: 50 });
    await settled();
    const [status, ...more] = posted.splice(0);
    assert.deepEqual(more, []);
    assert.ok(status?.type === 'status' && status.run?.done === 49 && status.run.stage === 'measuring');
    feed.finished(report());
    await settled();
    assert.deepEqual(types(), ['status', 'report', 'runs', 'cursor']);
  });

  it('does nothing while the page is hidden, and sends everything again when it is back', async () => {
    fromPage({ type: 'ready' });
    types();
    visible = false;
    view.hidden();
    measured();
    moved({});
    await settled();
    assert.deepEqual(posted, []);
    visible = true;
    fromPage({ type: 'ready' });
    assert.deepEqual(types(), ['status', 'report', 'runs', 'cursor']);
  });

  it("follows the cursor's layers", async () => {
    measured();
    fromPage({ type: 'ready' });
    posted.splice(0);
    cursor = 2;
    moved({});
    await settled();
    assert.deepEqual(posted.splice(0), [{ type: 'cursor', layers: ['act'] }]);
    moved({});
    await settled();
    assert.deepEqual(posted, [], 'the same layers are said twice');
  });

  it('tells that figures are stale, and why there are none', async () => {
    measured();
    fromPage({ type: 'ready' });
    posted.splice(0);
    document.edit(1, 4, 1, 7, 'two');
    await settled();
    const [stale] = posted.splice(0);
    assert.ok(stale?.type === 'status' && stale.stale);
    analyses.of(document.realUri).refuse(document.parts, new EngineFailure('It ended.'));
    await settled();
    const [failed] = posted.splice(0);
    assert.ok(failed?.type === 'status');
    assert.deepEqual(failed.failure, { sentence: 'It ended.', input: false, line: null });
  });

  it('shows the line of a layer, a finding and a site, where each is by now', async () => {
    measured();
    document.edit(0, 0, 0, 0, '# a comment\n');
    for (const target of [
      { kind: 'layer', id: 'one' },
      { kind: 'finding', index: 0 },
      { kind: 'site', index: 0 },
    ]) {
      fromPage({ type: 'reveal', target });
      await settled();
    }
    assert.deepEqual(revealed, [
      [2, 4],
      [3, 4],
      [2, 4],
    ]);
  });

  it('shows no line that is not what it was, nor what the report does not have', async () => {
    measured();
    document.edit(1, 4, 1, 7, 'two');
    for (const target of [
      { kind: 'layer', id: 'one' },
      { kind: 'layer', id: '/etc/passwd' },
      { kind: 'finding', index: 99 },
    ]) {
      fromPage({ type: 'reveal', target });
      await settled();
    }
    assert.deepEqual(revealed, []);
    assert.equal(said.length, 3);
  });

  it('runs, cancels, opens the panel and the log', async () => {
    measured();
    for (const message of [
      { type: 'run', file: 'shown' },
      { type: 'cancel' },
      { type: 'openPanel' },
      { type: 'apply' },
      { type: 'showLog' },
    ]) {
      fromPage(message);
    }
    assert.deepEqual(
      fake.executed.map(([command, uri]) => [command, uri?.toString()]),
      [
        [commands.analyzeNetwork, document.uri.toString()],
        [commands.cancelAnalysis, document.uri.toString()],
        [commands.applyRecommendation, document.uri.toString()],
        [commands.showLog, undefined],
      ],
    );
    assert.deepEqual(opened, [document.uri.toString()]);
  });

  it('lists the runs, shows an earlier one on every surface, and compares with one', async () => {
    const feed = (seed: number) => {
      const each = report();
      analyses
        .of(document.realUri)
        .begin(document.parts, run, () => undefined)
        .finished({ ...each, probe: { ...each.probe, seed } });
    };
    feed(1);
    await settled();
    feed(2);
    fromPage({ type: 'ready' });
    const runs = posted.find((message) => message.type === 'runs')!;
    assert.deepEqual(
      runs.runs.map(({ seed }) => seed),
      [2, 1],
    );
    const earlier = runs.runs[1]!.measured;
    posted.splice(0);
    fromPage({ type: 'compare', measured: earlier });
    await settled();
    const [comparison] = posted.splice(0);
    assert.ok(comparison?.type === 'comparison' && comparison.before?.report.probe.seed === 1);
    assert.ok('message' in receiveInView(comparison));
    fromPage({ type: 'showRun', measured: earlier });
    await settled();
    assert.equal(analyses.get(document.realUri)?.shown?.report.probe.seed, 1);
    assert.ok(posted.some((message) => message.type === 'report' && message.shown?.measured === earlier));
    document.edit(0, 0, 0, 0, '# a comment\n');
    fromPage({ type: 'showRun', measured: runs.runs[0]!.measured });
    assert.equal(analyses.get(document.realUri)?.shown?.stale, true, 'a run that was not shown was not followed');
    assert.equal(analyses.get(document.realUri)?.shown?.place(at(2))?.line, 2);
  });

  it('sends a quantity by step when the page asks, and nothing for another word', async () => {
    measured();
    fromPage({ type: 'ready' });
    posted.splice(0);
    fromPage({ type: 'askHistory', quantity: 'gradient norm' });
    fromPage({ type: 'askHistory', quantity: 'constructor' });
    await settled();
    assert.deepEqual(
      posted.map((message) => message.type === 'history' && message.layers),
      [{ one: [1e-6, 'NaN'], act: [1e-6, 'NaN'] }, {}],
    );
    for (const message of posted) assert.ok('message' in receiveInView(message));
  });

  it('saves the report and the picture of a chart', async () => {
    measured();
    fromPage({ type: 'export', format: 'markdown' });
    fromPage({ type: 'picture', name: 'noise', data: Buffer.from('PNG').toString('base64') });
    await settled();
    assert.equal(saved.length, 2);
    assert.ok('format' in saved[0]! && saved[0].format === 'markdown');
    assert.ok('png' in saved[1]! && Buffer.from(saved[1].png).toString() === 'PNG');
  });

  it('says what is left of a run', async () => {
    fromPage({ type: 'ready' });
    const feed = analyses.of(document.realUri).begin(document.parts, run, () => undefined);
    const left = async () => {
      await settled();
      return posted.splice(0).flatMap((message) => (message.type === 'status' ? [message.run?.left] : []))[0];
    };
    posted.splice(0);
    feed.progress({ runId: 1, stage: 'measure', done: 1, total: 2 });
    assert.deepEqual(await left(), ['trying norms']);
    feed.progress({ runId: 1, stage: 'advise', done: 1, total: 2 });
    assert.deepEqual(await left(), []);
  });

  it('writes the sentences of another language into the page, as text', () => {
    const strings = { Apply: '应用 "<x>"' };
    const page = pageHtml({ title: 'x', script: 's', style: 'c', strings, language: 'zh-cn' });
    assert.match(page, /<html lang="zh-cn">/);
    const [, content] = /<meta name="normscope-strings" content="([^"]*)">/.exec(page)!;
    const read = content!.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    assert.deepEqual(JSON.parse(read), strings);
  });

  it('refuses messages of another form, with a line in the log', () => {
    fromPage({ type: 'run', file: '/etc/passwd' });
    fromPage('ready');
    assert.deepEqual(fake.executed, []);
    assert.equal(log.lines.filter((line) => line.includes('was refused')).length, 2);
  });

  it('makes a page that loads nothing without its nonce, a fresh one each time', () => {
    const page = () => pageHtml({ title: '"><script>', script: 'https://x/s.js?a=1&b=2', style: 'https://x/s.css' });
    const [one, two] = [page(), page()];
    assert.notEqual(one, two);
    const [, nonce] = /script-src 'nonce-([\w-]+)'/.exec(one)!;
    assert.match(one, /content="default-src 'none';/);
    assert.equal(one.match(/<script/g)?.length, 1);
    assert.ok(one.includes(`<script nonce="${nonce}" src="https://x/s.js?a=1&amp;b=2">`));
    assert.ok(!/unsafe|'self'|\*/.test(one.match(/content="default-src[^"]*"/)![0]));
    assert.ok(!/ on\w+=|style=/.test(one));
  });
});
