import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bindShape, countParameters, fileDocument, type Network, valueShapes } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';

const FOLDER = 'test/parity/models/families';
const FIXTURE = 'test/fixtures/families.json';
const BATCH = 3;

/** Every model that the tests build; each is read without a word about its input. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  images: [
    ...['PlainCNN', 'ResNet', 'UNet', 'ConvNeXt', 'MobileNetV2', 'SENet', 'DenseNet', 'Inception', 'StyleTransfer'],
    ...['SuperResolution', 'Siamese', 'FeaturePyramid'],
  ],
  generative: [
    'Generator',
    'Discriminator',
    'Critic',
    'VAE',
    'Autoencoder',
    'ConditionalGenerator',
    'Denoiser',
    'RealNVP',
  ],
  sequences: [
    ...['LanguageModel', 'Seq2Seq', 'TransformerClassifier', 'Translator', 'GPT', 'WaveNet', 'TemporalConvNet'],
    ...['CellByCell', 'SpeechCNN', 'AttentionPooling'],
  ],
  patches: [
    ...['ViT', 'MLPMixer', 'WindowTransformer', 'PointNet', 'GCN', 'Siren', 'NeRF', 'DuelingDQN', 'ActorCritic'],
    ...['MixtureOfExperts'],
  ],
};

/** What PyTorch is asked: see families_reference.py. */
interface Request {
  readonly file: string;
  readonly model: string;
  readonly config?: string;
  readonly inputs: readonly { name: string; shape: readonly number[]; dtype: string; vocabulary?: number }[];
  readonly absent: readonly string[];
}

interface Answer {
  readonly modules: readonly (readonly [id: string, kind: string])[];
  readonly parameters: readonly (readonly [id: string, shape: readonly number[]])[];
  readonly total: number;
  /** By module: the shapes that each of its calls gave. */
  readonly shapes: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
  readonly outputs: readonly (readonly number[])[];
}

interface Known {
  readonly request: Request;
  readonly answer: Answer;
}

async function readFamily(file: string, model: string): Promise<Network> {
  const full = path.resolve(FOLDER, `${file}.py`);
  const networks = await pytorchReader.read(fileDocument(full, readFileSync(full, 'utf8')), { name: model });
  assert.equal(networks.length, 1);
  return networks[0]!;
}

/** Inputs that a model's forward requires and the reader leaves out, as it says. */
const ABSENT: Readonly<Record<string, readonly string[]>> = { LanguageModel: ['hidden'] };
const CONFIGS: Readonly<Record<string, string>> = { GPT: 'GPTConfig' };

const requestOf = (file: string, model: string, network: Network): Request => ({
  file,
  model,
  ...(CONFIGS[model] && { config: CONFIGS[model] }),
  inputs: network.inputs.map(({ name, shape, dtype, vocabulary }) => ({
    name,
    shape: bindShape(shape, BATCH),
    dtype,
    ...(vocabulary !== undefined && { vocabulary }),
  })),
  absent: ABSENT[model] ?? [],
});

/** The shapes of each call of a module as the reader has them; undefined where no call is the module's own. */
function callsOf(network: Network, id: string): (readonly number[])[][] {
  return network.calls
    .filter((call) => call.module === id)
    .map(({ outputShapes }) => outputShapes.map((shape) => bindShape(shape, BATCH)));
}

function compare(network: Network, { modules, parameters, total, shapes, outputs }: Answer): void {
  assert.deepEqual(network.unmodelled, []);
  assert.deepEqual(
    network.modules.map(({ id, kind }) => [id, kind]),
    modules,
  );
  assert.deepEqual(
    network.parameters.map(({ id, shape }) => [id, [...shape]]),
    parameters,
  );
  assert.equal(countParameters(network).total, total);
  let compared = 0;
  for (const { id, container } of network.modules) {
    const ours = callsOf(network, id);
    if (container && ours.length === 0) continue;
    const theirs = shapes[id] ?? [];
    // Of attention PyTorch gives the averaged weights too, of recurrent layers the states; all of them are outputs.
    assert.deepEqual(ours, theirs, `the outputs of ${id}`);
    compared += ours.length;
  }
  assert.ok(compared > 0, 'no call was compared');
  const all = valueShapes(network);
  assert.deepEqual(
    network.outputs.map((value) => bindShape(all.get(value)!, BATCH)),
    outputs,
  );
}

describe('parity: networks of different families, read without flags', () => {
  const all = Object.entries(FAMILIES).flatMap(([file, models]) => models.map((model) => [file, model] as const));
  const known = () => JSON.parse(readFileSync(FIXTURE, 'utf8')) as Readonly<Record<string, Known>>;

  it('are at least 30', () => assert.ok(all.length >= 30));

  for (const [file, model] of all) {
    it(`${model} (fixture)`, async () => {
      const network = await readFamily(file, model);
      const { request, answer } = known()[model]!;
      assert.deepEqual(requestOf(file, model, network), request);
      compare(network, answer);
    });
  }

  it('agree with the PyTorch at hand (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_FIXTURES=1 keeps its answers)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    this.timeout(120_000);
    const networks = await Promise.all(all.map(([file, model]) => readFamily(file, model)));
    const requests = all.map(([file, model], i) => requestOf(file, model, networks[i]!));
    const said = execFileSync(python, ['test/parity/families_reference.py'], {
      encoding: 'utf8',
      input: JSON.stringify(requests),
      maxBuffer: 1e8,
    });
    const answers = JSON.parse(said) as Answer[];
    if (process.env.NORMSCOPE_WRITE_FIXTURES) {
      const kept = Object.fromEntries(all.map(([, model], i) => [model, { request: requests[i], answer: answers[i] }]));
      writeFileSync(FIXTURE, `${JSON.stringify(kept)}\n`);
    }
    networks.forEach((network, i) => {
      try {
        compare(network, answers[i]!);
      } catch (error) {
        if (error instanceof Error) error.message = `${all[i]![1]}: ${error.message}`;
        throw error;
      }
    });
  });
});
