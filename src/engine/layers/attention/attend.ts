import {
  add,
  amax,
  cast,
  constant,
  equal,
  less,
  matmul,
  mul,
  range,
  reshape,
  softmax,
  type Tensor,
  where,
} from '../../tensor';
import { drop } from '../dropout';
import type { ForwardContext } from '../row';

const MINUS_INFINITY = Number.NEGATIVE_INFINITY;

/** What attention is computed from; leading axes broadcast. */
export interface Attention {
  /** [..., L, E] */
  readonly query: Tensor;
  /** [..., S, E] */
  readonly key: Tensor;
  /** [..., S, Ev] */
  readonly value: Tensor;
  /** Added to the scores [..., L, S]: 0 and −∞, or any numbers. */
  readonly mask: Tensor | undefined;
  readonly scale: number;
  /** The probability with which a weight is dropped in training. */
  readonly dropout: number;
  /**
   * What a row gives whose every score is −∞: zeros, as scaled_dot_product_attention has it, or the NaN of a plain
   * softmax. With −2³² + 1 in place of −∞ the scores of such a row are equal, and so are its weights, in both.
   */
  readonly maskedRows: 'zero' | 'NaN';
}

/** A mask of truths as numbers to add: −∞ where `masked` says so. */
export const additive = (mask: Tensor, masked: boolean): Tensor =>
  mask.dtype === 'bool'
    ? masked
      ? where(mask, MINUS_INFINITY, 0)
      : where(mask, 0, MINUS_INFINITY)
    : cast(mask, 'float32');

/** −∞ behind the diagonal: position i of the query sees the keys up to i. */
export const causalMask = (length: number, sources: number): Tensor =>
  where(less(reshape(range(length), [length, 1]), reshape(range(sources), [1, sources])), MINUS_INFINITY, constant(0));

/** softmax(QKᵀ·scale + mask)·V, the probabilities, and what dropout left of them. */
export function attend(
  { query, key, value, mask, scale, dropout, maskedRows }: Attention,
  context: ForwardContext,
): { readonly output: Tensor; readonly probabilities: Tensor; readonly weights: Tensor } {
  const products = matmul(mul(query, scale), key, { transposeB: true });
  const scores = mask ? add(products, mask) : products;
  const last = scores.shape.length - 1;
  // Such rows are kept from softmax, whose NaN would spread to the gradients of what the row does not depend on.
  const empty = mask && maskedRows === 'zero' ? equal(amax(mask, [-1], true), MINUS_INFINITY) : undefined;
  const spread = softmax(empty ? where(empty, 0, scores) : scores, last);
  const probabilities = empty ? where(empty, 0, spread) : spread;
  const weights = context.mode === 'train' ? drop(probabilities, dropout, context) : probabilities;
  return { output: matmul(weights, value), probabilities, weights };
}
