import { constant, type Shape } from '../../network';
import { add, matmul, reshape, type Tensor, transpose } from '../../tensor';
import { additive, attend, causalMask } from '../attention/attend';
import { bool, float, inferred, int, ofCall, optional, subset } from '../attribute';
import { fixedDim } from '../dimensions';
import { defineLayer, type ForwardContext, type LayerRow, type ParameterSpec, ShapeError } from '../row';
import { saturatedRows } from '../softmax';
import { checkAxis, kerasShape } from './format';
import { fanShape, named } from './initialization';

/** x [N, L, D] times a kernel [D, heads, size]: [N, heads, L, size]. */
function heads(x: Tensor, part: string, bias: boolean, context: ForwardContext): Tensor {
  const kernel = context.parameter(`${part}.kernel`);
  const [width, count, size] = kernel.shape as [number, number, number];
  const product = matmul(x, reshape(kernel, [width, count * size]));
  const y = bias ? add(product, reshape(context.parameter(`${part}.bias`), [count * size])) : product;
  return transpose(reshape(y, [...x.shape.slice(0, 2), count, size]), [0, 2, 1, 3]);
}

const glorot = (name: string, shape: readonly number[]): ParameterSpec => ({
  shape,
  initialization: named('glorot_uniform', fanShape(name, shape)),
});

const projection = (features: number, count: number, size: number, bias: boolean, part: string) => ({
  [`${part}.kernel`]: glorot(`${part}.kernel`, [features, count, size]),
  ...(bias && { [`${part}.bias`]: { shape: [count, size], initialization: constant(0) } satisfies ParameterSpec }),
});

const multiHeadAttention = defineLayer({
  kind: 'KerasMultiHeadAttention',
  role: 'attention',
  library: 'keras',
  module: true,
  classes: ['keras.layers.MultiHeadAttention'],
  attributes: {
    features: inferred(int()),
    value_features: inferred(int()),
    key_features: inferred(int()),
    num_heads: int(),
    key_dim: int(),
    value_dim: optional(int()),
    dropout: float(0),
    use_bias: bool(true),
    /** The width of what comes out; without it the query's. */
    output_dim: optional(int()),
    use_causal_mask: ofCall(bool(false)),
    operands: ofCall(subset(['key', 'attention_mask'])),
  },
  call: {
    parameters: ['query', 'value', 'key', 'query_mask', 'value_mask', 'key_mask', 'attention_mask'],
    operands: ['query', 'value', 'key?', 'attention_mask?'],
  },
  infer: ([query, value, key]) => ({
    features: fixedDim(query?.at(-1)),
    value_features: fixedDim(value?.at(-1)),
    key_features: fixedDim((key ?? value)?.at(-1)),
  }),
  parameters({ features, value_features, key_features, num_heads, key_dim, value_dim, use_bias, output_dim }) {
    const depth = value_dim ?? key_dim;
    const width = output_dim ?? features;
    return {
      ...projection(features, num_heads, key_dim, use_bias, 'query'),
      ...projection(key_features, num_heads, key_dim, use_bias, 'key'),
      ...projection(value_features, num_heads, depth, use_bias, 'value'),
      'attention_output.kernel': glorot('attention_output.kernel', [num_heads, depth, width]),
      ...(use_bias && { 'attention_output.bias': { shape: [width], initialization: constant(0) } }),
    };
  },
  submodules: { query: 'EinsumDense', key: 'EinsumDense', value: 'EinsumDense', attention_output: 'EinsumDense' },
  types: () => ['float32'],
  outputShapes(inputs, { features, value_features, output_dim }) {
    const [query, value] = inputs;
    for (const shape of [query, value]) {
      if (shape?.length === 3) continue;
      throw new ShapeError(`attention over other than one axis is not modelled, but got ${kerasShape(shape ?? [])}`);
    }
    checkAxis(query!, -1, features);
    checkAxis(value!, -1, value_features);
    return [[...query!.slice(0, -1), output_dim ?? features] as Shape];
  },
  forward(inputs, given, context) {
    const { key_dim, use_bias, dropout, operands, use_causal_mask } = given;
    const [query, value] = inputs as readonly [Tensor, Tensor];
    const key = operands.includes('key') ? inputs[2]! : value;
    const given_ = operands.includes('attention_mask') ? inputs[operands.includes('key') ? 3 : 2]! : undefined;
    const causal = use_causal_mask ? causalMask(query.shape[1]!, value.shape[1]!) : undefined;
    const shown = given_ && additive(given_, false);
    const own =
      shown && (shown.shape.length === 3 ? reshape(shown, [shown.shape[0]!, 1, ...shown.shape.slice(1)]) : shown);
    const { output, probabilities } = attend(
      {
        query: heads(query, 'query', use_bias, context),
        key: heads(key, 'key', use_bias, context),
        value: heads(value, 'value', use_bias, context),
        mask: own && causal ? add(own, causal) : (own ?? causal),
        scale: 1 / Math.sqrt(key_dim),
        dropout,
        maskedRows: 'NaN',
      },
      context,
    );
    const kernel = context.parameter('attention_output.kernel');
    const [count, size, width] = kernel.shape as [number, number, number];
    const joined = reshape(transpose(output, [0, 2, 1, 3]), [...query.shape.slice(0, 2), count * size]);
    const product = matmul(joined, reshape(kernel, [count * size, width]));
    return {
      outputs: [use_bias ? add(product, context.parameter('attention_output.bias')) : product],
      saturated: saturatedRows(probabilities, 3),
    };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

export const attentions: readonly LayerRow[] = [multiHeadAttention];
