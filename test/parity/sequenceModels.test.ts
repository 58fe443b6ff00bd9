import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bindShape, elementCount, fileDocument, isBatchDim, type Network, valueShapes } from '../../src/engine/network';
import { traceNetwork } from '../../src/engine/probe/trace';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { add, constant, gradients, input, mul, sum, type Tensor } from '../../src/engine/tensor';
import { chosenRuntime } from '../chosenRuntime';
import { execute, relativeError } from '../execute';
import { decode, dtypeOf, type EncodedTensor, encode, randomNumbers } from './tensors';

const FIXTURE = 'test/fixtures/sequenceModels.json.gz';
const FILE = 'test/parity/models/sequence_models.py';
const TOLERANCE = 1e-4;
const BATCH = 3;
const STEPS = 4;

interface Case {
  readonly model: string;
  /** In order. */
  readonly inputs: readonly EncodedTensor[];
}

/** What test/parity/sequence_models_reference.py answers to one request. */
interface Answer {
  readonly modules: readonly (readonly [id: string, kind: string])[];
  readonly parameters: readonly (readonly [id: string, shape: readonly number[]])[];
  readonly outputs: readonly EncodedTensor[];
  readonly gradients: Readonly<Record<string, EncodedTensor>>;
}

/** The same numbers for the same name, anywhere. */
const drawn = (name: string, shape: readonly number[], spread: number): EncodedTensor => {
  const random = randomNumbers([...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7));
  return encode(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => spread * random()),
  );
};

const tokens = (name: string): EncodedTensor => drawn(name, [BATCH, STEPS, 8], 1);
/** The last keys of two samples weigh next to nothing. */
const padding = encode([BATCH, STEPS], Float32Array.of(0, 0, 0, 0, 0, 0, 0, -50, 0, 0, -50, -50));

const cases: readonly Case[] = [
  { model: 'Encoder', inputs: [tokens('x'), padding] },
  { model: 'PreNorm', inputs: [tokens('x')] },
  { model: 'OwnActivation', inputs: [drawn('x', [STEPS, BATCH, 8], 1)] },
  { model: 'Decoder', inputs: [tokens('x'), tokens('memory'), padding] },
  { model: 'Whole', inputs: [tokens('x'), drawn('target', [BATCH, 2, 8], 1)] },
  { model: 'Recurrent', inputs: [tokens('x'), encode([BATCH], BigInt64Array.of(2n, 4n, 1n))] },
  { model: 'Cells', inputs: [drawn('x', [BATCH, 8], 1)] },
  { model: 'Heads', inputs: [tokens('x')] },
];

const text = readFileSync(FILE, 'utf8');

/** The network as the reader has it, on the inputs' shapes. */
async function readModel({ model, inputs }: Case): Promise<Network> {
  const given = inputs.map((tensor) => ({ shape: tensor.shape, dtype: dtypeOf(tensor) as 'float32' | 'int64' }));
  const [network, ...others] = await pytorchReader.read(fileDocument(FILE, text), { name: model, inputs: given });
  assert.ok(network && others.length === 0, `${FILE} offers no ${model}`);
  return network;
}

/** What the case gives where the network has its batch: first, or after the steps. */
const batchOf = (network: Network, { inputs }: Case): number =>
  inputs[0]!.shape[network.inputs[0]!.shape.findIndex(isBatchDim)]!;

const parametersOf = (network: Network): Record<string, EncodedTensor> =>
  Object.fromEntries(network.parameters.map(({ id, shape }) => [id, drawn(id, shape, 0.5)]));

describe('parity: networks over sequences', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  async function compare(each: Case, theirs: Answer): Promise<void> {
    const network = await readModel(each);
    assert.deepEqual(network.unmodelled, []);
    assert.deepEqual(
      network.modules.map(({ id, kind }) => [id, kind]),
      theirs.modules,
    );
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => [id, [...shape]]),
      theirs.parameters,
    );
    const given = {
      ...parametersOf(network),
      ...Object.fromEntries(network.inputs.map(({ name }, i) => [`in:${name}`, each.inputs[i]!])),
    };
    const leaf = (name: string): Tensor => input(name, given[name]!.shape, dtypeOf(given[name]!));
    const leaves = new Map(network.parameters.map(({ id }) => [id, leaf(id)]));
    const trace = traceNetwork(network, {
      batch: batchOf(network, each),
      mode: 'train',
      input: (name) => leaf(`in:${name}`),
      parameter: (id) => leaves.get(id)!,
      buffer: (id) => leaves.get(id)!,
      bernoulli: () => assert.fail('nothing is dropped'),
      uniform: () => assert.fail('nothing is drawn'),
    });
    const factors = trace.outputs.map((output, i) => constant(decode(cotangent(i, output.shape)), output.shape));
    const loss = trace.outputs.reduce((total, output, i) => add(total, sum(mul(output, factors[i]!))), constant(0));
    const slopes = gradients(loss, [...leaves.values()]);
    const outputs = Object.fromEntries([
      ...trace.outputs.map((output, i) => [`output ${i}`, output] as const),
      ...[...leaves.keys()].map((id, i) => [`gradient ${id}`, slopes[i]!] as const),
    ]);
    const feeds = Object.fromEntries(
      Object.entries(given).map(([name, tensor]) => [
        name,
        { dtype: dtypeOf(tensor), shape: tensor.shape, values: decode(tensor) },
      ]),
    );
    const found = await execute(outputs, feeds, runtime);
    const close = (name: string, expected: EncodedTensor) => {
      assert.deepEqual([...found[name]!.shape], [...expected.shape], name);
      const error = relativeError(found[name]!.values as Float32Array, decode(expected) as Float32Array);
      assert.ok(error < TOLERANCE, `${name}: differs by ${error}`);
    };
    for (const [i, expected] of theirs.outputs.entries()) close(`output ${i}`, expected);
    for (const [id, expected] of Object.entries(theirs.gradients)) close(`gradient ${id}`, expected);
  }

  const cotangent = (index: number, shape: readonly number[]) => drawn(`cotangent ${index}`, shape, 1);

  const known = (): Answer[] => JSON.parse(gunzipSync(readFileSync(FIXTURE)).toString());

  cases.forEach((each, i) => {
    it(`${each.model} (fixture)`, () => compare(each, known()[i]!));
  });

  it('agree with the PyTorch at hand (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_FIXTURES=1 keeps its answers)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    this.timeout(60_000);
    const requests: unknown[] = [];
    for (const each of cases) {
      const network = await readModel(each);
      const shapes = valueShapes(network);
      const cotangents = network.outputs.map((id, i) =>
        cotangent(i, bindShape(shapes.get(id)!, batchOf(network, each))),
      );
      requests.push({ ...each, parameters: parametersOf(network), cotangents });
    }
    const answer = execFileSync(python, ['test/parity/sequence_models_reference.py'], {
      encoding: 'utf8',
      input: JSON.stringify(requests),
      maxBuffer: 1e8,
    });
    if (process.env.NORMSCOPE_WRITE_FIXTURES) writeFileSync(FIXTURE, gzipSync(answer, { level: 9 }));
    const live = JSON.parse(answer) as Answer[];
    for (const [i, each] of cases.entries()) await compare(each, live[i]!);
  });
});
