import assert from 'node:assert/strict';
import type { CancellationToken } from 'vscode';
import { Analyses, Analyzer, RememberedAnswers, sourceOf } from '../../../extension/analysis';
import { CancelledRun, EngineFailure, type RunListener, WrongInput } from '../../../extension/engine';
import { AskingQuestions } from '../../../extension/surfaces/questions';
import type {
  AnalyzeParams,
  Missing,
  OfferedNetwork,
  ReadNetworksParams,
  ReadNetworksResult,
} from '../../../src/engine/protocol';
import type { Report } from '../../../src/engine/report';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeMemento, FakeVscode } from './fakeVscode';

const offered = (name: string, missing: readonly Missing[] = []): OfferedNetwork => ({
  name,
  source: { file: 'net.py', line: 3, column: 1 },
  parameters: 1200,
  layers: 3,
  structure: 'a',
  inputs: missing.includes('input') ? [] : [{ name: 'x', shape: [32, 8], dtype: 'float32' }],
  batch: { size: 32, origin: missing.includes('batch') ? 'default' : 'line 4' },
  missing,
});

/** An engine that a test scripts: what a file offers, and how its runs go. */
class ScriptedEngine {
  readonly reads: ReadNetworksParams[] = [];
  readonly runs: Omit<AnalyzeParams, 'runId'>[] = [];
  offers: readonly OfferedNetwork[] = [offered('Net')];
  /** What reading does before it answers. */
  onRead: (params: ReadNetworksParams) => void = () => undefined;
  run: (listener: RunListener, token: CancellationToken) => Promise<Report> = async () => exampleReport();

  readNetworks = async (params: ReadNetworksParams): Promise<ReadNetworksResult> => {
    this.reads.push(params);
    this.onRead(params);
    const { name, inputs, batch } = params.options;
    const said = ({ missing, ...network }: OfferedNetwork): OfferedNetwork => ({
      ...network,
      missing: missing.filter((what) => (what === 'input' ? inputs === undefined : batch === undefined)),
    });
    const networks = this.offers.filter((each) => name === undefined || each.name === name).map(said);
    return { networks, findings: [] };
  };
  readonly analyze = (params: Omit<AnalyzeParams, 'runId'>, token: CancellationToken, listener: RunListener) => {
    this.runs.push(params);
    return this.run(listener, token);
  };
}

describe('extension: analyzer', () => {
  let fake: FakeVscode;
  let engine: ScriptedEngine;
  let analyses: Analyses;
  let remembered: RememberedAnswers;
  let analyzer: Analyzer;
  let document: FakeDocument;
  beforeEach(() => {
    fake = new FakeVscode();
    engine = new ScriptedEngine();
    analyses = new Analyses(fake.api);
    remembered = new RememberedAnswers(new FakeMemento());
    analyzer = new Analyzer({
      vscode: fake.api,
      engine,
      analyses,
      questions: new AskingQuestions(fake.api),
      remembered,
      options: () => ({ budgetSeconds: 10, seed: 0, advise: true }),
    });
    document = new FakeDocument(fake, 'file:///project/net.py', 'class Net: ...\n');
  });
  afterEach(() => analyses.dispose());

  const analyze = (token = new fake.api.CancellationTokenSource().token) =>
    analyzer.analyze(sourceOf(fake.api, document.real), token);

  it('asks nothing that the file says', async () => {
    const outcome = await analyze();
    assert.equal(outcome.kind, 'report');
    assert.deepEqual(fake.asked, []);
    assert.deepEqual(engine.runs[0]?.read, {});
    assert.equal(engine.runs[0]?.document.text, document.getText());
    assert.equal(engine.runs[0]?.document.baseUri, 'file:///project');
  });

  it('asks for the network, the input and the batch where they are missing, once for a file', async () => {
    engine.offers = [offered('A'), offered('B', ['input', 'batch'])];
    fake.answers.push('B', '3x32x32', '16');
    assert.equal((await analyze()).kind, 'report');
    const read = { name: 'B', givenBy: 'your answer', batch: 16, inputs: [{ shape: [16, 3, 32, 32] }] };
    assert.deepEqual(engine.runs[0]?.read, read);
    assert.equal(fake.asked.length, 2);
    assert.equal((await analyze()).kind, 'report');
    assert.deepEqual(engine.runs[1]?.read, read);
    assert.equal(fake.asked.length, 2);
    // Another file is another matter.
    document = new FakeDocument(fake, 'file:///project/other.py', '');
    assert.equal((await analyze()).kind, 'left');
  });

  it('lets what the file says win over what is remembered', async () => {
    engine.offers = [offered('Net', ['batch'])];
    fake.answers.push('16');
    await analyze();
    assert.equal(engine.runs[0]?.read.batch, 16);
    engine.offers = [offered('Net')];
    await analyze();
    assert.deepEqual(engine.runs[1]?.read, {});
  });

  it('asks for constructor arguments that have no default', async () => {
    engine.onRead = ({ options }) => {
      if (options.set?.width === undefined)
        throw new WrongInput("Net needs the argument 'width'", '', null, ['width', 'depth']);
    };
    fake.answers.push('64', ' 2 ');
    assert.equal((await analyze()).kind, 'report');
    assert.deepEqual(engine.runs[0]?.read, { set: { width: '64', depth: '2' } });
    assert.equal((await analyze()).kind, 'report');
    assert.equal(fake.asked.length, 2);
  });

  it('forgets an answer that does not fit, and remembers none from a question left open', async () => {
    engine.offers = [offered('Net', ['input', 'batch'])];
    fake.answers.push('3x32x32', undefined);
    assert.equal((await analyze()).kind, 'left');
    assert.deepEqual(remembered.get(document.realUri), {});
    engine.onRead = ({ options }) => {
      if (options.inputs) throw new WrongInput('the input does not fit', 'give another', null, []);
    };
    fake.answers.push('5', '4');
    assert.equal((await analyze()).kind, 'failed');
    assert.deepEqual(remembered.get(document.realUri), {});
    assert.equal(engine.runs.length, 0);
  });

  it('forgets an answer that leaves an input open', async () => {
    engine.offers = [offered('Net', ['input'])];
    const dropsMissing = engine.readNetworks;
    // One shape for a network that takes two.
    engine.readNetworks = async (params) => {
      const { networks } = await dropsMissing(params);
      return {
        findings: [],
        networks: params.options.inputs ? networks.map((each) => ({ ...each, missing: ['input'] })) : networks,
      };
    };
    fake.answers.push('3x32x32');
    const outcome = await analyze();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.error.message, /still not known; run Analyze Network again/);
    assert.deepEqual(remembered.get(document.realUri), {});
    assert.equal(engine.runs.length, 0);
  });

  it('checks what is typed before it is taken', async () => {
    engine.offers = [offered('Net', ['input', 'batch'])];
    fake.answers.push('8', '4');
    await analyze();
    const [input, batch] = fake.asked;
    assert.equal(input?.validateInput?.('3x32'), undefined);
    assert.match(String(input?.validateInput?.('three')), /is no shape/);
    assert.match(String(batch?.validateInput?.('0')), /whole number/);
    assert.equal(batch?.value, '32');
  });

  it('shows first numbers and progress while it runs, and the report at the end', async () => {
    const seen: unknown[] = [];
    engine.run = async (listener) => {
      const now = () => analyses.get(document.realUri);
      seen.push(now()?.run?.network, now()?.shown);
      listener.progress({ runId: 1, stage: 'measure', done: 1, total: 2 });
      seen.push(now()?.run?.progress?.done);
      listener.partial({ ...exampleReport(), status: 'partial' });
      seen.push(now()?.shown?.report.status, now()?.run !== undefined);
      return { ...exampleReport(), status: 'complete' };
    };
    await analyze();
    assert.deepEqual(seen, ['Net', undefined, 1, 'partial', true]);
    assert.equal(analyses.get(document.realUri)?.shown?.report.status, 'complete');
    assert.equal(analyses.get(document.realUri)?.run, undefined);
  });

  it('keeps the last report when a run fails or is cancelled, and tells the failure', async () => {
    await analyze();
    engine.run = async () => {
      throw new EngineFailure('The engine was ended by SIGKILL.');
    };
    assert.equal((await analyze()).kind, 'failed');
    const analysis = analyses.get(document.realUri)!;
    assert.ok(analysis.shown);
    assert.equal(analysis.failure?.error.message, 'The engine was ended by SIGKILL.');
    engine.run = async () => {
      throw new CancelledRun();
    };
    assert.equal((await analyze()).kind, 'left');
    assert.ok(analysis.shown);
    assert.equal(analysis.run, undefined);
  });

  it('keeps the first numbers of a run that is cancelled, and says that it was', async () => {
    engine.run = async (listener) => {
      listener.partial({ ...exampleReport(), status: 'partial' });
      throw new CancelledRun();
    };
    assert.equal((await analyze()).kind, 'left');
    assert.equal(analyses.get(document.realUri)?.shown?.report.status, 'cancelled');
    engine.run = async () => exampleReport();
    await analyze();
    engine.run = async () => {
      throw new CancelledRun();
    };
    await analyze();
    // The report before it is whole.
    assert.equal(analyses.get(document.realUri)?.shown?.report.status, exampleReport().status);
  });

  it('cancels a run when another of the same document begins, and drops what comes from it', async () => {
    const listeners: RunListener[] = [];
    engine.run = (listener, token) =>
      new Promise((resolve, reject) => {
        listeners.push(listener);
        if (listeners.length === 2) resolve(exampleReport());
        else token.onCancellationRequested(() => reject(new CancelledRun()));
      });
    const first = analyze();
    await new Promise((resolve) => setImmediate(resolve));
    const second = analyze();
    assert.equal((await first).kind, 'left');
    assert.equal((await second).kind, 'report');
    listeners[0]?.partial({ ...exampleReport(), status: 'cancelled' });
    assert.notEqual(analyses.get(document.realUri)?.shown?.report.status, 'cancelled');
  });

  it('ends with the token that it is given', async () => {
    const source = new fake.api.CancellationTokenSource();
    engine.run = (_, token) =>
      new Promise((_resolve, reject) => token.onCancellationRequested(() => reject(new CancelledRun())));
    const running = analyze(source.token);
    await new Promise((resolve) => setImmediate(resolve));
    source.cancel();
    assert.equal((await running).kind, 'left');
  });
});

describe('extension: remembered answers', () => {
  it('reads only what fits of what another version wrote', async () => {
    const state = new FakeMemento();
    const remembered = new RememberedAnswers(state);
    const { realUri } = new FakeDocument(new FakeVscode(), 'file:///project/net.py', '');
    for (const odd of [
      null,
      7,
      'text',
      [],
      { network: 3, set: { a: 1 }, networks: { A: { batch: -1, input: 5 }, B: 2 } },
    ]) {
      await state.update(`normscope.answers:${realUri}`, odd);
      const { network, set, networks } = remembered.get(realUri);
      assert.equal(network, undefined);
      assert.deepEqual(set ?? {}, {});
      assert.deepEqual(networks ?? {}, typeof odd === 'object' && odd && 'networks' in odd ? { A: {} } : {});
    }
    await remembered.remember(realUri, { network: 'A', networks: { A: { batch: 4 } } });
    assert.deepEqual(remembered.get(realUri), { network: 'A', networks: { A: { batch: 4 } } });
    await remembered.forget(realUri);
    assert.deepEqual(remembered.get(realUri), {});
  });
});
