import assert from 'node:assert/strict';
import { bindShape, countParameters, elementCount, type Network, valueShapes } from '../../../src/engine/network';
import { traceNetwork } from '../../../src/engine/probe/trace';
import { add, constant, gradients, input, mul, sum, type Tensor } from '../../../src/engine/tensor';
import type { chosenRuntime } from '../../chosenRuntime';
import { execute, relativeError } from '../../execute';
import { decode, type EncodedTensor } from '../tensors';

type Runtime = ReturnType<typeof chosenRuntime>;

const BATCH = 2;

/** Inputs of these names end in zeros in the second sample, as padded sequences do. */
const PADDED = ['tz', 'xz'];

/** What models_reference.py says of a model. */
export interface Answer {
  readonly total: number;
  readonly trainable: number;
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly shapes?: Readonly<Record<string, readonly (number | null)[]>>;
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

/**
 * Weights, shapes, outputs and gradients by our own programs, in inference mode, against Keras's.
 * @throws AssertionError where they differ.
 */
export async function compareModel(read: Network, theirs: Answer, runtime: Runtime): Promise<void> {
  const network = withItsOwnOutputs(read);
  const stored = [...network.parameters, ...network.buffers];
  assert.deepEqual(
    Object.fromEntries(stored.map(({ id, shape }) => [id, [...shape]]).sort()),
    Object.fromEntries(Object.entries(theirs.weights).sort()),
  );
  assert.deepEqual(countParameters(network), { total: theirs.total, trainable: theirs.trainable });
  const shapes = valueShapes(network);
  for (const call of network.calls) {
    const expected = call.module === undefined || call.id !== call.module ? undefined : theirs.shapes?.[call.module];
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
    if (PADDED.includes(name)) values.fill(0, values.length / BATCH + 2 * elementCount(own.slice(2)));
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
