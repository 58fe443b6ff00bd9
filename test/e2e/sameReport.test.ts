import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { notifications, requests } from '../../src/engine/protocol';
import { json } from '../../src/engine/report/json';

/** A bundle beside this test's or above it. */
function bundle(name: string): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, name);
    if (existsSync(candidate)) return candidate;
    assert.notEqual(folder, path.dirname(folder), `there is no ${name}: run node esbuild.mjs --tests`);
  }
}

const root = process.cwd();
/** So long that no clock stops a run. */
const BUDGET = '300';

interface Example {
  readonly name: string;
  readonly file: string;
  readonly steps: number;
  readonly seeds: number;
  readonly advise: boolean;
}

// Small in steps and seeds: what differs between two runs differs in the first of them.
const examples: readonly Example[] = [
  { name: 'an MLP, with advice', file: 'examples/deep_sigmoid.py', steps: 4, seeds: 2, advise: true },
  { name: 'a CNN', file: 'examples/small_resnet.py', steps: 2, seeds: 1, advise: false },
  { name: 'a CNN at batch 2', file: 'examples/cnn_batch2.py', steps: 2, seeds: 2, advise: false },
  { name: 'a Transformer', file: 'examples/post_ln_transformer.normscope.yaml', steps: 2, seeds: 1, advise: false },
  { name: 'a description', file: 'examples/deep_sigmoid.normscope.yaml', steps: 4, seeds: 2, advise: true },
  {
    name: 'convolutions with Dropout and BatchNorm, with advice',
    file: 'test/fixtures/convolutions.normscope.yaml',
    steps: 4,
    seeds: 2,
    advise: true,
  },
];

/** The report's text without what the clock says. */
function timeless(text: string): string {
  const without = text.replace(/"timings": \{[^}]*\}/, '"timings": {}');
  assert.notEqual(without, text, 'a report without timings');
  return without;
}

const optionsOf = ({ steps, seeds, advise }: Example): string[] => [
  ...['--steps', `${steps}`, '--seeds', `${seeds}`, '--budget', BUDGET, '--json'],
  ...(advise ? [] : ['--no-advise']),
];

async function commandLine(example: Example, ...more: string[]): Promise<string> {
  const given = [bundle('cli.js'), 'analyze', example.file, ...optionsOf(example), ...more];
  const { stdout } = await promisify(execFile)(process.execPath, given, { maxBuffer: 1e8 });
  assert.equal((JSON.parse(stdout) as { status: string }).status, 'complete');
  return timeless(stdout);
}

/** The same analyses in one engine host, one after the other: what each leaves behind must not matter to the next. */
async function inOneHost(all: readonly Example[]): Promise<string[]> {
  const child = fork(bundle('host.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  connection.onUnhandledNotification(() => undefined);
  const ready = new Promise((resolve) => connection.onNotification(notifications.ready, resolve));
  connection.listen();
  try {
    await ready;
    const texts: string[] = [];
    for (const [runId, { file, steps, seeds, advise }] of all.entries()) {
      const full = path.join(root, file);
      const report = await connection.sendRequest(requests.analyze, {
        runId,
        document: {
          uri: pathToFileURL(full).href,
          baseUri: pathToFileURL(root).href,
          text: await readFile(full, 'utf8'),
        },
        read: {},
        options: { seed: 0, steps, seeds, advise, budgetSeconds: Number(BUDGET) },
      });
      texts.push(timeless(json(report)));
    }
    return texts;
  } finally {
    connection.dispose();
    child.kill('SIGKILL');
  }
}

describe('the same seed gives the same report, byte for byte apart from timings', function () {
  this.timeout(240_000);
  const first = new Map<Example, string>();

  for (const example of examples) {
    it(`${example.name}: by the command line, twice`, async () => {
      first.set(example, await commandLine(example));
      assert.equal(await commandLine(example), first.get(example));
    });
  }

  it('two at a time, each slowing the other, as well', async () => {
    const [one, , , , , other] = examples;
    const both = await Promise.all([commandLine(one!), commandLine(other!)]);
    assert.deepEqual(both, [first.get(one!), first.get(other!)]);
  });

  it('by an engine host that other runs have warmed, as well', async () => {
    const [mlp, cnn, , transformer, , convolutions] = examples;
    const order = [mlp!, cnn!, convolutions!, transformer!, mlp!, cnn!];
    const texts = await inOneHost(order);
    for (const [i, example] of order.entries()) assert.equal(texts[i], first.get(example), `run ${i}: ${example.name}`);
  });

  it('and another seed another one', async () => {
    const [example] = examples;
    assert.notEqual(await commandLine(example!, '--seed', '1'), first.get(example!));
  });
});
