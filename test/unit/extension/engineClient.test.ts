import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc';
import { CancelledRun, EngineClient, EngineFailure, EngineProcess, WrongInput } from '../../../extension/engine';
import { RestartLimit } from '../../../extension/engine/restartLimit';
import { PROTOCOL_VERSION } from '../../../src/engine/protocol';
import type { Report } from '../../../src/engine/report';
import type { RuntimeChoice } from '../../../src/engine/runtimeChoice';
import { FakeLog } from './fakeVscode';

const HOST = path.resolve('dist', 'host.js');
const SMALL =
  'input: [8]\nbatch: 4\nlayers:\n  - Linear: {out_features: 6}\n  - Sigmoid\n  - Linear: {out_features: 3}\n';
const LONG = 'input: [512]\nbatch: 64\nlayers:\n  - repeat: 20\n    layers: [{Linear: {out_features: 512}}, ReLU]\n';

const params = (text: string, steps = 3) => ({
  document: { uri: 'file:///models/net.normscope.yaml', baseUri: 'file:///models', text },
  read: {},
  options: { seed: 0, steps, seeds: 2, budgetSeconds: 60, advise: false },
});

describe('extension: engine client', () => {
  let log: FakeLog;
  let started: EngineProcess[];
  let clients: EngineClient[];
  let folder: string;
  beforeEach(async () => {
    log = new FakeLog();
    started = [];
    clients = [];
    folder = await mkdtemp(path.join(tmpdir(), 'normscope-'));
  });
  afterEach(async () => {
    for (const client of clients) client.dispose();
    for (const process of started) process.kill();
    await rm(folder, { recursive: true });
  });

  interface Settings {
    readonly module?: string;
    readonly idle?: number;
    readonly restarts?: RestartLimit;
    readonly readyTimeout?: number;
    readonly cancelGrace?: number;
    readonly runtime?: () => RuntimeChoice;
  }
  const clientOf = ({
    module = HOST,
    idle = 0,
    restarts,
    readyTimeout,
    cancelGrace,
    runtime = () => 'auto',
  }: Settings = {}): EngineClient => {
    const client = new EngineClient({
      start: (events) => {
        const process = new EngineProcess({ module, log, readyTimeout, runtime: runtime(), ...events });
        started.push(process);
        return process;
      },
      log,
      idleMilliseconds: () => idle,
      restarts,
      cancelGrace,
    });
    clients.push(client);
    return client;
  };

  /** A run; what it told on its way stands beside its end. */
  const analyze = (
    client: EngineClient,
    text = SMALL,
    token: CancellationToken = CancellationToken.None,
    steps = 3,
  ) => {
    const told: string[] = [];
    const report = client.analyze(params(text, steps), token, {
      progress: ({ stage }) => void told.push(stage),
      partial: (partial: Report) => void told.push(`partial ${partial.probe.seeds}`),
    });
    report.catch(() => undefined);
    return { report, told };
  };

  /** A host that says what it is told to, for what the real one never does. */
  const strangeHost = async (code: string): Promise<string> => {
    const module = path.join(folder, 'host.js');
    await writeFile(module, `${code}\nsetInterval(() => {}, 1000); process.on('disconnect', () => process.exit());`);
    return module;
  };
  const readyMessage = (protocol: number) =>
    `process.send({ jsonrpc: '2.0', method: 'normscope/ready', params: { protocol: ${protocol}, engine: '9' } });`;

  it('starts at the first request, and gives progress, first numbers and the report', async () => {
    const client = clientOf();
    assert.equal(client.pid, undefined);
    const { report, told } = analyze(client);
    assert.equal((await report).status, 'complete');
    assert.ok(client.pid !== undefined);
    assert.ok(told.includes('measure'));
    assert.ok(told.includes('partial 1'));
    await analyze(client).report;
    assert.equal(started.length, 1);
    assert.ok(log.lines.some((line) => line.includes('is ready')));
    assert.ok(log.lines.some((line) => /run 1 took \d+ ms/.test(line)));
  });

  it('gives wrong input with its place and what it needs', async () => {
    const client = clientOf();
    const wrong = analyze(client, SMALL.replace('Sigmoid', 'Sigmoyd'));
    await assert.rejects(wrong.report, (error) => {
      assert.ok(error instanceof WrongInput);
      assert.equal(error.source?.line, 5);
      assert.deepEqual(error.needs, []);
      return true;
    });
  });

  it('says how to mend what the command asks for, not which flag the command line has', async () => {
    const text =
      'import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n';
    const read = clientOf().readNetworks(
      { document: { uri: 'file:///project/net.py', text, baseUri: 'file:///project' }, options: {} },
      new CancellationTokenSource().token,
    );
    await assert.rejects(read, (error) => {
      assert.ok(error instanceof WrongInput);
      assert.equal(error.message, "Net needs the argument 'width'; run Analyze Network again and give width");
      return true;
    });
  });

  it('cancels a run and a request that waits, and does the next', async () => {
    const client = clientOf();
    const source = new CancellationTokenSource();
    const running = analyze(client, LONG, source.token, 400);
    await new Promise((resolve) => setTimeout(resolve, 400));
    source.cancel();
    await assert.rejects(running.report, CancelledRun);
    await assert.rejects(analyze(client, SMALL, source.token).report, CancelledRun);
    assert.equal((await analyze(client).report).status, 'complete');
    assert.equal(started.length, 1);
  });

  it('fails the runs under way when the process dies, with a sentence, and does the next in a new one', async () => {
    const client = clientOf();
    const running = analyze(client, LONG, CancellationToken.None, 400);
    const waiting = analyze(client);
    await started[0]!.ready;
    process.kill(client.pid!, 'SIGKILL');
    for (const { report } of [running, waiting]) {
      await assert.rejects(report, (error) => {
        assert.ok(error instanceof EngineFailure);
        assert.match(error.message, /^The engine was ended by SIGKILL/);
        return true;
      });
    }
    assert.equal(client.pid, undefined);
    assert.equal((await analyze(client).report).status, 'complete');
    assert.equal(started.length, 2);
  });

  it('restarts five times in three minutes and not a sixth, then again when they have passed', async () => {
    let now = 0;
    const dying = await strangeHost('process.exit(3);');
    const client = clientOf({ module: dying, restarts: new RestartLimit(5, 180_000, () => now) });
    for (let i = 0; i < 6; i++) {
      await assert.rejects(analyze(client).report, /^EngineFailure: The engine ended with exit code 3\.$/);
      now += 1000;
    }
    assert.equal(started.length, 6);
    await assert.rejects(analyze(client).report, /ended 6 times in 3 minutes and is not started again/);
    assert.equal(started.length, 6);
    now += 180_000;
    await assert.rejects(analyze(client).report, /exit code 3/);
    assert.equal(started.length, 7);
  });

  it('refuses a host of another protocol, and one that never becomes ready', async () => {
    const other = clientOf({ module: await strangeHost(readyMessage(PROTOCOL_VERSION + 1)) });
    await assert.rejects(
      analyze(other).report,
      new RegExp(`speaks protocol ${PROTOCOL_VERSION + 1} and the extension ${PROTOCOL_VERSION}`),
    );
    const mute = clientOf({ module: await strangeHost(''), readyTimeout: 300 });
    await assert.rejects(analyze(mute).report, /did not become ready within 0\.3 s/);
    const missing = clientOf({ module: path.join(folder, 'nowhere.js') });
    await assert.rejects(analyze(missing).report, /The engine ended with exit code 1/);
  });

  it('kills a process that does not answer a cancellation, and counts that as no crash', async () => {
    const module = await strangeHost(readyMessage(PROTOCOL_VERSION));
    const client = clientOf({ module, cancelGrace: 100, restarts: new RestartLimit(0) });
    for (let i = 0; i < 2; i++) {
      const source = new CancellationTokenSource();
      const { report } = analyze(client, SMALL, source.token);
      await started[i]!.ready;
      const cancelled = performance.now();
      source.cancel();
      await assert.rejects(report, CancelledRun);
      assert.ok(performance.now() - cancelled < 1000);
      assert.equal(client.pid, undefined);
    }
  });

  it('starts a new engine for a new choice of the runtime, when the runs under way have ended', async () => {
    let runtime: RuntimeChoice = 'native';
    const client = clientOf({ runtime: () => runtime });
    const first = analyze(client);
    const second = analyze(client);
    runtime = 'wasm';
    client.renew();
    for (const { report } of [first, second]) assert.match((await report).engine.runtime, /^onnxruntime-node /);
    assert.equal(client.pid, undefined);
    assert.match((await analyze(client).report).engine.runtime, /^onnxruntime-web /);
    assert.equal(started.length, 2);
    // With no run under way it ends at once.
    client.renew();
    assert.equal(client.pid, undefined);
  });

  it('says which value of the environment variable names no runtime', async () => {
    const variable = process.env.NORMSCOPE_RUNTIME;
    process.env.NORMSCOPE_RUNTIME = 'gpu';
    try {
      await assert.rejects(
        analyze(clientOf()).report,
        /^EngineFailure: The engine ended with exit code 2 \(normscope: the environment variable NORMSCOPE_RUNTIME is gpu, .*auto, native, wasm/,
      );
      // The setting goes before it.
      assert.equal((await analyze(clientOf({ runtime: () => 'native' })).report).status, 'complete');
    } finally {
      if (variable === undefined) delete process.env.NORMSCOPE_RUNTIME;
      else process.env.NORMSCOPE_RUNTIME = variable;
    }
  });

  it('ends an idle engine and starts another when it is needed', async () => {
    const client = clientOf({ idle: 150 });
    await analyze(client).report;
    const first = client.pid!;
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(client.pid, undefined);
    assert.throws(() => process.kill(first, 0), 'the process still lives');
    await analyze(client).report;
    assert.notEqual(client.pid, first);
  });
});
