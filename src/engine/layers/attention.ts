import { constant, formatShape, pytorchDefault, type Shape, sameShape, xavierUniform } from '../network';
import { matmul, mean, mul, reshape, slice, softmax, type Tensor, transpose } from '../tensor';
import { bool, float, inferred, int, optional } from './attribute';
import { divisors, fixedDim, formatDim } from './dimensions';
import { checkProbability, drop } from './dropout';
import { affine } from './linear';
import { AttributeError, defineLayer, NotModelled, ShapeError } from './row';
import { saturatedRows } from './softmax';

/** Query, key and value; one input alone is all three (self-attention). */
function roles<T>(inputs: readonly T[]): readonly [T, T, T] {
  const [query, key = query, value = key] = inputs;
  if (query === undefined || inputs.length > 3) {
    throw new ShapeError(`MultiheadAttention takes query, key and value, but got ${inputs.length} inputs`);
  }
  return [query, key!, value!];
}

const unsupported = (attribute: string) =>
  new NotModelled(attribute, `MultiheadAttention's ${attribute} is not modelled`, 'leave it out');

export const multiheadAttention = defineLayer({
  kind: 'MultiheadAttention',
  role: 'attention',
  module: true,
  attributes: {
    embed_dim: inferred(int()),
    num_heads: int(),
    dropout: float(0),
    bias: bool(true),
    add_bias_kv: bool(false),
    add_zero_attn: bool(false),
    kdim: optional(int()),
    vdim: optional(int()),
    batch_first: bool(false),
  },
  call: {
    parameters: [
      'query',
      'key',
      'value',
      'key_padding_mask',
      'need_weights',
      'attn_mask',
      'average_attn_weights',
      'is_causal',
    ],
    operands: ['query', 'key', 'value'],
  },
  infer: ([query]) => ({ embed_dim: fixedDim(query?.at(-1)) }),
  validate({ embed_dim, num_heads, dropout, add_bias_kv, add_zero_attn, kdim, vdim }) {
    if (embed_dim <= 0 || num_heads <= 0) {
      throw new AttributeError(
        'num_heads',
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embed_dim} and num_heads=${num_heads} instead`,
      );
    }
    if (embed_dim % num_heads !== 0) {
      const mend = `let num_heads be one of ${divisors(embed_dim).join(', ')}`;
      throw new AttributeError('num_heads', 'embed_dim must be divisible by num_heads', mend);
    }
    checkProbability('dropout', dropout);
    if (add_bias_kv) throw unsupported('add_bias_kv');
    if (add_zero_attn) throw unsupported('add_zero_attn');
    if (kdim !== null && kdim !== embed_dim) throw unsupported('kdim');
    if (vdim !== null && vdim !== embed_dim) throw unsupported('vdim');
  },
  parameters({ embed_dim, bias }) {
    const inProjection = [3 * embed_dim, embed_dim];
    return {
      in_proj_weight: { shape: inProjection, initialization: xavierUniform(inProjection) },
      ...(bias && { in_proj_bias: { shape: [3 * embed_dim], initialization: constant(0) } }),
      'out_proj.weight': { shape: [embed_dim, embed_dim], initialization: pytorchDefault(embed_dim) },
      ...(bias && { 'out_proj.bias': { shape: [embed_dim], initialization: constant(0) } }),
    };
  },
  submodules: { out_proj: 'NonDynamicallyQuantizableLinear' },
  /** The attended values, and the weights averaged over the heads. */
  outputShapes(inputs, { embed_dim, batch_first }) {
    const [query, key, value] = roles(inputs);
    if (query.length !== 2 && query.length !== 3) {
      throw new ShapeError(
        `query should be unbatched 2D or batched 3D tensor but received ${query.length}-D query tensor`,
      );
    }
    if (key.length !== query.length || value.length !== query.length) {
      throw new ShapeError(
        `For ${query.length === 2 ? 'unbatched (2-D)' : 'batched (3-D)'} \`query\`, expected \`key\` and \`value\` to be ` +
          `${query.length}-D but found ${key.length}-D and ${value.length}-D tensors respectively`,
      );
    }
    for (const shape of [query, key, value]) {
      if (shape.at(-1) === embed_dim) continue;
      throw new ShapeError(`was expecting embedding dimension of ${embed_dim}, but got ${formatDim(shape.at(-1)!)}`);
    }
    if (!sameShape(key, value)) {
      throw new ShapeError(
        `key shape torch.Size(${formatShape(key)}) does not match value shape torch.Size(${formatShape(value)})`,
      );
    }
    const batchAxis = batch_first ? 0 : 1;
    if (query.length === 3 && !sameShape([query[batchAxis]!], [key[batchAxis]!])) {
      throw new ShapeError(
        `query and key must have one batch size, but got query ${formatShape(query)} and key ${formatShape(key)}`,
      );
    }
    const positions = (shape: Shape) => (shape.length === 2 ? shape[0]! : shape[1 - batchAxis]!);
    const batch = query.length === 2 ? [] : [query[batchAxis]!];
    return [query, [...batch, positions(query), positions(key)]];
  },
  forward(inputs, { embed_dim, num_heads, dropout, bias, batch_first }, context) {
    const [query, key, value] = roles(inputs);
    const unbatched = query.shape.length === 2;
    const batchFirst = unbatched || batch_first;
    const weight = context.parameter('in_proj_weight');
    const inBias = bias ? context.parameter('in_proj_bias') : undefined;
    const size = embed_dim / num_heads;

    /** [N, heads, positions, size] */
    const projected = (x: Tensor, part: 0 | 1 | 2): Tensor => {
      const [from, to] = [part * embed_dim, (part + 1) * embed_dim];
      const y = affine(x, slice(weight, [from, 0], [to, embed_dim]), inBias && slice(inBias, [from], [to]));
      const [first, second] = unbatched ? [1, y.shape[0]!] : [y.shape[0]!, y.shape[1]!];
      return transpose(reshape(y, [first, second, num_heads, size]), batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
    };

    const scaled = mul(projected(query, 0), 1 / Math.sqrt(size));
    const probabilities = softmax(matmul(scaled, projected(key, 1), { transposeB: true }), 3);
    const dropped = context.mode === 'train' ? drop(probabilities, dropout, context) : probabilities;
    const attended = transpose(matmul(dropped, projected(value, 2)), batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]);
    const y = affine(
      reshape(attended, query.shape),
      context.parameter('out_proj.weight'),
      bias ? context.parameter('out_proj.bias') : undefined,
    );
    const weights = mean(dropped, [1]);
    return {
      outputs: [y, unbatched ? reshape(weights, weights.shape.slice(1)) : weights],
      saturated: saturatedRows(probabilities, 3),
    };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});
