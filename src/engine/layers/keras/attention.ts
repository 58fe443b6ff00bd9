import { type Attributes, constant, type Shape } from '../../network';
import { add, cast, expand, matmul, maximum, minimum, reshape, type Tensor, transpose, where } from '../../tensor';
import { attend, causalMask } from '../attention/attend';
import { bool, float, inferred, int, ofCall, optional, subset } from '../attribute';
import { fixedDim } from '../dimensions';
import {
  AttributeError,
  defineLayer,
  type Forward,
  type ForwardContext,
  type LayerRow,
  type ParameterSpec,
  ShapeError,
} from '../row';
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

/** What is said where attention is called. */
const ofCalls = {
  use_causal_mask: ofCall(bool(false)),
  return_attention_scores: ofCall(bool(false)),
  operands: ofCall(subset(['key', 'attention_mask'])),
};

const call = {
  parameters: ['query', 'value', 'key', 'query_mask', 'value_mask', 'key_mask', 'attention_mask'],
  operands: ['query', 'value', 'key?', 'attention_mask?'],
};

const submodules = { query: 'EinsumDense', key: 'EinsumDense', value: 'EinsumDense', attention_output: 'EinsumDense' };

const inferFeatures = ([query, value, key]: readonly Shape[], given: Attributes) => ({
  features: fixedDim(query?.at(-1)),
  value_features: fixedDim(value?.at(-1)),
  key_features: fixedDim(((hasKey(given) ? key : undefined) ?? value)?.at(-1)),
});

/** Whether the third operand is a key; without a word on it, it is. */
const hasKey = ({ operands }: Attributes): boolean => !Array.isArray(operands) || operands.includes('key');

/** @throws ShapeError for anything but sequences. */
function checkSequences(...shapes: readonly (Shape | undefined)[]): void {
  for (const shape of shapes) {
    if (shape?.length === 3) continue;
    throw new ShapeError(`attention over other than one axis is not modelled, but got ${kerasShape(shape ?? [])}`);
  }
}

/** The output's shape and, where it is asked for, that of the weights: [N, heads, T, S]. */
const withScores = (output: Shape, query: Shape, value: Shape, count: number, asked: boolean): readonly Shape[] =>
  asked ? [output, [query[0]!, count, query[1]!, value[1]!]] : [output];

interface Called {
  readonly operands: readonly ('key' | 'attention_mask')[];
  readonly use_causal_mask: boolean;
  readonly return_attention_scores: boolean;
}

/** What Keras puts for a score that a mask leaves out; a row of nothing else has equal weights. */
const HIDDEN = -1e9;

/**
 * Query, key and value, and what is added to the scores where a mask leaves them out. Where Keras takes its softmax layer,
 * for dropout or to give the weights, a row without any key has no weights at all.
 */
function operandsOf(
  inputs: readonly Tensor[],
  { operands, use_causal_mask, return_attention_scores, dropout }: Called & { readonly dropout: number },
) {
  const [query, value] = inputs as readonly [Tensor, Tensor];
  const key = operands.includes('key') ? inputs[2]! : value;
  const given = operands.includes('attention_mask') ? inputs[operands.includes('key') ? 3 : 2]! : undefined;
  const [length, sources] = [query.shape[1]!, value.shape[1]!];
  const causal = use_causal_mask ? causalMask(length, sources) : undefined;
  if (!given) return { query, key, value, mask: causal };
  const hidden = dropout > 0 || return_attention_scores ? Number.NEGATIVE_INFINITY : HIDDEN;
  // Any mask is one of truths, as Keras takes it.
  const own = where(cast(given, 'bool'), 0, hidden);
  const shaped = own.shape.length === 3 ? reshape(own, [own.shape[0]!, 1, ...own.shape.slice(1)]) : own;
  return { query, key, value, mask: causal ? minimum(shaped, maximum(causal, hidden)) : shaped };
}

/** Attention of [N, heads, L, size], all heads joined and projected. */
function attended(
  parts: { readonly query: Tensor; readonly key: Tensor; readonly value: Tensor; readonly mask: Tensor | undefined },
  { width, dropout, use_bias, return_attention_scores }: Called & { width: number; dropout: number; use_bias: boolean },
  context: ForwardContext,
): Forward {
  const { output, probabilities } = attend(
    { ...parts, scale: 1 / Math.sqrt(width), dropout, maskedRows: 'zero' },
    context,
  );
  const kernel = context.parameter('attention_output.kernel');
  const [count, size, features] = kernel.shape as [number, number, number];
  const [batch, , length] = output.shape as [number, number, number, number];
  const joined = reshape(transpose(output, [0, 2, 1, 3]), [batch, length, count * size]);
  const product = matmul(joined, reshape(kernel, [count * size, features]));
  const y = use_bias ? add(product, context.parameter('attention_output.bias')) : product;
  return {
    outputs: return_attention_scores ? [y, probabilities] : [y],
    saturated: saturatedRows(probabilities, 3),
  };
}

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
    ...ofCalls,
  },
  call,
  infer: inferFeatures,
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
  submodules,
  types: () => ['float32'],
  outputShapes(inputs, { features, value_features, output_dim, num_heads, return_attention_scores }) {
    const [query, value] = inputs;
    checkSequences(query, value);
    checkAxis(query!, -1, features);
    checkAxis(value!, -1, value_features);
    return withScores(
      [...query!.slice(0, -1), output_dim ?? features],
      query!,
      value!,
      num_heads,
      return_attention_scores,
    );
  },
  forward(inputs, given, context) {
    const { query, key, value, mask } = operandsOf(inputs, given);
    const part = (x: Tensor, name: string) => heads(x, name, given.use_bias, context);
    return attended(
      { query: part(query, 'query'), key: part(key, 'key'), value: part(value, 'value'), mask },
      { ...given, width: given.key_dim },
      context,
    );
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

/** Several heads of queries share a head of keys and values (Ainslie and others, 2023). */
const groupQueryAttention = defineLayer({
  kind: 'KerasGroupedQueryAttention',
  role: 'attention',
  library: 'keras',
  module: true,
  classes: ['keras.layers.GroupedQueryAttention'],
  attributes: {
    features: inferred(int()),
    value_features: inferred(int()),
    key_features: inferred(int()),
    head_dim: int(),
    num_query_heads: int(),
    num_key_value_heads: int(),
    dropout: float(0),
    use_bias: bool(true),
    ...ofCalls,
  },
  call,
  infer: inferFeatures,
  validate({ num_query_heads, num_key_value_heads }) {
    if (num_key_value_heads >= 1 && num_query_heads % num_key_value_heads === 0) return;
    throw new AttributeError(
      'num_key_value_heads',
      `\`num_query_heads\` must be divisible by \`num_key_value_heads\`. Received: num_query_heads=${num_query_heads}, num_key_value_heads=${num_key_value_heads}`,
    );
  },
  parameters({ features, value_features, key_features, head_dim, num_query_heads, num_key_value_heads, use_bias }) {
    return {
      ...projection(features, num_query_heads, head_dim, use_bias, 'query'),
      ...projection(key_features, num_key_value_heads, head_dim, use_bias, 'key'),
      ...projection(value_features, num_key_value_heads, head_dim, use_bias, 'value'),
      'attention_output.kernel': glorot('attention_output.kernel', [num_query_heads, head_dim, features]),
      ...(use_bias && { 'attention_output.bias': { shape: [features], initialization: constant(0) } }),
    };
  },
  submodules,
  types: () => ['float32'],
  outputShapes(inputs, { features, value_features, num_query_heads, return_attention_scores }) {
    const [query, value] = inputs;
    checkSequences(query, value);
    checkAxis(query!, -1, features);
    checkAxis(value!, -1, value_features);
    return withScores(query!, query!, value!, num_query_heads, return_attention_scores);
  },
  forward(inputs, given, context) {
    const { query, key, value, mask } = operandsOf(inputs, given);
    const part = (x: Tensor, name: string) => heads(x, name, given.use_bias, context);
    const repeats = given.num_query_heads / given.num_key_value_heads;
    const shared = (x: Tensor): Tensor => {
      if (repeats === 1) return x;
      const [batch, count, length, size] = x.shape as [number, number, number, number];
      const copies = expand(reshape(x, [batch, count, 1, length, size]), [batch, count, repeats, length, size]);
      return reshape(copies, [batch, count * repeats, length, size]);
    };
    return attended(
      { query: part(query, 'query'), key: shared(part(key, 'key')), value: shared(part(value, 'value')), mask },
      { ...given, width: given.head_dim },
      context,
    );
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

export const attentions: readonly LayerRow[] = [multiHeadAttention, groupQueryAttention];
