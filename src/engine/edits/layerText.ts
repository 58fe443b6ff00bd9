import type { NewLayer } from '../change';
import { completeAttributes, findLayer } from '../layers';
import type { AttributeValue } from '../network';

/** A value as Python writes it. */
export function pythonText(value: AttributeValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`;
  if (Array.isArray(value)) {
    const items = (value as readonly AttributeValue[]).map(pythonText);
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  return 'None';
}

/** The attributes that count a norm's channels. */
export const SIZES: readonly string[] = ['num_features', 'num_channels', 'normalized_shape'];

/** How many channels a norm is for; undefined where it normalizes over several axes. */
export function channelsOf({ attributes }: NewLayer): number | undefined {
  for (const name of SIZES) {
    const value = attributes[name];
    if (typeof value === 'number') return value;
    if (Array.isArray(value)) return value.length === 1 && typeof value[0] === 'number' ? value[0] : undefined;
  }
  return undefined;
}

/** The layer for another number of channels; undefined where its groups do not divide them. */
export function withChannels(layer: NewLayer, channels: number): NewLayer | undefined {
  const attributes: Record<string, AttributeValue> = { ...layer.attributes };
  for (const name of SIZES)
    if (name in attributes) attributes[name] = Array.isArray(attributes[name]) ? [channels] : channels;
  const groups = attributes.num_groups;
  return typeof groups === 'number' && channels % groups !== 0 ? undefined : { kind: layer.kind, attributes };
}

/**
 * The arguments that construct a layer: what it needs by position, the rest by keyword where it is not PyTorch's default.
 * `written` has an attribute's own text.
 */
export function constructorArguments(layer: NewLayer, written: ReadonlyMap<string, string>): string {
  const row = findLayer(layer.kind);
  if (!row) throw new Error(`no layer row for ${layer.kind}`);
  const completed = completeAttributes(row, layer.attributes);
  return Object.entries(row.attributes)
    .flatMap(([name, { fallback, ofCall }]) => {
      const value = completed[name]!;
      if (ofCall) return [];
      const own = written.get(name);
      const plain = Array.isArray(value) && SIZES.includes(name) && value.length === 1 ? value[0]! : value;
      if (fallback === undefined) return own ?? pythonText(plain);
      return JSON.stringify(value) === JSON.stringify(fallback) ? [] : `${name}=${own ?? pythonText(plain)}`;
    })
    .join(', ');
}
