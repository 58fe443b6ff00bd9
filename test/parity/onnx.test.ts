import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { binaryDocument, elementCount, type Initialization, type Network } from '../../src/engine/network';
import { traceNetwork } from '../../src/engine/probe/trace';
import { readOnnx } from '../../src/engine/readers/onnx';
import { constant, type Tensor, input as tensorInput } from '../../src/engine/tensor';
import { chosenRuntime } from '../chosenRuntime';
import { execute, relativeError } from '../execute';
import { decode, dtypeOf, type EncodedTensor } from './tensors';

const FOLDER = 'test/fixtures/onnx';
const TOLERANCE = 1e-4;

/** What test/parity/onnx_reference.py wrote of a model. */
interface Answer {
  readonly x: EncodedTensor;
  readonly y: EncodedTensor;
  readonly parameters: readonly (readonly [id: string, shape: readonly number[]])[];
}

const answers = JSON.parse(readFileSync(`${FOLDER}/answers.json`, 'utf8')) as Record<string, Answer>;
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.onnx'));

const read = (file: string): Network =>
  readOnnx(binaryDocument(`${process.cwd()}/${FOLDER}/${file}`, readFileSync(`${FOLDER}/${file}`)), { weights: true });

function known(initialization: Initialization, shape: readonly number[]): Tensor {
  if (initialization.kind === 'values') return constant(Float32Array.from(initialization.values), shape);
  assert.equal(initialization.kind, 'constant');
  const value = initialization.kind === 'constant' ? initialization.value : Number.NaN;
  return constant(new Float32Array(elementCount(shape)).fill(value), shape);
}

describe('parity: ONNX files', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('there are files of both exporters for every model', () => {
    const models = Object.keys(answers);
    assert.deepEqual(files.sort(), models.flatMap((name) => [`${name}.dynamo.onnx`, `${name}.script.onnx`]).sort());
  });

  for (const file of files) {
    it(`${file} gives what PyTorch gave`, async () => {
      const answer = answers[file.split('.')[0]!]!;
      const network = read(file);
      const notes = network.unmodelled.filter(({ what }) => what !== 'BatchNorm');
      assert.deepEqual(
        notes.map(({ what, why }) => `${what}: ${why}`),
        [],
      );
      const [only] = network.inputs;
      assert.ok(only && network.inputs.length === 1);
      const stored = new Map([...network.parameters, ...network.buffers].map((each) => [each.id, each]));
      const value = (id: string): Tensor => known(stored.get(id)!.initialization, stored.get(id)!.shape);
      const trace = traceNetwork(network, {
        batch: answer.x.shape[0]!,
        mode: 'evaluate',
        input: () => tensorInput('x', answer.x.shape, dtypeOf(answer.x)),
        parameter: value,
        buffer: value,
        bernoulli: () => assert.fail('nothing is dropped'),
        uniform: () => assert.fail('nothing is drawn'),
      });
      const given = { dtype: dtypeOf(answer.x), shape: answer.x.shape, values: decode(answer.x) };
      const { y } = await execute({ y: trace.outputs[0]! }, { x: given }, runtime);
      assert.deepEqual([...y!.shape], [...answer.y.shape]);
      const error = relativeError(y!.values as Float32Array, decode(answer.y) as Float32Array);
      assert.ok(error < TOLERANCE, `differs by ${error}`);
    });
  }
});
