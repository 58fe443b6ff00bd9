import assert from 'node:assert/strict';
import { countParameters, fileDocument, InputError, type Network } from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { pythonReader } from '../../../../src/engine/readers/pythonFiles';

const HEAD = 'import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers, ops\n';

const all = (text: string, options: ReadOptions = {}): Promise<readonly Network[]> =>
  pythonReader.read(fileDocument('script.py', HEAD + text), options);

async function read(text: string, options: ReadOptions = {}): Promise<Network> {
  const [network, ...others] = await all(text, options);
  assert.ok(network && others.length === 0);
  return network;
}

const SUBCLASS = `class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)
        self.head = layers.Dense(10)
    def call(self, x):
        return self.head(layers.Flatten()(self.conv(x)))
`;

const TRAINER = `class Adversaries(keras.Model):
    def __init__(self, maker, judge):
        super().__init__()
        self.maker = maker
        self.judge = judge
    def train_step(self, data):
        return {}
def dense(inputs, outputs):
    x = keras.Input((inputs,))
    return keras.Model(x, layers.Dense(outputs)(x))
`;

describe('Keras: what a script says around a model', () => {
  it('takes shapes and batch from a pipeline of tf.data, through what it maps', async () => {
    const network = await read(`${SUBCLASS}(x, y), _ = keras.datasets.mnist.load_data()
data = tf.data.Dataset.from_tensor_slices((x[..., None] / 255.0, y)).shuffle(100)
data = data.map(lambda image, label: (layers.RandomFlip()(image), label)).batch(48, drop_remainder=True).prefetch(2)
model = Net()
model.compile('adam', 'sparse_categorical_crossentropy')
model.fit(data, epochs=2)
`);
    assert.deepEqual(network.inputs[0]!.shape.slice(1), [28, 28, 1]);
    assert.equal(network.inputs[0]!.origin, 'fit, line 17');
    assert.deepEqual(network.batch, { size: 48, origin: 'batch of the data, line 14' });
  });

  it('takes sizes of images from the function that reads a folder', async () => {
    const network = await read(`${SUBCLASS}data, held = keras.utils.image_dataset_from_directory(
    'pets', image_size=(40, 30), batch_size=16, validation_split=0.1, subset='both')
model = Net()
for images, labels in data:
    model(images, training=True)
`);
    assert.deepEqual(network.inputs[0]!.shape.slice(1), [40, 30, 3]);
    assert.equal(network.inputs[0]!.origin, 'example, line 16');
  });

  it('does a call in the script for its shapes, so that what it gives can be given on', async () => {
    const networks = await all(`class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.one = layers.Dense(5)
    def call(self, x, state):
        return self.one(x) + state, state
first, second = Two(), Two()
y, s = first(tf.zeros((8, 3)), tf.zeros((8, 5)))
second(y, s)
`);
    assert.deepEqual(
      networks.map(({ inputs }) => inputs.map(({ name, shape }) => [name, ...shape.slice(1)])),
      [
        [
          ['x', 3],
          ['state', 5],
        ],
        [
          ['x', 5],
          ['state', 5],
        ],
      ],
    );
  });

  it('reads the models that a model only trains, each by its name, with its optimizer', async () => {
    const text = `${TRAINER}maker = dense(3, 4)
both = Adversaries(maker, dense(4, 1))
both.compile(optimizer=keras.optimizers.SGD(0.5))
both.fit(np.zeros((100, 3)), batch_size=20)
`;
    const networks = await all(text);
    assert.deepEqual(
      networks.map(({ name, batch, optimizer }) => [name, batch.size, optimizer.kind, optimizer.settings.lr]),
      [
        ['maker', 20, 'SGD', 0.5],
        ['both.judge', 20, 'SGD', 0.5],
      ],
    );
    assert.equal((await read(text, { name: 'both.judge' })).name, 'both.judge');
    await assert.rejects(all(text, { name: 'both.other' }), InputError);
  });

  it('gives a new tensor where a Keras tensor is added to', async () => {
    const network = await read(`x = keras.Input((4,))
y = layers.Dense(4)(x)
z = y
z += layers.Dense(4)(y)
model = keras.Model(x, layers.Concatenate()([y, z]))
`);
    assert.deepEqual(
      network.modules.map(({ id }) => id),
      ['dense', 'dense_1', 'concatenate'],
    );
    assert.deepEqual(network.calls.at(-1)!.inputs, [{ value: 'dense' }, { value: 'add' }]);
  });

  it('lists layers as Keras does, the InputLayers among them, and copies them with weights of their own', async () => {
    const networks = await all(`a, b = keras.Input((4,)), keras.Input((4,))
model = keras.Model([a, b], layers.Add()([layers.Dense(3)(a), layers.Dense(3)(b)]))
for layer in model.layers[2:3]:
    layer.trainable = False
copy = keras.models.clone_model(model)
`);
    const [model, copy] = networks;
    assert.deepEqual(
      model!.parameters.filter(({ trainable }) => !trainable).map(({ id }) => id),
      ['dense.kernel', 'dense.bias'],
    );
    assert.deepEqual(copy!.parameters.map(({ id }) => id).sort(), model!.parameters.map(({ id }) => id).sort());
  });

  it('takes the rate that a schedule begins with, and what an optimizer of the file derives from', async () => {
    const model = (more: string) => `model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\n${more}`;
    const scheduled = await read(
      model(`rate = keras.optimizers.schedules.CosineDecay(0.02, 1000)
model.compile(keras.optimizers.Adam(rate, global_clipnorm=2.0), 'mse')
`),
    );
    assert.equal(scheduled.optimizer.settings.lr, 0.02);
    assert.deepEqual(scheduled.optimizer.clipping, { kind: 'norm', max: 2, type: 2 });
    const derived = await read(
      model(`class Mine(keras.optimizers.SGD):
    pass
model.compile(Mine(0.3), keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1))
`),
    );
    assert.deepEqual([derived.optimizer.kind, derived.optimizer.settings.lr], ['SGD', 0.3]);
    assert.deepEqual(derived.task.lossSettings, { label_smoothing: 0.1 });
    assert.deepEqual(derived.unmodelled, []);
  });

  it('puts the loss on the outputs that have one', async () => {
    const network = await read(`x = keras.Input((4,))
h = layers.Dense(3)(x)
model = keras.Model(x, [h, layers.Dense(2)(h)])
model.compile('adam', loss=[None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)])
`);
    assert.deepEqual(network.outputs, ['dense_1']);
    assert.equal(network.task.classes, 2);
  });

  it('takes an open length from the variable that names it, and refuses rows that an Embedding lacks', async () => {
    const tokens = `class Places(layers.Layer):
    def __init__(self):
        super().__init__()
        self.tokens = layers.Embedding(100, 4)
        self.places = layers.Embedding(20, 4)
    def call(self, x):
        return self.tokens(x) + self.places(ops.arange(0, ops.shape(x)[-1], 1))
inputs = keras.Input((None,), dtype='int32')
x = Places()(inputs)
model = keras.Model(inputs, x)
`;
    assert.deepEqual((await read(`max_len = 20\n${tokens}`)).inputs[0]!.shape.slice(1), [20]);
    const [first] = (await all(tokens))[0]!.unmodelled;
    assert.match(first!.why, /has 20 rows, and is asked for row 63/);
  });

  it('says where a mask is left out, and nothing where it goes no further', async () => {
    const said = async (end: string) => {
      const { surroundings, unmodelled } = await read(`x = keras.Input((6,), dtype='int32')
y = layers.LSTM(4, return_sequences=True)(layers.Embedding(10, 3, mask_zero=True)(x))
model = keras.Model(x, ${end})
`);
      assert.deepEqual(unmodelled, []);
      return surroundings?.assumptions.map(({ what }) => what);
    };
    assert.deepEqual(await said('layers.Dense(2)(y)'), ['the mask of padded positions in the loss']);
    assert.deepEqual(await said('layers.Dense(2)(layers.Flatten()(y))'), []);
    assert.deepEqual(await said('layers.Flatten()(layers.BatchNormalization()(y))'), [
      "the mask of padded positions in BatchNormalization's statistics",
    ]);
  });

  it('calls what activations.get gives for a name, beside layers in a list', async () => {
    const network = await read(`class Unit(layers.Layer):
    def __init__(self, activation='relu', **kwargs):
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)
        self.last = keras.activations.get(None)
        self.steps = [layers.Dense(4), self.activation, layers.Dense(4, activation=self.activation)]
    def call(self, inputs):
        x = inputs
        for step in self.steps:
            x = step(x)
        return self.last(self.activation(x + inputs))
model = keras.Sequential([keras.Input((4,)), Unit('swish')])
`);
    assert.deepEqual(
      network.calls.map(({ kind }) => kind),
      ['KerasDense', 'SiLU', 'KerasDense', 'SiLU', 'add', 'SiLU'],
    );
    assert.deepEqual(network.unmodelled, []);
  });

  it('says at its line that there is no activation of a name', async () => {
    const { unmodelled } = await read(`act = keras.activations.get('rellu')
model = keras.Sequential([keras.Input((4,)), layers.Dense(2, act)])
`);
    assert.deepEqual(
      unmodelled.map(({ why, source }) => `${source.start.line} ${why}`),
      ["5 there is no activation 'rellu' in Keras"],
    );
  });

  it('puts a cross-entropy before the softmax that each step ends in', async () => {
    for (const end of [
      "layers.TimeDistributed(layers.Dense(7, activation='softmax'))(h)",
      "layers.TimeDistributed(layers.Activation('softmax'))(layers.TimeDistributed(layers.Dense(7))(h))",
    ]) {
      const network = await read(`x = keras.Input((5, 3))
h = layers.LSTM(4, return_sequences=True)(x)
model = keras.Model(x, ${end})
model.compile('rmsprop', 'categorical_crossentropy')
`);
      const { task, outputs, calls } = network;
      assert.deepEqual(
        [task.loss, task.classes, task.classAxis, task.takesProbabilities],
        ['CrossEntropyLoss', 7, 2, undefined],
      );
      const scores = calls.find(({ id }) => id === outputs[0])!;
      assert.equal(scores.kind, 'KerasDense');
      assert.deepEqual(scores.outputShapes[0]!.slice(1), [5, 7]);
    }
  });

  it('puts a cross-entropy on the logarithm of probabilities that no softmax ends', async () => {
    const network = await read(`x = keras.Input((4, 4, 3))
model = keras.Model(x, layers.Reshape((16, 5))(layers.Conv2D(5, 1, activation='softmax')(x)))
model.compile('adam', 'categorical_crossentropy')
`);
    assert.deepEqual([network.task.loss, network.task.classes, network.task.classAxis], ['CrossEntropyLoss', 5, 2]);
    const [clamp, log] = network.calls.slice(-2);
    assert.deepEqual([clamp!.kind, clamp!.inputs, log!.kind], ['clamp', [{ value: 'reshape' }], 'log']);
    assert.deepEqual(network.outputs, [log!.id]);
    const pair = "x = keras.Input((4,))\na, b = [layers.Dense(2, activation='sigmoid')(x) for _ in range(2)]\n";
    const mean = await read(`${pair}model = keras.Model(x, layers.Average()([a, b]))
model.compile('adam', 'binary_crossentropy')
`);
    assert.deepEqual([mean.task.loss, mean.outputs, mean.unmodelled], ['BCELoss', ['average'], []]);
    const scores = await read(`x = keras.Input((4,))
model = keras.Model(x, layers.Dense(3)(layers.Dense(4, activation='sigmoid')(x)))
model.compile('adam', 'sparse_categorical_crossentropy')
`);
    assert.deepEqual(scores.outputs, ['dense']);
  });

  it('makes variables of the file weights of the layer that they are assigned to', async () => {
    const network = await read(`class Linear(layers.Layer):
    def __init__(self, inputs, units):
        super().__init__()
        drawn = tf.random_normal_initializer(stddev=0.2)
        self.w = tf.Variable(initial_value=drawn(shape=(inputs, units), dtype='float32'), trainable=True)
        self.b = tf.Variable(tf.zeros([units]), name='bias')
        self.scale = keras.Variable('ones', shape=(units,), trainable=False)
        self.more = [tf.Variable(tf.random.normal([units], stddev=0.1)), keras.Variable(np.ones((units,), 'float32'))]
        self.steps = tf.Variable(0, trainable=False)
    def call(self, x):
        y = (tf.matmul(x, self.w) + self.b) * self.scale
        return y + self.more[0] * self.more[1]
model = keras.Sequential([keras.Input((8,)), Linear(8, 4)])
`);
    assert.deepEqual(network.unmodelled, []);
    assert.deepEqual(
      network.parameters.map(({ id, shape, initialization }) => [id, shape, initialization]),
      [
        ['linear.w', [8, 4], { kind: 'normal', mean: 0, std: 0.2 }],
        ['linear.bias', [4], { kind: 'constant', value: 0 }],
        ['linear.more', [4], { kind: 'normal', mean: 0, std: 0.1 }],
        ['linear.more_1', [4], { kind: 'constant', value: 1 }],
      ],
    );
    assert.deepEqual(
      network.buffers.map(({ id }) => id),
      ['linear.scale'],
    );
    assert.ok(!network.calls.some(({ kind }) => /rand/.test(kind)));
  });

  it('takes the optimizer inside of one that scales the loss', async () => {
    for (const path of ['keras.mixed_precision', 'keras.optimizers', 'tf.keras.mixed_precision']) {
      const { optimizer, unmodelled } = await read(`model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
model.compile(${path}.LossScaleOptimizer(keras.optimizers.Adam(3e-4)), 'mse')
`);
      assert.deepEqual([optimizer.kind, optimizer.settings.lr, unmodelled], ['Adam', 3e-4, []]);
    }
  });

  it('has channels where set_image_data_format says, but for layers that say it themselves', async () => {
    const network = await read(`from keras import backend as K
K.set_image_data_format('channels_first')
axis = 1 if K.image_data_format() == 'channels_first' else -1
model = keras.Sequential([keras.Input((3, 9, 9)), layers.Conv2D(8, 3), layers.BatchNormalization(axis=axis),
    layers.MaxPooling2D(), layers.GlobalAveragePooling2D(data_format='channels_last')])
`);
    assert.deepEqual(
      network.calls.map(({ outputShapes }) => outputShapes[0]!.slice(1)),
      [[8, 7, 7], [8, 7, 7], [8, 3, 3], [3]],
    );
    assert.equal(countParameters(network).total, 8 * 3 * 9 + 8 + 4 * 8);
  });

  it('says mixed precision, and that regularizers and augmentation are left out', async () => {
    const { surroundings } = await read(`keras.mixed_precision.set_global_policy('mixed_float16')
model = keras.Sequential([keras.Input((8, 8, 3)), layers.RandomFlip(), layers.Conv2D(2, 3, kernel_regularizer='l2')])
`);
    assert.deepEqual(surroundings?.precision?.value, { type: 'float16', by: 'autocast' });
    assert.deepEqual(surroundings?.assumptions.map(({ what }) => what).sort(), [
      'random augmentation',
      'regularizers and constraints of weights',
    ]);
  });
});
