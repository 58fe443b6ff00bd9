import { constant, pytorchDefault, xavierNormal, xavierUniform } from '../../network';
import { add, concat, expand, mean, pad, reshape, slice, type Tensor, transpose, zeros } from '../../tensor';
import { type AttributesOf, bool, float, groupsOf, inferred, int, ofCall, optional, subset } from '../attribute';
import { divisors, fixedDim } from '../dimensions';
import { checkProbability } from '../dropout';
import { affine } from '../linear';
import { AttributeError, defineLayer, type ForwardContext, type ParameterSpec } from '../row';
import { saturatedRows } from '../softmax';
import { additive, attend, causalMask } from './attend';
import { hintAlone, multiheadShapes, operandsOf, separateWeights } from './multiheadShapes';

const attributes = {
  embed_dim: inferred(int()),
  num_heads: groupsOf(int()),
  dropout: float(0),
  bias: bool(true),
  add_bias_kv: bool(false),
  add_zero_attn: bool(false),
  kdim: optional(int()),
  vdim: optional(int()),
  batch_first: bool(false),
  /** Which masks the call gives, after query, key and value. */
  operands: ofCall(subset(['key_padding_mask', 'attn_mask'])),
  need_weights: ofCall(bool(true)),
  average_attn_weights: ofCall(bool(true)),
  is_causal: ofCall(bool(false)),
};
type Attributes = AttributesOf<typeof attributes>;

function parameters(given: Attributes): Readonly<Record<string, ParameterSpec>> {
  const { embed_dim, bias, add_bias_kv, kdim, vdim } = given;
  const uniform = (...shape: readonly number[]) => ({ shape, initialization: xavierUniform(shape) });
  const normal = { shape: [1, 1, embed_dim], initialization: xavierNormal([1, 1, embed_dim]) };
  return {
    ...(separateWeights(given)
      ? {
          q_proj_weight: uniform(embed_dim, embed_dim),
          k_proj_weight: uniform(embed_dim, kdim ?? embed_dim),
          v_proj_weight: uniform(embed_dim, vdim ?? embed_dim),
        }
      : { in_proj_weight: uniform(3 * embed_dim, embed_dim) }),
    ...(bias && { in_proj_bias: { shape: [3 * embed_dim], initialization: constant(0) } }),
    ...(add_bias_kv && { bias_k: normal, bias_v: normal }),
    'out_proj.weight': { shape: [embed_dim, embed_dim], initialization: pytorchDefault(embed_dim) },
    ...(bias && { 'out_proj.bias': { shape: [embed_dim], initialization: constant(0) } }),
  };
}

/** The products with in_proj's parts: query's, key's and value's, each of the shape of its input with embed_dim behind. */
function inProjections(
  tensors: readonly [Tensor, Tensor, Tensor],
  given: Attributes,
  context: ForwardContext,
): readonly [Tensor, Tensor, Tensor] {
  const { embed_dim, bias } = given;
  const bounds = (part: number) => [part * embed_dim, (part + 1) * embed_dim] as const;
  const names = ['q_proj_weight', 'k_proj_weight', 'v_proj_weight'] as const;
  return tensors.map((x, part) => {
    const [from, to] = bounds(part);
    const weight = separateWeights(given)
      ? context.parameter(names[part]!)
      : slice(context.parameter('in_proj_weight'), [from, 0], [to, embed_dim]);
    return affine(x, weight, bias ? slice(context.parameter('in_proj_bias'), [from], [to]) : undefined);
  }) as unknown as readonly [Tensor, Tensor, Tensor];
}

/** The masks as one, to be added to scores [N, heads, L, S]. */
function mergedMask(
  { padding, mask }: { readonly padding: Tensor | undefined; readonly mask: Tensor | undefined },
  [batch, heads, length, sources]: readonly [number, number, number, number],
  extraKeys: number,
): Tensor | undefined {
  const parts = [
    mask &&
      reshape(
        additive(mask, true),
        mask.shape.length === 2 ? [1, 1, length, sources] : [batch, heads, length, sources],
      ),
    padding && reshape(additive(padding, true), [batch, 1, 1, sources]),
  ].filter((part) => part !== undefined);
  const merged = parts.length === 2 ? add(parts[0]!, parts[1]!) : parts[0];
  return merged && pad(merged, [0, 0, 0, 0], [0, 0, 0, extraKeys]);
}

export const multiheadAttention = defineLayer({
  kind: 'MultiheadAttention',
  role: 'attention',
  module: true,
  attributes,
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
    operands: ['query', 'key', 'value', 'key_padding_mask?', 'attn_mask?'],
  },
  infer: ([query]) => ({ embed_dim: fixedDim(query?.at(-1)) }),
  validate({ embed_dim, num_heads, dropout }) {
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
  },
  parameters,
  submodules: { out_proj: 'NonDynamicallyQuantizableLinear' },
  outputShapes: multiheadShapes,
  results: (_, { need_weights }) => ({ items: [0, need_weights ? 1 : null] }),
  forward(inputs, given, context) {
    const { embed_dim, num_heads, dropout, bias, batch_first, add_bias_kv, add_zero_attn, need_weights } = given;
    const { query, key, value, padding, mask } = operandsOf(inputs, given.operands);
    const unbatched = query.shape.length === 2;
    const batchFirst = batch_first && !unbatched;
    const size = embed_dim / num_heads;

    /** [N, heads, positions, size] */
    const heads = (y: Tensor): Tensor => {
      const [first, second] = unbatched ? [y.shape[0]!, 1] : [y.shape[0]!, y.shape[1]!];
      return transpose(reshape(y, [first, second, num_heads, size]), batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
    };
    const [queries, ownKeys, ownValues] = inProjections([query, key, value], given, context).map(
      heads,
    ) as unknown as readonly [Tensor, Tensor, Tensor];
    const [batch, , length, sources] = [queries.shape[0]!, num_heads, queries.shape[2]!, ownKeys.shape[2]!];

    const one = [batch, num_heads, 1, size];
    const added = (name: string) => [
      ...(add_bias_kv ? [expand(reshape(context.parameter(name), [1, num_heads, 1, size]), one)] : []),
      ...(add_zero_attn ? [zeros(one)] : []),
    ];
    const keys = concat([ownKeys, ...added('bias_k')], 2);
    const values = concat([ownValues, ...added('bias_v')], 2);
    const merged = hintAlone(given)
      ? causalMask(length, keys.shape[2]!)
      : mergedMask({ padding, mask }, [batch, num_heads, length, sources], keys.shape[2]! - sources);

    const { output, probabilities, weights } = attend(
      {
        query: queries,
        key: keys,
        value: values,
        mask: merged,
        scale: 1 / Math.sqrt(size),
        dropout,
        maskedRows: need_weights || hintAlone(given) ? 'NaN' : 'zero',
      },
      context,
    );
    const joined = reshape(transpose(output, batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]), query.shape);
    const y = affine(
      joined,
      context.parameter('out_proj.weight'),
      bias ? context.parameter('out_proj.bias') : undefined,
    );
    const shown = given.average_attn_weights ? mean(weights, [1]) : weights;
    return {
      outputs: need_weights ? [y, unbatched ? reshape(shown, shown.shape.slice(1)) : shown] : [y],
      saturated: saturatedRows(probabilities, 3),
    };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});
