import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import {
  binaryDocument,
  countParameters,
  fileDocument,
  InputError,
  type Network,
} from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { pythonReader, savedArchiveReader, savedJsonReader } from '../../../../src/engine/readers/pythonFiles';

const HEAD = 'import keras\nfrom keras import layers\n';

async function all(text: string, options: ReadOptions = {}): Promise<readonly Network[]> {
  return pythonReader.read(fileDocument('model.py', HEAD + text), options);
}

async function read(text: string, options: ReadOptions = {}): Promise<Network> {
  const [network, ...others] = await all(text, options);
  assert.ok(network && others.length === 0);
  return network;
}

const refusal = async (text: string): Promise<InputError> => {
  try {
    await all(text);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error;
  }
  return assert.fail('it is read');
};

const kinds = ({ modules }: Network) => modules.map(({ id, kind }) => `${id}: ${kind}`);

describe('Keras: Python files', () => {
  it('reads Sequential by list and by add, with Keras names, and says where the input comes from', async () => {
    const network = await read(`model = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation='relu')])
model.add(layers.Dense(2))
`);
    assert.deepEqual(kinds(network), ['dense: Dense', 'dense_1: Dense']);
    assert.deepEqual(
      network.calls.map(({ id, kind }) => [id, kind]),
      [
        ['dense', 'KerasDense'],
        ['dense.relu', 'ReLU'],
        ['dense_1', 'KerasDense'],
      ],
    );
    assert.equal(network.inputs[0]!.origin, 'Input, line 3');
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => [id, shape]),
      [
        ['dense.kernel', [8, 4]],
        ['dense.bias', [4]],
        ['dense_1.kernel', [4, 2]],
        ['dense_1.bias', [2]],
      ],
    );
  });

  it('reads tf.keras under all its names', async () => {
    for (const start of [
      'import tensorflow as tf\nL = tf.keras.layers\n',
      'from tensorflow.keras import layers as L\n',
    ]) {
      const network = await read(`${start}from tensorflow import keras as k
model = k.Sequential([k.Input((4,)), L.Dense(3)])
`);
      assert.equal(countParameters(network).total, 15);
    }
  });

  it('gives a shared layer one weight and several calls', async () => {
    const network = await read(`a, b = keras.Input((3,), name='a'), keras.Input((3,), name='b')
shared = layers.Dense(2)
model = keras.Model([a, b], shared(a) + shared(b))
`);
    assert.equal(network.parameters.length, 2);
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['dense', 'dense@2', 'add'],
    );
    assert.deepEqual(
      network.inputs.map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('makes the weights of a subclass where its input is known, and says so where it is not', async () => {
    const text = `class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = [layers.Dense(4), layers.Dense(2)]
    def call(self, x):
        for layer in self.body:
            x = layer(x)
        return x
`;
    const open = await read(text);
    assert.deepEqual([open.inputs.length, open.parameters.length], [0, 0]);
    assert.match(open.unmodelled.at(-1)!.why, /makes weights at the first call/);
    const given = await read(text, { inputs: [{ shape: [1, 3] }] });
    assert.deepEqual([countParameters(given).total, kinds(given)], [26, ['dense: Dense', 'dense_1: Dense']]);
  });

  it('counts moving statistics as Keras does, and freezes what trainable=False names', async () => {
    const network =
      await read(`inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
inner.trainable = False
model = keras.Sequential([inner, layers.Dense(2)])
`);
    assert.deepEqual(countParameters(network), { total: 15 + 12 + 8, trainable: 8 });
    const norm = network.calls.find(({ kind }) => kind === 'KerasBatchNormalization')!;
    assert.equal(norm.attributes.trainable, false);
  });

  it('counts the vector that SpectralNormalization keeps', async () => {
    const network = await read(`x = keras.Input((8, 8, 3))
y = layers.Flatten()(layers.SpectralNormalization(layers.Conv2D(6, 3))(x))
model = keras.Model(x, layers.SpectralNormalization(layers.Dense(2))(y))
`);
    assert.deepEqual(countParameters(network), { total: 168 + 6 + 434 + 2, trainable: 168 + 434 });
    assert.deepEqual(
      network.buffers.map(({ id, shape }) => [id, shape]),
      [
        ['spectral_normalization.vector_u', [1, 6]],
        ['spectral_normalization_1.vector_u', [1, 2]],
      ],
    );
  });

  it('takes loss, optimizer and batch from compile and fit, and puts a cross-entropy before the softmax', async () => {
    const network = await read(`(x, y), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([layers.Flatten(), layers.Dense(10, activation='softmax')])
model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss='sparse_categorical_crossentropy')
model.fit(x, y, batch_size=64)
`);
    assert.deepEqual(network.inputs[0]!.shape.slice(1), [28, 28]);
    assert.deepEqual(network.batch, { size: 64, origin: 'fit(batch_size=64), line 6' });
    assert.deepEqual([network.task.loss, network.task.classes, network.outputs], ['CrossEntropyLoss', 10, ['dense']]);
    assert.deepEqual(network.optimizer.settings, { lr: 0.1, momentum: 0.9 });
  });

  it('draws what an initializer says', async () => {
    const network = await read(`model = keras.Sequential([keras.Input((4,)),
    layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02), bias_initializer='ones')])
`);
    assert.deepEqual(
      network.parameters.map(({ initialization }) => initialization),
      [
        { kind: 'normal', mean: 0, std: 0.02 },
        { kind: 'constant', value: 1 },
      ],
    );
  });

  it('refuses shapes that do not fit, at the layer, in the words of Keras', async () => {
    const error = await refusal(`model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Conv2D(8, 3),
])
`);
    assert.match(
      error.message,
      /^conv2d \(Conv2D\).* expected ndim=4, found ndim=3\. Full shape received: \(None, 28, 28\)/,
    );
    assert.equal(error.source?.start.line, 5);
    assert.match(
      (await refusal('model = keras.Sequential([layers.Dense()])\n')).message,
      /missing 1 required positional argument: 'units'/,
    );
    assert.match(
      (await refusal('model = keras.Sequential([layers.Dense(2, unit=3)])\n')).message,
      /Unrecognized keyword arguments passed to Dense/,
    );
    const unconnected = await refusal(
      'a, b = keras.Input((2,)), keras.Input((2,))\nmodel = keras.Model(a, layers.Dense(1)(b))\n',
    );
    assert.match(unconnected.message, /`inputs` not connected to `outputs`/);
  });

  it('names a layer that is not modelled and keeps what stands before it', async () => {
    const network =
      await read(`model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.MelSpectrogram(), layers.Dense(1)])
`);
    assert.match(network.unmodelled.map(({ why }) => why).join(), /keras\.layers\.MelSpectrogram is not modelled/);
    assert.equal(network.modules[0]!.id, 'dense');
  });

  it('reads a file with models of both libraries', async () => {
    const networks = await all(`import torch.nn as nn
one = nn.Linear(3, 2)
two = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
`);
    assert.deepEqual(
      networks.map((network) => network.calls.map(({ kind }) => kind)),
      [['Linear'], ['KerasDense']],
    );
  });
});

const saved = {
  class_name: 'Sequential',
  config: {
    name: 'small',
    layers: [
      { class_name: 'InputLayer', module: 'keras.layers', config: { batch_shape: [null, 6], name: 'x' } },
      {
        class_name: 'Dense',
        module: 'keras.layers',
        config: { name: 'first', units: 3, activation: 'relu', use_bias: false },
      },
    ],
  },
};

describe('Keras: saved models', () => {
  const archive = (text: string, more: Record<string, Uint8Array> = {}) =>
    binaryDocument('model.keras', zipSync({ 'config.json': new TextEncoder().encode(text), ...more }));

  it('reads to_json() and an archive alike, each layer with its place', async () => {
    const text = JSON.stringify(saved, null, 1);
    const [json] = await savedJsonReader.read(fileDocument('model.json', text), {});
    const [kept] = await savedArchiveReader.read(archive(text, { 'model.weights.h5': new Uint8Array(2000) }), {});
    for (const network of [json!, kept!]) {
      assert.deepEqual([network.name, kinds(network)], ['small', ['first: Dense']]);
      assert.equal(countParameters(network).total, 18);
    }
    const { line } = json!.modules[0]!.source.start;
    assert.match(text.split('\n')[line - 1]!, /"first"/);
  });

  it('reads the nodes of Keras 2', async () => {
    const layer = (name: string, nodes: unknown, config: object = {}, kind = 'Dense') => ({
      class_name: kind,
      name,
      config: { name, units: 2, ...config },
      inbound_nodes: nodes,
    });
    const model = {
      class_name: 'Functional',
      config: {
        name: 'old',
        layers: [
          layer('x', [], { batch_input_shape: [null, 4] }, 'InputLayer'),
          layer('a', [[['x', 0, 0, {}]]]),
          layer('b', [[['x', 0, 0, {}]]]),
          {
            class_name: 'Add',
            name: 'sum',
            config: { name: 'sum' },
            inbound_nodes: [
              [
                ['a', 0, 0, {}],
                ['b', 0, 0, {}],
              ],
            ],
          },
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['sum', 0, 0]],
      },
    };
    const [network] = await savedJsonReader.read(fileDocument('old.json', JSON.stringify(model)), {});
    assert.deepEqual(
      network!.calls.map(({ id }) => id),
      ['a', 'b', 'sum'],
    );
  });

  it('refuses in one line what is no model, no JSON, no archive, or a bomb', async () => {
    const refused = async (read: Promise<unknown>, words: RegExp) =>
      assert.rejects(read, (error: unknown) => error instanceof InputError && words.test(error.message));
    const json = (text: string) => savedJsonReader.read(fileDocument('some.json', text), {});
    await refused(json('{"a": 1}'), /no saved model of Keras/);
    await refused(json('{"a": '), /no JSON/);
    await refused(json('['.repeat(5000) + ']'.repeat(5000)), /nested too deeply/);
    await refused(json('{"class_name": "Mine", "config": {"name": "m"}}'), /Mine is no model/);
    const zipped = (document: ReturnType<typeof binaryDocument>) => savedArchiveReader.read(document, {});
    await refused(zipped(binaryDocument('a.keras', new Uint8Array([1, 2, 3]))), /no \.keras archive/);
    await refused(zipped(binaryDocument('b.keras', zipSync({ other: new Uint8Array(3) }))), /has no config\.json/);
    await refused(zipped(archive(' '.repeat(60_000_000))), /more than 50 MB/);
  });
});
