import { constant, type Shape } from '../../network';
import {
  add,
  cast,
  less,
  matmul,
  mul,
  range,
  reshape,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
} from '../../tensor';
import { bool, choice, float, inferred, int, ofCall, subset } from '../attribute';
import { fixedDim } from '../dimensions';
import { drop } from '../dropout';
import { defineLayer, type Forward, type ForwardContext, type LayerRow, type ParameterSpec, ShapeError } from '../row';
import { saturatedRows } from '../softmax';
import { kerasShape } from './format';
import { glorotUniform } from './initialization';

// Attention without projections: `keras.layers.Attention` and `AdditiveAttention`, of a list [query, value, key].

const OPERANDS = ['key', 'query_mask', 'value_mask'] as const;

const attributes = {
  features: inferred(int()),
  dropout: float(0),
  use_causal_mask: ofCall(bool(false)),
  return_attention_scores: ofCall(bool(false)),
  operands: ofCall(subset(OPERANDS)),
};

/** What Keras takes from a score that a mask leaves out. */
const HIDDEN = 1e9;

interface Called {
  readonly dropout: number;
  readonly use_causal_mask: boolean;
  readonly return_attention_scores: boolean;
  readonly operands: readonly (typeof OPERANDS)[number][];
}

function outputShapes(inputs: readonly Shape[], { return_attention_scores }: Called): readonly Shape[] {
  const [query, value] = inputs;
  for (const shape of [query, value])
    if (shape?.length !== 3)
      throw new ShapeError(
        `expected ndim=3, found ndim=${shape?.length ?? 0}. Full shape received: ${kerasShape(shape ?? [])}`,
      );
  const output: Shape = [...query!.slice(0, -1), value!.at(-1)!];
  return return_attention_scores ? [output, [...query!.slice(0, -1), value![1]!]] : [output];
}

/** The values weighted by the softmax of the scores [N, T, S], masked as Keras masks them. */
function weighted(
  inputs: readonly Tensor[],
  scoresOf: (query: Tensor, key: Tensor) => Tensor,
  given: Called,
  context: ForwardContext,
): Forward {
  const [query, value] = inputs as readonly [Tensor, Tensor];
  const named = (name: (typeof OPERANDS)[number]): Tensor | undefined => {
    const place = OPERANDS.filter((each) => given.operands.includes(each)).indexOf(name);
    return place < 0 ? undefined : inputs[2 + place];
  };
  const [keys, queries] = [named('value_mask'), named('query_mask')];
  const raw = scoresOf(query, named('key') ?? value);
  const [, length, sources] = raw.shape as [number, number, number];
  const shown = keys && where(reshape(cast(keys, 'bool'), [keys.shape[0]!, 1, sources]), raw, sub(raw, HIDDEN));
  const future = given.use_causal_mask
    ? less(reshape(range(length), [length, 1]), reshape(range(sources), [1, sources]))
    : undefined;
  const scores = future ? where(future, sub(shown ?? raw, HIDDEN), shown ?? raw) : (shown ?? raw);
  const probabilities = softmax(scores, 2);
  const weights = context.mode === 'train' ? drop(probabilities, given.dropout, context) : probabilities;
  const product = matmul(weights, value);
  const output = queries ? where(reshape(cast(queries, 'bool'), [queries.shape[0]!, length, 1]), product, 0) : product;
  return {
    outputs: given.return_attention_scores ? [output, probabilities] : [output],
    saturated: saturatedRows(probabilities, 2),
  };
}

const shared = {
  role: 'attention',
  library: 'keras',
  module: true,
  call: { parameters: ['inputs'], operands: ['*inputs'] },
} as const;

/** QKᵀ, or the sum over features of tanh(q + k). */
const attention = defineLayer({
  ...shared,
  kind: 'KerasAttention',
  classes: ['keras.layers.Attention'],
  attributes: { ...attributes, use_scale: bool(false), score_mode: choice(['dot', 'concat'], 'dot') },
  infer: ([query]) => ({ features: fixedDim(query?.at(-1)) }),
  parameters: ({ use_scale, score_mode }) => ({
    ...(use_scale && { scale: { shape: [], initialization: constant(1) } }),
    ...(score_mode === 'concat' && { concat_score_weight: { shape: [], initialization: constant(1) } }),
  }),
  types: () => ['float32'],
  outputShapes,
  forward(inputs, given, context) {
    const scale = given.use_scale ? context.parameter('scale') : undefined;
    if (given.score_mode === 'dot') {
      return weighted(
        inputs,
        (query, key) => {
          const scores = matmul(query, transpose(key, [0, 2, 1]));
          return scale ? mul(scores, scale) : scores;
        },
        given,
        context,
      );
    }
    const factor = context.parameter('concat_score_weight');
    return weighted(
      inputs,
      (query, key) => {
        const both = add(inRows(query), inColumns(key));
        return mul(factor, sum(tanh(scale ? mul(scale, both) : both), [3]));
      },
      given,
      context,
    );
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

const inRows = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]);
const inColumns = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!]);

/** Bahdanau's: the sum over features of scale·tanh(q + k). */
const additiveAttention = defineLayer({
  ...shared,
  kind: 'KerasAdditiveAttention',
  classes: ['keras.layers.AdditiveAttention'],
  attributes: { ...attributes, use_scale: bool(true) },
  infer: ([query]) => ({ features: fixedDim(query?.at(-1)) }),
  parameters: ({ use_scale, features }): Readonly<Record<string, ParameterSpec>> =>
    use_scale ? { scale: glorotUniform([features]) } : {},
  types: () => ['float32'],
  outputShapes,
  forward: (inputs, given, context) =>
    weighted(
      inputs,
      (query, key) => {
        const both = tanh(add(inRows(query), inColumns(key)));
        return sum(given.use_scale ? mul(context.parameter('scale'), both) : both, [3]);
      },
      given,
      context,
    ),
  channelAxis: (_, outputRank) => outputRank - 1,
});

export const scoredAttentions: readonly LayerRow[] = [attention, additiveAttention];
