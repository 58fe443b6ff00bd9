import { constant } from '../../network';
import { add, cast, gather, matmul, maximum, minimum, mul, reshape, type Tensor } from '../../tensor';
import { bool, inferred, int, ints } from '../attribute';
import { fixedDim, onlyInput } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { checkAxis, kerasShape } from './format';
import { glorotUniform, named, zeroBias } from './initialization';

/** x·kernel + bias over the last axis. */
export const dense = defineLayer({
  kind: 'KerasDense',
  role: 'affine',
  library: 'keras',
  module: true,
  classes: ['keras.layers.Dense'],
  attributes: { features: inferred(int()), units: int(), use_bias: bool(true) },
  infer: ([input]) => ({ features: fixedDim(input?.at(-1)) }),
  parameters: ({ features, units, use_bias }) => ({
    kernel: glorotUniform([features, units]),
    ...zeroBias(units, use_bias),
  }),
  outputShapes(inputs, { features, units }) {
    const input = onlyInput(inputs, 'Dense');
    if (input.length < 2) {
      throw new ShapeError(
        `expected min_ndim=2, found ndim=${input.length}. Full shape received: ${kerasShape(input)}`,
      );
    }
    checkAxis(input, -1, features);
    return [[...input.slice(0, -1), units]];
  },
  forward([x], { use_bias }, context) {
    const product = matmul(x!, context.parameter('kernel'));
    return { outputs: [use_bias ? add(product, context.parameter('bias')) : product] };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

/** Rows by index, as Keras draws them: U(±0.05). */
const embedding = defineLayer({
  kind: 'KerasEmbedding',
  role: 'embedding',
  library: 'keras',
  module: true,
  classes: ['keras.layers.Embedding'],
  attributes: { input_dim: int(), output_dim: int() },
  parameters: ({ input_dim, output_dim }) => ({
    embeddings: { shape: [input_dim, output_dim], initialization: named('random_uniform', [input_dim, output_dim]) },
  }),
  types: () => ['float32'],
  outputShapes: (inputs, { output_dim }) => [[...onlyInput(inputs, 'Embedding'), output_dim]],
  forward([x], { output_dim }, context) {
    const count = x!.shape.reduce((product, size) => product * size, 1);
    const rows = gather(context.parameter('embeddings'), reshape(cast(x!, 'int64'), [count]));
    return { outputs: [reshape(rows, [...x!.shape, output_dim])] };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

/** max(x, 0) + α·min(x, 0), α of the input's shape without the batch, 1 on the shared axes. */
const prelu = defineLayer({
  kind: 'KerasPReLU',
  role: 'activation',
  library: 'keras',
  module: true,
  classes: ['keras.layers.PReLU'],
  attributes: { shape: inferred(ints()) },
  infer: ([input]) => {
    const sizes = input?.slice(1);
    return sizes?.every((size) => typeof size === 'number') ? { shape: sizes as number[] } : {};
  },
  parameters: ({ shape }) => ({ alpha: { shape, initialization: constant(0) } }),
  outputShapes: (inputs) => [onlyInput(inputs, 'PReLU')],
  forward([x], _, context) {
    const negative: Tensor = mul(context.parameter('alpha'), minimum(x!, 0));
    return { outputs: [add(maximum(x!, 0), negative)] };
  },
});

export const denses: readonly LayerRow[] = [dense, embedding, prelu];
