import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { chosenRuntime } from '../chosenRuntime';
import { relativeError } from '../execute';
import { evaluated, readOnnxFile } from './readOnnxFile';
import { decode, type EncodedTensor } from './tensors';

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
      const network = readOnnxFile(`${FOLDER}/${file}`);
      const notes = network.unmodelled.filter(({ what }) => what !== 'BatchNorm');
      assert.deepEqual(
        notes.map(({ what, why }) => `${what}: ${why}`),
        [],
      );
      const [only] = network.inputs;
      assert.ok(only && network.inputs.length === 1);
      const y = await evaluated(network, only.name, answer.x, answer.x.shape[0]!, runtime);
      assert.deepEqual([...y.shape], [...answer.y.shape]);
      const error = relativeError(y.values as Float32Array, decode(answer.y) as Float32Array);
      assert.ok(error < TOLERANCE, `differs by ${error}`);
    });
  }
});
