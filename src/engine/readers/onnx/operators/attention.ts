import { isBatchDim, type Shape } from '../../../network';
import { NotRead } from '../notRead';
import { shapeOf, type Value } from '../values';
import type { Applied } from './applied';
import type { OperatorRow } from './row';

/** [N, steps, heads · width] as [N, heads, steps, width]. */
function withHeads(applied: Applied, value: Value, shape: Shape, heads: number): Value {
  const [batch, steps, all] = shape;
  if (all === undefined || isBatchDim(all) || heads < 1 || all % heads !== 0)
    throw new NotRead(`${heads} heads do not divide its width`);
  const apart = applied.one('reshape', { shape: [batch!, steps!, heads, all / heads] }, [value]);
  return applied.one('permute', { dims: [0, 2, 1, 3] }, [apart]);
}

const ATTRIBUTES = new Set([
  'is_causal',
  'kv_num_heads',
  'q_num_heads',
  'qk_matmul_output_mode',
  'scale',
  'softcap',
  'softmax_precision',
]);

/** Attention as an operator of its own, since opset 23. */
function attention(applied: Applied): Value {
  if (applied.inputs.slice(4).some((value) => value !== undefined))
    throw new NotRead('keys and values of earlier steps are not modelled');
  if (applied.number('softcap', 0) !== 0) throw new NotRead('softcap is not modelled');
  if (applied.node.outputs.slice(1).some((name) => name !== ''))
    throw new NotRead('its further outputs are not modelled');
  const other = [...applied.node.attributes.keys()].find((name) => !ATTRIBUTES.has(name));
  if (other !== undefined) throw new NotRead(`${other} is not modelled`);
  const flat = applied.rank() === 3;
  const [queryHeads, keyHeads] = [applied.number('q_num_heads', 0), applied.number('kv_num_heads', 0)];
  const operands = [0, 1, 2].map((index) =>
    flat
      ? withHeads(applied, applied.input(index), applied.shape(index), index === 0 ? queryHeads : keyHeads)
      : applied.input(index),
  );
  const heads = operands.map((value) => (value.kind === 'unknown' ? undefined : shapeOf(value)[1]));
  const mask = applied.inputs[3];
  const result = applied.one(
    'scaled_dot_product_attention',
    {
      operands: mask ? ['attn_mask'] : [],
      is_causal: applied.number('is_causal', 0) === 1,
      scale: applied.optionalNumber('scale') ?? null,
      enable_gqa: heads[0] !== heads[1],
    },
    mask ? [...operands, mask] : operands,
  );
  if (!flat) return result;
  const [batch, count, steps, width] = result.shape as [Shape[number], number, number, number];
  const joined = applied.one('permute', { dims: [0, 2, 1, 3] }, [result]);
  return applied.one('reshape', { shape: [batch, steps, count * width] }, [joined]);
}

export const attentions: readonly OperatorRow[] = [{ op: 'Attention', read: attention }];
