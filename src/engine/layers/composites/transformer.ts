import type { Attributes } from '../../network';
import { type AttributesOf, bool, choice, float, inferred, int, ofCall, subset } from '../attribute';
import { fixedDim } from '../dimensions';
import { type CompositeCalls, type CompositeChild, defineComposite } from './composite';

// "Attention Is All You Need" (Vaswani et al. 2017) as torch.nn has it. The masks are those of MultiheadAttention; in
// evaluation PyTorch's own fast path may leave out padded positions, which changes what stands there and nothing else.

const attributes = {
  d_model: inferred(int()),
  nhead: int(),
  dim_feedforward: int(2048),
  dropout: float(0.1),
  activation: choice(['relu', 'gelu'], 'relu'),
  layer_norm_eps: float(1e-5),
  batch_first: bool(false),
  /** Norms in front of the blocks, on the residual stream's branches, instead of behind their sums. */
  norm_first: bool(false),
  bias: bool(true),
};
type Layer = AttributesOf<typeof attributes>;

const attention = ({ d_model, nhead, dropout, bias, batch_first }: Layer): CompositeChild => ({
  kind: 'MultiheadAttention',
  attributes: { embed_dim: d_model, num_heads: nhead, dropout, bias, batch_first },
});

/** Feed-forward, norms and dropouts in PyTorch's order, `norms` of each. */
const others = (layer: Layer, norms: number): Readonly<Record<string, CompositeChild>> => {
  const { d_model, dim_feedforward, dropout, layer_norm_eps, bias } = layer;
  const linear = (in_features: number, out_features: number) => ({
    kind: 'Linear',
    attributes: { in_features, out_features, bias },
  });
  const numbered = (name: string, child: CompositeChild) =>
    Object.fromEntries(Array.from({ length: norms }, (_, i) => [`${name}${i + 1}`, child]));
  const drop = { kind: 'Dropout', attributes: { p: dropout } };
  return {
    linear1: linear(d_model, dim_feedforward),
    dropout: drop,
    linear2: linear(dim_feedforward, d_model),
    ...numbered('norm', {
      kind: 'LayerNorm',
      attributes: { normalized_shape: [d_model], eps: layer_norm_eps, bias },
    }),
    ...numbered('dropout', drop),
  };
};

/** What an attention block is told beside its queries. */
interface Told<V> {
  readonly mask: V | undefined;
  readonly padding: V | undefined;
  readonly causal: boolean;
}

/** The blocks of one layer: each with its residual and its norm, before or behind. */
function blocks<V>(calls: CompositeCalls<V>, { norm_first }: Layer) {
  const residual = (x: V, norm: string, branch: (y: V) => V): V =>
    norm_first
      ? calls.function('add', [x, branch(calls.module(norm, [x]))])
      : calls.module(norm, [calls.function('add', [x, branch(x)])]);
  return {
    attend: (
      x: V,
      [name, norm, drop]: readonly [string, string, string],
      memory: V | undefined,
      { mask, padding, causal }: Told<V>,
    ): V =>
      residual(x, norm, (query) => {
        const said: Attributes = { need_weights: false, is_causal: causal };
        const named = { attn_mask: mask, key_padding_mask: padding };
        const attended = calls.module(name, [query, memory ?? query, memory ?? query], named, said);
        return calls.module(drop, [attended]);
      }),
    feedForward: (x: V, norm: string, drop: string): V =>
      residual(x, norm, (y) => {
        const hidden = calls.activation(calls.module('linear1', [y]));
        return calls.module(drop, [calls.module('linear2', [calls.module('dropout', [hidden])])]);
      }),
  };
}

export const transformerEncoderLayer = defineComposite({
  kind: 'TransformerEncoderLayer',
  attributes: {
    ...attributes,
    operands: ofCall(subset(['src_mask', 'src_key_padding_mask'])),
    is_causal: ofCall(bool(false)),
  },
  call: {
    parameters: ['src', 'src_mask', 'src_key_padding_mask', 'is_causal'],
    operands: ['src', 'src_mask?', 'src_key_padding_mask?'],
  },
  infer: ([src]) => ({ d_model: fixedDim(src?.at(-1)) }),
  children: (layer) => ({ self_attn: attention(layer), ...others(layer, 2) }),
  forward(calls, { src, src_mask, src_key_padding_mask }, layer) {
    const { attend, feedForward } = blocks(calls, layer);
    const told = { mask: src_mask, padding: src_key_padding_mask, causal: layer.is_causal };
    return feedForward(attend(src!, ['self_attn', 'norm1', 'dropout1'], undefined, told), 'norm2', 'dropout2');
  },
});

export const transformerDecoderLayer = defineComposite({
  kind: 'TransformerDecoderLayer',
  attributes: {
    ...attributes,
    operands: ofCall(subset(['tgt_mask', 'memory_mask', 'tgt_key_padding_mask', 'memory_key_padding_mask'])),
    tgt_is_causal: ofCall(bool(false)),
    memory_is_causal: ofCall(bool(false)),
  },
  call: {
    parameters: [
      'tgt',
      'memory',
      'tgt_mask',
      'memory_mask',
      'tgt_key_padding_mask',
      'memory_key_padding_mask',
      'tgt_is_causal',
      'memory_is_causal',
    ],
    operands: ['tgt', 'memory', 'tgt_mask?', 'memory_mask?', 'tgt_key_padding_mask?', 'memory_key_padding_mask?'],
  },
  infer: ([tgt]) => ({ d_model: fixedDim(tgt?.at(-1)) }),
  children: (layer) => ({ self_attn: attention(layer), multihead_attn: attention(layer), ...others(layer, 3) }),
  forward(calls, named, layer) {
    const { attend, feedForward } = blocks(calls, layer);
    const own = { mask: named.tgt_mask, padding: named.tgt_key_padding_mask, causal: layer.tgt_is_causal };
    const across = { mask: named.memory_mask, padding: named.memory_key_padding_mask, causal: layer.memory_is_causal };
    const x = attend(named.tgt!, ['self_attn', 'norm1', 'dropout1'], undefined, own);
    const y = attend(x, ['multihead_attn', 'norm2', 'dropout2'], named.memory, across);
    return feedForward(y, 'norm3', 'dropout3');
  },
});
