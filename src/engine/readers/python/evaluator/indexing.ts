import { asNumber, hashKey, int, list, rangeLength, type SliceValue, string, tuple, type Value } from '../values';

/** The indices that a slice takes out of `length` elements; undefined where a bound is not known. */
export function sliceIndices(slice: SliceValue, length: number): number[] | undefined {
  const bound = (value: Value) => (value.type === 'none' ? null : asNumber(value));
  const step = bound(slice.step) ?? 1;
  const start = bound(slice.start);
  const stop = bound(slice.stop);
  if (start === undefined || stop === undefined || bound(slice.step) === undefined || step === 0) return undefined;
  const clip = (index: number, low: number, high: number) =>
    Math.min(high, Math.max(low, index < 0 ? index + length : index));
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const from = start === null ? (step > 0 ? 0 : length - 1) : clip(start, low, high);
  const to = stop === null ? (step > 0 ? length : -1) : clip(stop, low, high);
  return Array.from({ length: rangeLength({ start: from, stop: to, step }) }, (_, i) => from + i * step);
}

/** What went wrong with an index, in Python's words. */
export interface IndexFailure {
  readonly error: 'IndexError' | 'KeyError' | 'TypeError';
  readonly text: string;
}

/** `value[index]` for Python's own values; undefined where the reader cannot tell. */
export function item(value: Value, index: Value): Value | IndexFailure | undefined {
  if (value.type === 'dict') {
    const key = hashKey(index);
    if (key === undefined) return undefined;
    return (
      value.entries.get(key)?.value ??
      (value.counts && int(0)) ?? {
        error: 'KeyError',
        text: index.type === 'string' ? `'${index.value}'` : key.slice(1),
      }
    );
  }
  if (value.type === 'range') {
    if (index.type === 'slice') {
      const indices = sliceIndices(index, rangeLength(value));
      if (!indices) return undefined;
      const step = (index.step.type === 'none' ? 1 : (asNumber(index.step) ?? 1)) * value.step;
      const start = value.start + (indices[0] ?? 0) * value.step;
      return { type: 'range', start, stop: start + indices.length * step, step };
    }
    const number = asNumber(index);
    if (number === undefined) return undefined;
    const at = number < 0 ? rangeLength(value) + number : number;
    if (at < 0 || at >= rangeLength(value)) return { error: 'IndexError', text: 'range object index out of range' };
    return { type: 'int', value: value.start + at * value.step };
  }
  if (value.type === 'string') {
    const characters = [...value.value];
    const picked = pick(characters, index, 'string');
    if (picked === undefined || 'error' in picked) return picked;
    return string(picked.many ? picked.many.join('') : picked.one!);
  }
  if (value.type !== 'list' && value.type !== 'tuple') return undefined;
  const picked = pick(value.items, index, value.type);
  if (picked === undefined || 'error' in picked) return picked;
  if (!picked.many) return picked.one!;
  return value.type === 'list' ? list(picked.many) : tuple(picked.many);
}

function pick<T>(items: readonly T[], index: Value, what: string): { one?: T; many?: T[] } | IndexFailure | undefined {
  if (index.type === 'slice') {
    const indices = sliceIndices(index, items.length);
    return indices && { many: indices.map((i) => items[i]!) };
  }
  if (index.type === 'string')
    return { error: 'TypeError', text: `${what} indices must be integers or slices, not str` };
  const number = asNumber(index);
  if (number === undefined || index.type === 'float') return undefined;
  const at = number < 0 ? items.length + number : number;
  if (at < 0 || at >= items.length) return { error: 'IndexError', text: `${what} index out of range` };
  return { one: items[at]! };
}
