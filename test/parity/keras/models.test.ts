import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  bindShape,
  countParameters,
  elementCount,
  fileDocument,
  type Network,
  valueShapes,
} from '../../../src/engine/network';
import { traceNetwork } from '../../../src/engine/probe/trace';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { add, constant, gradients, input, mul, sum, type Tensor } from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, relativeError } from '../../execute';
import { decode, type EncodedTensor } from '../tensors';

const FOLDER = 'test/parity/keras/models';
const FIXTURE = 'test/fixtures/keras/models.json.gz';
const BATCH = 2;

/** What models_reference.py says of a model. */
interface Answer {
  readonly total: number;
  readonly trainable: number;
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly shapes: Readonly<Record<string, readonly (number | null)[]>>;
  readonly outputs: readonly EncodedTensor[];
  readonly gradients: Readonly<Record<string, EncodedTensor>>;
}

/** The same numbers for the same name as models_reference.py draws. */
function drawn(name: string, shape: readonly number[], low: number, high: number): Float32Array {
  const seed = [...name].reduce((total, letter, i) => total + letter.charCodeAt(0) * (i + 1), 0) % 1000;
  return Float32Array.from({ length: elementCount(shape) }, (_, i) => {
    const value = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return low + (value - Math.floor(value)) * (high - low);
  });
}

async function readModel(file: string): Promise<Network> {
  const full = path.join(FOLDER, file);
  const networks = await pythonReader.read(fileDocument(full, readFileSync(full, 'utf8')), { name: 'model' });
  assert.equal(networks.length, 1);
  assert.deepEqual(networks[0]!.unmodelled, []);
  return networks[0]!;
}

/** The loss may be put on what a last softmax or sigmoid takes; the model itself gives what that makes. */
function withItsOwnOutputs(network: Network): Network {
  const outputs = network.outputs.map((id) => {
    const [only, ...more] = network.calls.filter(({ inputs }) =>
      inputs.some((operand) => 'value' in operand && operand.value === id),
    );
    return only && more.length === 0 && /^(Softmax|Sigmoid)$/.test(only.kind) ? only.id : id;
  });
  return { ...network, outputs };
}

describe('parity of models with Keras', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  const answers = (text: string): Readonly<Record<string, Answer>> => JSON.parse(text).models;
  const committed = () => answers(gunzipSync(readFileSync(FIXTURE)).toString());

  /** Outputs and gradients by our own programs, in inference mode. */
  async function compare(file: string, theirs: Answer): Promise<void> {
    const network = withItsOwnOutputs(await readModel(file));
    const stored = [...network.parameters, ...network.buffers];
    assert.deepEqual(
      Object.fromEntries(stored.map(({ id, shape }) => [id, [...shape]]).sort()),
      Object.fromEntries(Object.entries(theirs.weights).sort()),
    );
    assert.deepEqual(countParameters(network), { total: theirs.total, trainable: theirs.trainable });
    const shapes = valueShapes(network);
    for (const call of network.calls) {
      const expected = call.module === undefined || call.id !== call.module ? undefined : theirs.shapes[call.module];
      if (expected) assert.deepEqual(bindShape(shapes.get(call.id)!, BATCH), [BATCH, ...expected.slice(1)], call.id);
    }
    const feeds: Record<
      string,
      { dtype: 'float32' | 'int64'; shape: readonly number[]; values: Float32Array | BigInt64Array }
    > = {};
    const leaf = (name: string): Tensor => input(name, feeds[name]!.shape, feeds[name]!.dtype);
    for (const { id, shape } of stored) {
      const [low, high] = id.endsWith('variance') ? [0.5, 1.5] : [-0.5, 0.5];
      feeds[id] = { dtype: 'float32', shape, values: drawn(id, shape, low!, high!) };
    }
    network.inputs.forEach(({ name, shape, dtype }, i) => {
      const own = bindShape(shape, BATCH);
      const values = drawn(`input ${i}`, own, dtype === 'int64' ? 0 : -1, dtype === 'int64' ? 10 : 1);
      feeds[`in:${name}`] = {
        dtype,
        shape: own,
        values: dtype === 'int64' ? BigInt64Array.from(values, (v) => BigInt(Math.floor(v))) : values,
      };
    });
    const leaves = new Map(stored.map(({ id }) => [id, leaf(id)]));
    const trace = traceNetwork(network, {
      batch: BATCH,
      mode: 'evaluate',
      input: (name) => leaf(`in:${name}`),
      parameter: (id) => leaves.get(id)!,
      buffer: (id) => leaves.get(id)!,
      bernoulli: () => assert.fail('nothing is dropped in inference'),
      uniform: () => assert.fail('nothing is drawn'),
    });
    const { outputs } = trace;
    const loss = outputs.reduce(
      (total, output, i) =>
        add(total, sum(mul(output, constant(drawn(`output ${i}`, output.shape, -1, 1), output.shape)))),
      constant(0),
    );
    const learned = network.parameters.map(({ id }) => id);
    const slopes = gradients(
      loss,
      learned.map((id) => leaves.get(id)!),
    );
    const found = await execute(
      Object.fromEntries([
        ...outputs.map((output, i) => [`output ${i}`, output] as const),
        ...learned.map((id, i) => [`gradient ${id}`, slopes[i]!] as const),
      ]),
      feeds as Parameters<typeof execute>[1],
      runtime,
    );
    const close = (name: string, expected: EncodedTensor) => {
      assert.deepEqual([...found[name]!.shape], [...expected.shape], name);
      const [ours, values] = [found[name]!.values as Float32Array, decode(expected) as Float32Array];
      // A key's bias moves all scores of a row alike: its gradient is zero but for rounding.
      if (/\.key\.bias$/.test(name))
        return assert.ok(
          ours.every((value) => Math.abs(value) < 1e-5),
          name,
        );
      const error = relativeError(ours, values);
      assert.ok(error < 1e-4, `${name}: differs by ${error}`);
    };
    theirs.outputs.forEach((expected, i) => {
      close(`output ${i}`, expected);
    });
    for (const [id, expected] of Object.entries(theirs.gradients)) close(`gradient ${id}`, expected);
  }

  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.py'))) {
    it(`${file}: weights, shapes, outputs and gradients`, () => compare(file, committed()[file]!));
  }

  it('agree with the Keras at hand (NORMSCOPE_KERAS names its Python)', async function () {
    const python = process.env.NORMSCOPE_KERAS;
    if (!python) return this.skip();
    this.timeout(120_000);
    const { stdout, stderr, status } = spawnSync(python, ['test/parity/keras/models_reference.py'], {
      maxBuffer: 2 ** 30,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    for (const [file, answer] of Object.entries(answers(stdout))) await compare(file, answer);
  });
});
