import assert from 'node:assert/strict';
import { fileDocument } from '../../../../src/engine/network';
import { pythonReader } from '../../../../src/engine/readers/pythonFiles';

/** TensorFlow's and keras.backend's functions, and what each is in keras.ops, which is held to Keras itself. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['tf.reduce_mean(x, axis=1)', 'ops.mean(x, axis=1)'],
  ['tf.reduce_sum(x, -1, keepdims=True)', 'ops.sum(x, axis=-1, keepdims=True)'],
  ['tf.math.reduce_std(x, axis=1)', 'ops.std(x, axis=1)'],
  ['tf.math.reduce_logsumexp(x, axis=1)', 'ops.logsumexp(x, axis=1)'],
  ['tf.matmul(x, x, transpose_b=True)', 'ops.matmul(x, ops.swapaxes(x, -2, -1))'],
  ['tf.concat([x, x], axis=-1)', 'ops.concatenate([x, x], axis=-1)'],
  ['K.concatenate([x, x])', 'ops.concatenate([x, x], axis=-1)'],
  ['tf.split(x, 2, axis=-1)[1]', 'ops.split(x, 2, axis=-1)[1]'],
  ['tf.reshape(x, (tf.shape(x)[0], 24))', 'ops.reshape(x, (-1, 24))'],
  ['tf.transpose(x, perm=[0, 2, 1])', 'ops.transpose(x, (0, 2, 1))'],
  ['K.permute_dimensions(x, (0, 2, 1))', 'ops.transpose(x, (0, 2, 1))'],
  ['tf.pad(x, [[0, 0], [1, 1], [0, 0]])', 'ops.pad(x, ((0, 0), (1, 1), (0, 0)))'],
  ['tf.nn.leaky_relu(x, alpha=0.1)', 'ops.leaky_relu(x, 0.1)'],
  ['tf.nn.gelu(x)', 'ops.gelu(x, approximate=False)'],
  ['tf.nn.moments(x, axes=[1])[1]', 'ops.moments(x, axes=[1])[1]'],
  ['tf.nn.l2_normalize(x, axis=-1)', 'ops.normalize(x, axis=-1)'],
  ['tf.nn.depth_to_space(img, 2)', 'ops.depth_to_space(img, 2)'],
  ['tf.nn.max_pool2d(img, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")', 'ops.max_pool(img, 2, 2, "same")'],
  ['tf.math.rsqrt(x)', 'ops.rsqrt(x)'],
  ['tf.clip_by_value(x, -1.0, 1.0)', 'ops.clip(x, -1.0, 1.0)'],
  ['tf.where(x > 0, x, tf.zeros_like(x))', 'ops.where(x > 0, x, ops.zeros_like(x))'],
  ['tf.cast(x > 0, tf.float32)', 'ops.cast(x > 0, "float32")'],
  ['tf.gather(x, [0, 1], axis=1)', 'ops.take(x, [0, 1], axis=1)'],
  ['tf.image.resize(img, (4, 4))', 'ops.image.resize(img, (4, 4))'],
  [
    'tf.image.extract_patches(img, [1, 4, 4, 1], [1, 4, 4, 1], [1, 1, 1, 1], "VALID")',
    'ops.image.extract_patches(img, 4)',
  ],
  ['tf.linalg.band_part(m, -1, 0)', 'ops.tril(m)'],
  ['tf.add_n([x, x, x])', 'ops.add(ops.add(x, x), x)'],
  ['tf.constant([1.0, 2.0, 3.0, 4.0]) * x', 'ops.convert_to_tensor([1.0, 2.0, 3.0, 4.0]) * x'],
  ['x[:, tf.newaxis]', 'ops.expand_dims(x, 1)'],
  ['K.batch_dot(x, x, axes=2)', 'layers.Dot(axes=2)([x, x])'],
];

const HEAD = `import tensorflow as tf
from keras import Input, Model, Sequential, layers, ops
from tensorflow.keras import backend as K
x, img, m = Input((6, 4)), Input((8, 8, 4)), Input((4, 4))
`;

describe("Keras: TensorFlow's names", () => {
  it('compute what the same functions of keras.ops compute', async () => {
    const lines = PAIRS.flatMap(([theirs, own], i) => [
      `theirs${i} = Model([x, img, m], ${theirs})`,
      `own${i} = Model([x, img, m], ${own})`,
    ]);
    const networks = await pythonReader.read(fileDocument('functions.py', `${HEAD}${lines.join('\n')}\n`), {});
    const steps = (name: string) => {
      const network = networks.find((each) => each.name === name);
      assert.ok(network, name);
      assert.deepEqual(network.unmodelled, [], name);
      const shapes = network.calls.filter(({ kind }) => !/^(unsqueeze|getitem)$/.test(kind));
      return shapes.map(({ kind, attributes }) => [kind, kind === 'reshape' ? {} : attributes]);
    };
    PAIRS.forEach(([theirs], i) => {
      assert.deepEqual(steps(`theirs${i}`), steps(`own${i}`), theirs);
    });
  });

  it('draw numbers anew at every step, also outside of any layer', async () => {
    const text = `${HEAD}model = Model(x, layers.Dense(2)(x + tf.random.normal(tf.shape(x), stddev=0.5)))\n`;
    const [network] = await pythonReader.read(fileDocument('noise.py', text), {});
    assert.deepEqual(network!.unmodelled, []);
    assert.ok(network!.calls.some(({ kind }) => kind === 'randn'));
  });
});
