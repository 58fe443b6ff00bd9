import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { bindShape, countParameters, fileDocument, type Network } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';

/** What PyTorch says about one example: see inspect_models.py. */
interface Inspected {
  readonly total: number;
  readonly trainable: number;
  readonly input: readonly number[];
  readonly modules: readonly (readonly [id: string, kind: string])[];
  readonly parameters: readonly (readonly [id: string, shape: readonly number[]])[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const root = process.cwd();

async function readExample(file: string): Promise<Network> {
  const full = path.join(root, 'examples', file);
  const [network, ...others] = await pytorchReader.read(fileDocument(full, readFileSync(full, 'utf8')), {});
  assert.ok(network, `${file} offers no network`);
  assert.equal(others.length, 0, `${file} offers more than one network`);
  return network;
}

function compare(network: Network, expected: Inspected): void {
  assert.deepEqual(countParameters(network), { total: expected.total, trainable: expected.trainable });
  assert.deepEqual(
    network.modules.map(({ id, kind }) => [id, kind]),
    expected.modules,
  );
  assert.deepEqual(
    network.parameters.map(({ id, shape }) => [id, shape]),
    expected.parameters,
  );
  const batch = expected.input[0]!;
  assert.deepEqual(
    network.inputs.map(({ shape }) => bindShape(shape, batch)),
    [expected.input],
  );
  const calls = new Map(network.calls.map((call) => [call.id, call]));
  for (const [id, shape] of Object.entries(expected.shapes)) {
    const children = network.modules.some((module) => module.id.startsWith(`${id}.`));
    const container = network.modules.find((module) => module.id === id)!.container;
    // An empty Sequential hands its input on: it is no call.
    if (container && !children) continue;
    assert.deepEqual(bindShape(calls.get(id)!.outputShapes[0]!, batch), shape, `the output of ${id}`);
  }
  assert.deepEqual(network.unmodelled, []);
}

const fixture = JSON.parse(readFileSync(path.join(root, 'test/fixtures/inspect.json'), 'utf8')) as Record<
  string,
  Inspected
>;

describe('the examples as PyTorch sees them', () => {
  for (const [file, expected] of Object.entries(fixture)) {
    it(`${file}: modules, parameters and shapes equal the committed fixture`, async () => {
      compare(await readExample(file), expected);
    });
  }

  it('equal PyTorch live', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) {
      this.test!.title += ' (skipped: NORMSCOPE_PYTHON names no Python with torch)';
      this.skip();
    }
    const script = path.join(root, 'test/parity/inspect_models.py');
    const live = JSON.parse(execFileSync(python, [script], { encoding: 'utf8' })) as Record<string, Inspected>;
    assert.deepEqual(Object.keys(live), Object.keys(fixture));
    for (const [file, expected] of Object.entries(live)) compare(await readExample(file), expected);
  });
});

describe('the batch sizes of the examples', () => {
  for (const [file, size] of [
    ['deep_sigmoid.py', 64],
    ['small_resnet.py', 32],
    ['cnn_batch2.py', 2],
  ] as const) {
    it(`${file} is trained at ${size}, which its training DataLoader says`, async () => {
      const { batch } = await readExample(file);
      assert.equal(batch.size, size);
      assert.match(batch.origin, /^DataLoader\(batch_size=\d+\), line \d+$/);
    });
  }
});
