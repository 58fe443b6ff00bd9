import { type AttributeValue, type Dim, isBatchDim, type Shape, type Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { attributeValue } from '../python/modules/layer';
import { type Arguments, dimension, int, type ModuleValue, NONE, tuple, type Value } from '../python/values';
import { both, type Masks } from './masks';
import { callsOf, ints } from './operations';
import { stateOf } from './state';

const there = (value: Value | undefined): value is Value => value !== undefined && value.type !== 'none';

/** A mask of positions [B, T] as one of pairs: of queries [B, T, 1], or of keys [B, 1, S]. */
const spread = (mask: Value, axis: number, site: Span, run: Evaluation): Value =>
  run.call(run.library('torch.unsqueeze'), { positional: [mask, int(axis)], keywords: new Map() }, site);

/**
 * What MultiHeadAttention and GroupedQueryAttention compute with. The masks of query, key and value, given or on the
 * tensors, and the attention's own hold together.
 */
export function attentionOperands(
  args: Arguments,
  masks: Masks,
  site: Span,
  run: Evaluation,
): { operands: Value[]; said: Record<string, AttributeValue> } {
  const named = (name: string, place: number) => args.keywords.get(name) ?? args.positional[place];
  const [query = NONE, value = NONE] = [named('query', 0), named('value', 1)];
  const key = named('key', 2);
  const maskOf = (name: string, place: number, of: Value | undefined): Value | undefined => {
    const given = named(name, place);
    return there(given) ? given : there(of) ? masks.of(of, run)?.() : undefined;
  };
  const [queries, values, keys] = [
    maskOf('query_mask', 3, query),
    maskOf('value_mask', 4, value),
    maskOf('key_mask', 5, key),
  ];
  const asked = named('attention_mask', 6);
  const all = [
    ...(there(asked) ? [asked] : []),
    ...(there(queries) ? [spread(queries, -1, site, run)] : []),
    ...(there(values) ? [spread(values, -2, site, run)] : []),
    ...(there(keys) && key !== value ? [spread(keys, -2, site, run)] : []),
  ];
  const mask = all.length > 0 ? all.reduce((a, b) => both(a, b, site, run)) : undefined;
  const flag = (name: string): boolean => {
    const said = args.keywords.get(name);
    return said?.type === 'bool' && said.value;
  };
  return {
    operands: [query, value, ...[key, mask].filter(there)],
    said: {
      operands: [...(there(key) ? ['key'] : []), ...(mask ? ['attention_mask'] : [])],
      use_causal_mask: flag('use_causal_mask'),
      return_attention_scores: flag('return_attention_scores'),
    },
  };
}

/** What Attention and AdditiveAttention compute with: of a list [query, value, key], masked as [query, value] are. */
export function scoredOperands(
  args: Arguments,
  masks: Masks,
  run: Evaluation,
): { operands: Value[]; said: Record<string, AttributeValue> } {
  const inputs = args.positional[0] ?? args.keywords.get('inputs') ?? NONE;
  const [query = NONE, value = NONE, key] = inputs.type === 'list' || inputs.type === 'tuple' ? inputs.items : [inputs];
  const given = args.keywords.get('mask');
  const [ofQuery, ofValue] =
    given?.type === 'list' || given?.type === 'tuple'
      ? given.items
      : [masks.of(query, run)?.(), masks.of(value, run)?.()];
  const flag = (name: string): boolean => {
    const said = args.keywords.get(name);
    return said?.type === 'bool' && said.value;
  };
  const more = [
    ['key', key],
    ['query_mask', ofQuery],
    ['value_mask', ofValue],
  ] as const;
  const present = more.flatMap(([name, of]) => (there(of) ? [[name, of] as const] : []));
  return {
    operands: [query, value, ...present.map(([, of]) => of)],
    said: {
      operands: present.map(([name]) => name),
      use_causal_mask: flag('use_causal_mask'),
      return_attention_scores: flag('return_attention_scores'),
    },
  };
}

/** The mean over the steps that a mask counts; undefined where there is no mask. */
export function maskedMean(
  module: ModuleValue,
  args: Arguments,
  masks: Masks,
  site: Span,
  run: Evaluation,
): Value | undefined {
  const input = args.positional[0] ?? args.keywords.get('inputs') ?? NONE;
  const given = args.keywords.get('mask') ?? args.positional[1];
  const mask = there(given) ? given : masks.of(input, run)?.();
  if (!mask || input.type !== 'tensor') return undefined;
  const { config } = stateOf(module);
  const format = config.get('data_format');
  const steps = format?.type === 'string' && format.value === 'channels_first' ? 2 : 1;
  const keepdim = config.get('keepdims') ?? { type: 'bool' as const, value: false };
  const c = callsOf({ positional: [], keywords: new Map() }, site, run);
  const counts = spread(mask, 3 - steps, site, run);
  const shown = c.torch('where', [counts, input, c.torch('zeros_like', [input])]);
  const total = c.torch('sum', [shown], { dim: int(steps), keepdim });
  return c.on('/', total, c.torch('sum', [c.on('*', counts, 1.0)], { dim: int(steps), keepdim }));
}

/**
 * Attention over other axes than the one of a sequence: these become one, the rest of them samples, and back; undefined
 * where it is over a sequence.
 */
export function overAxes(
  module: ModuleValue,
  args: Arguments,
  site: Span,
  run: Evaluation,
  attend: (args: Arguments) => Value,
): Value | undefined {
  const query = args.positional[0] ?? args.keywords.get('query') ?? NONE;
  const shape = query.type === 'tensor' ? query.shape : undefined;
  if (!shape || shape.length < 4) return undefined;
  const given = attributeValue(stateOf(module).config.get('attention_axes') ?? NONE);
  const rank = shape.length;
  const axes = (typeof given === 'number' ? [given] : Array.isArray(given) ? given.map(Number) : []).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );
  const own = axes.length > 0 ? axes : shape.slice(1, -1).map((_, i) => i + 1);
  const others = shape.slice(1, -1).flatMap((_, i) => (own.includes(i + 1) ? [] : [i + 1]));
  const order = [0, ...others, ...own, rank - 1];
  const c = callsOf({ positional: [], keywords: new Map() }, site, run);
  const product = (sizes: Shape): number => sizes.reduce<number>((total, size) => total * Number(size), 1);
  const samples = (sizes: Shape): Dim => {
    const [batch] = sizes;
    const more = product(others.map((axis) => sizes[axis]!));
    return isBatchDim(batch!) ? { batch: batch.batch * more } : Number(batch) * more;
  };
  const folded = (value: Value | undefined): Value | undefined => {
    if (value?.type !== 'tensor' || !value.shape) return value;
    const sizes = value.shape;
    const moved = c.torch('permute', [value, ints(order)]);
    const length = product(own.map((axis) => sizes[axis]!));
    return c.torch('reshape', [moved, tuple([samples(sizes), length, sizes.at(-1)!].map(dimension))]);
  };
  const keywords = new Map([...args.keywords].map(([name, value]) => [name, folded(value) ?? value]));
  const made = attend({ positional: args.positional.map((value) => folded(value) ?? value), keywords });
  if (made.type !== 'tensor' || !made.shape) return made;
  const apart = c.torch('reshape', [
    made,
    tuple([shape[0]!, ...[...others, ...own].map((axis) => shape[axis]!), made.shape.at(-1)!].map(dimension)),
  ]);
  return c.torch('permute', [apart, ints(order.map((_, i) => order.indexOf(i)))]);
}
