import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, LayerCase } from '../layerCase';
import { anyMode, B, each, evaluated, F, fn } from './forms';

const heads: Attributes = { embed_dim: 4, num_heads: 2 };
const three = (shape: Shape): Shape[] => [shape, shape, shape];
/** −2³² + 1, which many write where they mean −∞. */
const LARGE = -(2 ** 32) + 1;

/** A mask that leaves out every key behind a query's own position. */
const causal = (length: number): InputValues => ({
  numbers: Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? LARGE : 0)),
  dtype: 'float32',
});

/** Self-attention of [B, 3, 4] with masks: their shapes, values and names. */
const masked = (
  masks: Readonly<Partial<Record<'key_padding_mask' | 'attn_mask', readonly [Shape, InputValues?]>>>,
  attributes: Attributes = {},
): LayerCase => ({
  attributes: { ...heads, batch_first: true, ...attributes, operands: Object.keys(masks) },
  inputs: [[B, 3, 4], ...Object.values(masks).map(([shape]) => shape)],
  values: [undefined, ...Object.values(masks).map(([, values]) => values)],
});

/** Some truths among many: a row of nothing but masked keys is rare, and NaN is compared elsewhere. */
const RARELY: InputValues = { booleans: 0.1 };
const OFTEN: InputValues = { booleans: 0.9 };

function drawMultihead(draw: Draw): LayerCase {
  const numHeads = draw.int(1, 3);
  const embedDim = numHeads * draw.int(1, 4);
  const batchFirst = draw.chance();
  const unbatched = draw.chance(0.15);
  const [kdim, vdim] = draw.chance(0.25) ? draw.ints(2, 1, 5) : [embedDim, embedDim];
  const tokens = (count: number, width: number): Shape =>
    unbatched ? [count, width] : batchFirst ? [B, count, width] : [count, B, width];
  const alone = kdim === embedDim && vdim === embedDim && draw.chance();
  const sources = draw.int(2, 5);
  const length = alone ? sources : draw.int(1, 5);
  const mode = anyMode(draw);
  const batch = draw.int(1, 3);
  const asNumbers = draw.chance();
  // A sample's own masks are of one type; numbers leave every key a little.
  const values: InputValues | undefined = asNumbers ? undefined : RARELY;
  const masks: [string, Shape][] = [];
  if (draw.chance(0.3)) masks.push(['key_padding_mask', unbatched ? [sources] : [B, sources]]);
  const perHead: Shape = unbatched ? [numHeads, length, sources] : [{ batch: numHeads }, length, sources];
  if (draw.chance(0.5)) masks.push(['attn_mask', draw.chance(0.3) ? perHead : [length, sources]]);
  // Zeros instead of NaN where PyTorch has them: without the weights, or where a key is never masked.
  const extra = draw.some({ add_bias_kv: true, add_zero_attn: true }, 0.25);
  const needsWeights = masks.length === 0 || asNumbers || Object.keys(extra).length > 0 ? draw.chance() : false;
  const hint = draw.chance(0.3) && masks.some(([name]) => name === 'attn_mask') && (asNumbers || !needsWeights);
  return {
    attributes: {
      embed_dim: embedDim,
      num_heads: numHeads,
      ...draw.some({ bias: draw.chance() }),
      ...(batchFirst && { batch_first: true }),
      ...(kdim !== embedDim && { kdim }),
      ...(vdim !== embedDim && { vdim }),
      ...extra,
      ...(mode === 'evaluate' && draw.some({ dropout: 0.3 })),
      ...(masks.length > 0 && { operands: masks.map(([name]) => name) }),
      ...(!needsWeights && { need_weights: false }),
      ...draw.some({ average_attn_weights: draw.chance() }),
      ...(hint && { is_causal: true }),
    },
    inputs: [
      ...(alone
        ? [tokens(sources, embedDim)]
        : [tokens(length, embedDim), tokens(sources, kdim!), tokens(sources, vdim!)]),
      ...masks.map(([, shape]) => shape),
    ],
    values: [...Array.from({ length: alone ? 1 : 3 }, () => undefined), ...masks.map(() => values)],
    batch,
    mode,
  };
}

function drawScaled(draw: Draw): LayerCase {
  const lead: Shape = draw.pick([[B], [B, draw.int(1, 3)], []] as const);
  const [length, sources, width, out] = [draw.int(1, 5), draw.int(1, 5), draw.int(1, 5), draw.int(1, 5)];
  const grouped = lead.length === 2 && draw.chance(0.4);
  const keyHeads = grouped ? draw.int(1, 2) : 0;
  const queryLead: Shape = grouped ? [B, keyHeads * draw.int(1, 3)] : lead;
  const keyLead: Shape = grouped ? [B, keyHeads] : lead;
  const mask = draw.chance(0.5)
    ? draw.pick([
        [length, sources],
        [length, 1],
        [1, sources],
        [...queryLead, length, sources],
      ] as const)
    : undefined;
  return {
    function: `${F}.scaled_dot_product_attention`,
    attributes: {
      ...(mask ? { operands: ['attn_mask'] } : draw.some({ is_causal: true }, 0.4)),
      ...draw.some({ scale: draw.decimal(0.1, 2) }, 0.3),
      ...(grouped && { enable_gqa: true }),
    },
    inputs: [
      [...queryLead, length, width],
      [...keyLead, sources, width],
      [...keyLead, sources, out],
      ...(mask ? [mask] : []),
    ],
    values: [undefined, undefined, undefined, ...(mask && draw.chance() ? [OFTEN] : [undefined])],
    batch: draw.int(1, 3),
    mode: anyMode(draw),
  };
}

const sdpa = (inputs: readonly Shape[], attributes: Attributes = {}) =>
  fn(`${F}.scaled_dot_product_attention`, inputs, attributes);

export const attention: FamilyCases = {
  MultiheadAttention: {
    fixed: [
      ...each(
        [[B, 3, 4]],
        { ...heads, batch_first: true },
        { embed_dim: 4, num_heads: 1, batch_first: true, bias: false },
        { ...heads, batch_first: true, add_bias_kv: true, add_zero_attn: true },
        { ...heads, batch_first: true, average_attn_weights: false },
        { ...heads, batch_first: true, need_weights: false },
      ),
      ...each([[3, B, 4]], { embed_dim: 4, num_heads: 4 }),
      ...each(
        [
          [3, B, 4],
          [5, B, 4],
          [5, B, 4],
        ],
        heads,
      ),
      ...each(
        [
          [B, 3, 4],
          [B, 5, 3],
          [B, 5, 6],
        ],
        { ...heads, batch_first: true, kdim: 3, vdim: 6, add_bias_kv: true },
        { ...heads, batch_first: true, kdim: 3, vdim: 6, bias: false },
      ),
      ...each([[3, 4]], heads, { ...heads, average_attn_weights: false }),
      masked({ attn_mask: [[3, 3], causal(3)] }),
      masked({ attn_mask: [[3, 3]] }, { need_weights: false, is_causal: true }),
      masked({ attn_mask: [[{ batch: 2 }, 3, 3]] }, { add_zero_attn: true }),
      masked({ key_padding_mask: [[B, 3], { numbers: [0, 0, LARGE, 0, LARGE, LARGE], dtype: 'float32' }] }),
      masked({ key_padding_mask: [[B, 3], RARELY], attn_mask: [[3, 3], RARELY] }, { need_weights: false }),
      // Every score of a row masked by a large number: its weights are equal.
      masked({ attn_mask: [[3, 3], { numbers: [0, LARGE, LARGE, LARGE, LARGE, LARGE, 0, 0, 0], dtype: 'float32' }] }),
      // By −∞, without the weights: zeros.
      masked(
        { attn_mask: [[3, 3], { numbers: [0, 0, 0, -Infinity, -Infinity, -Infinity, 0, 0, 0], dtype: 'float32' }] },
        { need_weights: false },
      ),
      ...evaluated(each([[B, 3, 4]], { ...heads, batch_first: true, dropout: 0.5 })),
    ],
    random: drawMultihead,
    refused: [
      { attributes: { embed_dim: 5, num_heads: 2 }, inputs: three([2, 3, 4]) },
      { attributes: { embed_dim: 0, num_heads: 2 }, inputs: three([2, 3, 4]) },
      { attributes: heads, inputs: three([2, 3, 5]) },
      { attributes: heads, inputs: three([2, 3, 5, 4]) },
      {
        attributes: heads,
        inputs: [
          [2, 3, 4],
          [3, 3, 4],
          [2, 3, 4],
        ],
      },
      {
        attributes: heads,
        inputs: [
          [3, 4],
          [5, 2, 4],
          [5, 2, 4],
        ],
      },
      { attributes: { ...heads, dropout: 1.5 }, inputs: three([2, 3, 4]) },
      {
        attributes: { ...heads, kdim: 3, vdim: 6 },
        inputs: [
          [3, 2, 4],
          [5, 2, 4],
          [5, 2, 6],
        ],
      },
      {
        attributes: { ...heads, kdim: 3, vdim: 6 },
        inputs: [
          [3, 2, 4],
          [5, 2, 3],
          [4, 2, 6],
        ],
      },
      ...[[2, 4], [3, 3], [3]].map((mask) => ({
        attributes: { ...heads, batch_first: true, operands: ['key_padding_mask'] },
        inputs: [[2, 3, 4], mask],
      })),
      ...[[3, 4], [3], [2, 3, 3]].map((mask) => ({
        attributes: { ...heads, batch_first: true, operands: ['attn_mask'] },
        inputs: [[2, 3, 4], mask],
      })),
      { attributes: { ...heads, is_causal: true }, inputs: three([2, 3, 4]) },
      {
        attributes: { ...heads, operands: ['attn_mask'] },
        inputs: [
          [3, 4],
          [3, 3, 3],
        ],
      },
      {
        attributes: { ...heads, operands: ['key_padding_mask'] },
        inputs: [
          [3, 4],
          [1, 3],
        ],
      },
    ],
  },

  scaled_dot_product_attention: {
    fixed: [
      sdpa([
        [B, 2, 3, 4],
        [B, 2, 5, 4],
        [B, 2, 5, 6],
      ]),
      sdpa(three([B, 3, 4]), { is_causal: true, scale: 0.3 }),
      sdpa(
        [
          [3, 4],
          [5, 4],
          [5, 4],
        ],
        { is_causal: true },
      ),
      sdpa(
        [
          [B, 4, 3, 4],
          [B, 2, 5, 4],
          [B, 2, 5, 4],
        ],
        { enable_gqa: true },
      ),
      // One row is masked throughout: zeros, and no gradient.
      {
        ...sdpa(
          [
            [B, 3, 4],
            [B, 2, 4],
            [B, 2, 4],
            [3, 2],
          ],
          { operands: ['attn_mask'] },
        ),
        values: [
          undefined,
          undefined,
          undefined,
          { numbers: [0, 0, -Infinity, -Infinity, 0, -Infinity], dtype: 'float32' },
        ],
      },
      {
        ...sdpa([...three([B, 3, 4]), [B, 1, 3]], { operands: ['attn_mask'] }),
        values: [undefined, undefined, undefined, { booleans: 0.5 }],
      },
      {
        ...sdpa([...three([B, 2, 4]), [2, 2]], { operands: ['attn_mask'] }),
        values: [undefined, undefined, undefined, { numbers: [LARGE, LARGE, 0, LARGE], dtype: 'float32' }],
      },
    ],
    random: drawScaled,
    refused: [
      sdpa([
        [2, 3, 4],
        [2, 5, 5],
        [2, 5, 6],
      ]),
      sdpa([
        [2, 3, 4],
        [2, 5, 4],
        [2, 6, 6],
      ]),
      sdpa([
        [2, 3, 4],
        [3, 5, 4],
        [3, 5, 6],
      ]),
      sdpa([[4], [5, 4], [5, 6]]),
      sdpa([...three([2, 3, 4]), [4, 3]], { operands: ['attn_mask'] }),
      sdpa([...three([2, 3, 4]), [3, 3]], { operands: ['attn_mask'], is_causal: true }),
      sdpa(
        [
          [2, 4, 3, 4],
          [2, 3, 5, 4],
          [2, 3, 5, 4],
        ],
        { enable_gqa: true },
      ),
      sdpa([
        [2, 4, 3, 4],
        [2, 2, 5, 4],
        [2, 2, 5, 4],
      ]),
      sdpa(three([2, 3, 4]), { dropout_p: 1.5 }),
    ],
  },

  generate_square_subsequent_mask: {
    fixed: [fn('torch.nn.Transformer.generate_square_subsequent_mask', [], { sz: 4 })],
    random: (draw) => fn('torch.nn.Transformer.generate_square_subsequent_mask', [], { sz: draw.int(1, 8) }),
    refused: [fn('torch.nn.Transformer.generate_square_subsequent_mask', [], { sz: -1 })],
  },
};
