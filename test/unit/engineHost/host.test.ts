import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, type MessageConnection, ResponseError } from 'vscode-jsonrpc';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import {
  type AnalyzeParams,
  type DocumentText,
  documentNotifications,
  type Failure,
  failureCodes,
  notifications,
  type PartialParams,
  PROTOCOL_VERSION,
  type ProgressParams,
  type ReadyParams,
  requests,
} from '../../../src/engine/protocol';
import type { Report, RuleSeverities } from '../../../src/engine/report';

const SMALL =
  'input: [8]\nbatch: 4\nlayers:\n  - Linear: {out_features: 6}\n  - Sigmoid\n  - Linear: {out_features: 3}\n';
const DEEP = 'input: [512]\nbatch: 64\nlayers:\n  - repeat: 20\n    layers: [{Linear: {out_features: 512}}, ReLU]\n';

const document = (text: string, name = 'small.normscope.yaml'): DocumentText => ({
  uri: `file:///somewhere/models/${name}`,
  baseUri: 'file:///somewhere',
  text,
});

const run = (runId: number, text: string, options: Partial<AnalyzeParams['options']> = {}): AnalyzeParams => ({
  runId,
  document: document(text),
  read: {},
  options: { seed: 0, steps: 3, seeds: 2, budgetSeconds: 60, advise: false, ...options },
});

const failure = async (promise: Promise<unknown>): Promise<ResponseError<Failure>> => {
  const error: unknown = await promise.then(
    () => assert.fail('it was answered without an error'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ResponseError, String(error));
  return error as ResponseError<Failure>;
};

describe('engine host: the process', () => {
  let child: ChildProcess;
  let connection: MessageConnection;
  let heard: string[];
  let progress: ProgressParams[];
  let partial: PartialParams[];
  let ready: ReadyParams;

  beforeEach(async () => {
    child = fork(path.resolve('dist', 'host.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    heard = [];
    progress = [];
    partial = [];
    connection.onNotification(notifications.progress, (params) => void progress.push(params));
    connection.onNotification(notifications.partial, (params) => void partial.push(params));
    connection.onUnhandledNotification(({ method }) => void heard.push(method));
    ready = await new Promise((resolve) => {
      connection.onNotification(notifications.ready, (params) => {
        heard.push('ready');
        resolve(params);
      });
      connection.listen();
    });
  });
  afterEach(() => {
    connection.dispose();
    child.kill('SIGKILL');
  });

  it('says ready, with its protocol and version, before anything else', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    assert.deepEqual(ready, { protocol: PROTOCOL_VERSION, engine: version });
    await connection.sendRequest(requests.readNetworks, { document: document(SMALL), options: {} });
    assert.equal(heard[0], 'ready');
    assert.ok(heard.includes(notifications.log.method), 'nothing was logged');
  });

  it('offers the networks of a text that is on no disk, and says what is missing', async () => {
    const offered = await connection.sendRequest(requests.readNetworks, { document: document(SMALL), options: {} });
    assert.deepEqual(offered.networks, [
      {
        name: 'small',
        source: { file: 'models/small.normscope.yaml', line: 1, column: 1 },
        parameters: 8 * 6 + 6 + 6 * 3 + 3,
        layers: 3,
        structure: offered.networks[0]!.structure,
        inputs: [{ name: 'input', shape: [4, 8], dtype: 'float32' }],
        batch: { size: 4, origin: 'batch, line 2' },
        missing: [],
      },
    ]);
    const structure = async (text: string) =>
      (await connection.sendRequest(requests.readNetworks, { document: document(text), options: {} })).networks[0]
        ?.structure;
    assert.equal(await structure(`# a comment\n${SMALL}`), offered.networks[0]?.structure);
    assert.notEqual(await structure(SMALL.replace('batch: 4', 'batch: 5')), offered.networks[0]?.structure);
    assert.notEqual(await structure(SMALL.replace('Sigmoid', 'Tanh')), offered.networks[0]?.structure);
    assert.deepEqual(offered.findings, []);
    const one = SMALL.replace('batch: 4', 'batch: 1').replace('layers:', 'layers:\n  - BatchNorm1d');
    const found = await connection.sendRequest(requests.readNetworks, {
      document: document(one),
      options: {},
      findings: true,
    });
    assert.deepEqual(
      found.findings.map(({ rule, severity, source }) => [rule, severity, source.file]),
      [['batchnorm-small-batch', 'error', 'models/small.normscope.yaml']],
    );
    const judged = async (text: string, rules?: RuleSeverities) => {
      const params = { document: document(text), options: {}, findings: true, ...(rules && { rules }) };
      const { findings } = await connection.sendRequest(requests.readNetworks, params);
      return findings.map(({ severity }) => severity);
    };
    assert.deepEqual(await judged(one, { 'batchnorm-small-batch': 'note' }), ['note']);
    assert.deepEqual(await judged(one, { 'batchnorm-small-batch': 'off' }), []);
    assert.deepEqual(await judged(one.replace('- BatchNorm1d', '- BatchNorm1d  # normscope: ignore')), []);
    const without = SMALL.replace('batch: 4\n', '');
    const [network] = (
      await connection.sendRequest(requests.readNetworks, { document: document(without), options: {} })
    ).networks;
    assert.deepEqual(network?.missing, ['batch']);
  });

  it('asks for the input and the constructor arguments that a PyTorch file does not say', async () => {
    const python = (text: string) => document(text, 'net.py');
    const layers =
      'import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n';
    const open = `${layers}        self.conv = nn.Conv2d(3, 8, 3)\n    def forward(self, x):\n        return self.conv(x).flatten(1)\n`;
    const any = open.replace('nn.Conv2d(3, 8, 3)', 'nn.PReLU()');
    const { networks } = await connection.sendRequest(requests.readNetworks, { document: python(any), options: {} });
    assert.deepEqual(networks[0]?.missing, ['input', 'batch']);
    const needing = open.replace('(self)', '(self, width)').replace('(3, 8, 3)', '(3, width, 3)');
    const error = await failure(
      connection.sendRequest(requests.readNetworks, { document: python(needing), options: {} }),
    );
    assert.equal(error.data?.kind, 'input');
    assert.deepEqual(error.data.needs, ['width']);
    const given = await connection.sendRequest(requests.readNetworks, {
      document: python(needing),
      options: { set: { width: '8' }, inputs: [{ shape: [2, 3, 8, 8] }], batch: 2 },
    });
    assert.equal(given.networks[0]?.parameters, 3 * 8 * 9 + 8);
    assert.deepEqual(given.networks[0].missing, []);
  });

  it('tells progress and first numbers before the report', async () => {
    const report = await connection.sendRequest(requests.analyze, run(7, SMALL, { advise: true }));
    assert.equal(report.status, 'complete');
    assert.ok(report.recommendation);
    assert.equal(report.layers.length, 3);
    assert.deepEqual(report.layers[0]?.source, { file: 'models/small.normscope.yaml', line: 4, column: 5 });
    assert.ok(progress.length > 0 && progress.every(({ runId }) => runId === 7));
    // The first step alone, then each seed.
    assert.equal(partial.length, 3);
    assert.ok(partial[0]?.report.layers.some(({ gradientNorm }) => gradientNorm !== null));
    for (const { runId, report: first } of partial) {
      assert.equal(runId, 7);
      assert.equal(first.recommendation, null);
    }
    // The network's own figures are final by then.
    assert.deepEqual(partial.at(-1)?.report.layers, report.layers);
  });

  it('answers wrong input with its place, and what no reader reads with the files that are read', async () => {
    const error = await failure(connection.sendRequest(requests.analyze, run(1, SMALL.replace('Sigmoid', 'Sigmoyd'))));
    assert.equal(error.code, failureCodes.input);
    assert.equal(error.data?.kind, 'input');
    assert.deepEqual(error.data.source, { file: 'models/small.normscope.yaml', line: 5, column: 5 });
    assert.match(error.message, /Sigmoid/);
    const unread = await failure(
      connection.sendRequest(requests.readNetworks, { document: document('x', 'notes%20.txt'), options: {} }),
    );
    assert.match(unread.message, /no reader reads notes \.txt; open one of .*\*\.py/);
    const large = await failure(
      connection.sendRequest(requests.readNetworks, { document: document('#'.repeat(5_000_001)), options: {} }),
    );
    assert.match(large.message, /5\.0 MB/);
  });

  it('cancels the run under way and one that waits, and does the next', async () => {
    const first = new CancellationTokenSource();
    const second = new CancellationTokenSource();
    const long = { steps: 400, seeds: 4 };
    const running = failure(connection.sendRequest(requests.analyze, run(1, DEEP, long), first.token));
    const waiting = failure(connection.sendRequest(requests.analyze, run(2, DEEP, long), second.token));
    const next = connection.sendRequest(requests.analyze, run(3, SMALL));
    await new Promise((resolve) => setTimeout(resolve, 500));
    second.cancel();
    const beforeFirst = await waiting;
    assert.deepEqual(beforeFirst.data, { kind: 'cancelled' });
    first.cancel();
    const cancelled = performance.now();
    assert.equal((await running).code, failureCodes.cancelled);
    assert.ok(performance.now() - cancelled < 1000, 'cancelling took over a second');
    assert.equal((await next).status, 'complete');
  });

  it('keeps two runs apart and gives both the same report for the same seed', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((runId) => connection.sendRequest(requests.analyze, run(runId, SMALL))),
    );
    const untimed = (report: Report | undefined) => ({ ...report, timings: null });
    assert.deepEqual(untimed(one), untimed(two));
  });

  describe('while a document is typed', () => {
    const uri = 'file:///somewhere/models/typed.py';
    const MODEL = `from torch import nn
# normscope: input=8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 16)
        self.b = nn.Linear(16, 4)
    def forward(self, x):
        return self.b(self.a(x))
`;
    const open = (text: string, version = 1) =>
      connection.sendNotification(documentNotifications.open, {
        document: { uri, baseUri: 'file:///somewhere', text },
        version,
      });
    const current = (version: number) =>
      connection.sendRequest(requests.currentNetworks, { uri, version, options: {} });

    it('follows its edits, and says what the text says by now', async () => {
      await open(MODEL);
      assert.equal((await current(1)).networks[0]?.parameters, 8 * 16 + 16 + 16 * 4 + 4);
      const at = MODEL.indexOf('16, 4');
      await connection.sendNotification(documentNotifications.change, {
        uri,
        version: 2,
        changes: [
          { offset: at + 4, length: 1, text: '10' },
          { offset: MODEL.indexOf('# normscope'), length: 0, text: '# 𝕏\n' },
        ],
      });
      const typed = await current(2);
      assert.equal(typed.version, 2);
      assert.equal(typed.networks[0]?.parameters, 8 * 16 + 16 + 16 * 10 + 10);
      assert.deepEqual(typed.networks[0]?.source, { file: 'models/typed.py', line: 4, column: 1 });
      // A layer that fits no longer is said at its line, and half a statement costs its class.
      await connection.sendNotification(documentNotifications.change, {
        uri,
        version: 3,
        changes: [{ offset: MODEL.indexOf('8, 16') + '# 𝕏\n'.length, length: 1, text: '9' }],
      });
      const { data, message } = await failure(current(3));
      assert.equal(data?.kind === 'input' && data.source?.line, 7);
      assert.match(message, /shapes cannot be multiplied/);
    });

    it('drops what is out of date, unread', async () => {
      const logged: string[] = [];
      connection.onNotification(notifications.log, ({ message }) => void logged.push(message));
      await open(MODEL);
      const answers: Promise<unknown>[] = [];
      for (let version = 2; version <= 30; version++) {
        void connection.sendNotification(documentNotifications.change, {
          uri,
          version,
          changes: [{ offset: 0, length: 0, text: '#\n' }],
        });
        answers.push(
          current(version).then(
            ({ networks }) => networks[0]?.source.line,
            (error: ResponseError<Failure>) => error.data?.kind,
          ),
        );
      }
      const given = await Promise.all(answers);
      assert.equal(given.at(-1), 3 + 29);
      assert.ok(given.filter((answer) => answer === 'cancelled').length > 15, String(given));
      assert.equal(
        logged.filter((line) => line.startsWith('follow took')).length,
        given.filter((answer) => answer !== 'cancelled').length,
      );
    });

    it('knows no document that was closed, and none that was never opened', async () => {
      assert.equal((await failure(current(1))).data?.kind, 'cancelled');
      await open(MODEL);
      await connection.sendNotification(documentNotifications.close, { uri });
      assert.equal((await failure(current(1))).data?.kind, 'cancelled');
    });

    it('follows the cells of a notebook, each by its own URI', async () => {
      const notebook = 'file:///somewhere/net.ipynb';
      const cells = ['%pip list\nfrom torch import nn', 'm = nn.Linear(4, 2)'].map((text, index) => ({
        uri: `vscode-notebook-cell:/somewhere/net.ipynb#${index}`,
        text,
        index,
      }));
      await connection.sendNotification(documentNotifications.open, {
        document: { uri: notebook, baseUri: 'file:///somewhere', text: '', cells },
        version: 1,
      });
      await connection.sendNotification(documentNotifications.change, {
        uri: notebook,
        version: 2,
        cell: cells[1]!.uri,
        changes: [{ offset: 0, length: 0, text: '\n' }],
      });
      const { networks } = await connection.sendRequest(requests.currentNetworks, {
        uri: notebook,
        version: 2,
        options: {},
      });
      assert.deepEqual(networks[0]?.source, { file: cells[1]!.uri, line: 2, column: 5 });
    });
  });

  it('ends when its parent lets go of it', async () => {
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    child.disconnect();
    assert.equal(await ended, 0);
  });
});

describe('engine host: places', () => {
  it('are relative to the base for files, and the URI for documents that are no files', async () => {
    const child = fork(path.resolve('dist', 'host.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    try {
      const ask = async (uri: string, baseUri: string) =>
        (
          await connection.sendRequest(requests.readNetworks, {
            document: { uri, baseUri, text: SMALL },
            options: {},
          })
        ).networks[0]?.source.file;
      const folder = path.resolve('a folder#1');
      const file = pathToFileURL(path.join(folder, 'deep', 'net.normscope.yaml')).href;
      assert.equal(await ask(file, pathToFileURL(folder).href), 'deep/net.normscope.yaml');
      const untitled = 'untitled:net.normscope.yaml';
      assert.equal(await ask(untitled, 'untitled:'), untitled);
      const virtual = 'vscode-vfs://github/someone/models/net.normscope.yaml';
      assert.equal(await ask(virtual, 'vscode-vfs://github/someone/models'), virtual);
    } finally {
      connection.dispose();
      child.kill('SIGKILL');
    }
  });
});
