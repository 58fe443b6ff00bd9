import type { NewLayer } from '../change';
import { findLayer } from '../layers';
import type { SyntaxNode } from '../readers/python/syntax';
import { field } from '../readers/python/syntax';
import { channelsOf, constructorArguments, SIZES } from './layerText';
import { writtenName } from './names';
import { argument, argumentsOf, functionText, type ParsedFile } from './place';
import type { Piece } from './text';

/** A constructor call as text, and the imports that it lacks. */
export interface WrittenLayer {
  readonly text: string;
  readonly imports: readonly Piece[];
}

/** Each way costs a reading. */
const MOST_SIZES = 8;

/** An expression that may be written a second time: names, numbers and arithmetic, no call. */
const isPlain = (text: string): boolean => /^[\w.+\-*/% ()[\]]+$/.test(text) && !/[\w\])] *\(/.test(text);

/** The attributes that say how many channels come out of a layer. */
const OUTPUTS: readonly string[] = ['out_channels', 'out_features', 'embedding_dim', ...SIZES];

/** Expressions in a constructor that may say how many channels there are, the likeliest first. */
function sizeExpressions(made: SyntaxNode | undefined): string[] {
  if (made?.type !== 'call') return [];
  const name = functionText(made).split('.').at(-1)!;
  const names = Object.keys(findLayer(name)?.attributes ?? {});
  const named = OUTPUTS.flatMap((output) => {
    const position = names.indexOf(output);
    return argument(made, output, position < 0 ? Number.POSITIVE_INFINITY : position)?.text ?? [];
  });
  const all = argumentsOf(made).flatMap((each) =>
    each.type === 'keyword_argument' ? (field(each, 'value')?.text ?? []) : each.text,
  );
  return [...new Set([...named, ...all])].filter(isPlain);
}

const distinct = <T>(values: readonly T[]): T | undefined =>
  new Set(values.map((value) => JSON.stringify(value))).size === 1 ? values[0] : undefined;

/** Expressions for the number of groups of layers of `size` channels. */
function groupExpressions(layers: readonly NewLayer[], size: string): string[] {
  const groups = layers.map(({ attributes }) => attributes.num_groups as number);
  const only = distinct(groups);
  if (only !== undefined) return [String(only)];
  const ratio = distinct(layers.map((layer, i) => channelsOf(layer)! / groups[i]!));
  const whole = /^[\w.]+$/.test(size) ? size : `(${size})`;
  if (ratio !== undefined) return ratio === 1 ? [size] : [`${whole} // ${ratio}`];
  return [`min(32, ${whole} // 4)`, `max(1, min(32, ${whole} // 4))`];
}

/**
 * The ways to write one constructor for all of these layers, the likeliest first. Their numbers of channels are taken from
 * the constructors beside it, so that a helper's argument stays one.
 */
export function writtenLayers(
  file: ParsedFile,
  layers: readonly NewLayer[],
  constructors: readonly (SyntaxNode | undefined)[],
  like: SyntaxNode | undefined,
): WrittenLayer[] {
  const [first] = layers;
  const rest = (layer: NewLayer) =>
    Object.entries(layer.attributes).filter(([name]) => name !== 'num_groups' && !SIZES.includes(name));
  if (!first || distinct(layers.map((layer) => [layer.kind, rest(layer)])) === undefined) return [];
  const name = writtenName(file, first.kind, like);
  const write = (written: ReadonlyMap<string, string>): WrittenLayer => ({
    text: `${name.text}(${constructorArguments(first, written)})`,
    imports: name.imports,
  });
  const sizeName = SIZES.find((size) => size in first.attributes);
  const channels = layers.map(channelsOf);
  const same = distinct(channels.map((count) => count ?? null));
  if (sizeName === undefined || same === null) return distinct(layers) === undefined ? [] : [write(new Map())];
  const named = constructors.flatMap(sizeExpressions);
  const literal = typeof same === 'number' ? [String(same)] : [];
  // A number that stands beside it may be another's; the one that is known is better then.
  const sizes = [...new Set([...named.slice(0, 1), ...literal, ...named])].slice(0, MOST_SIZES);
  return sizes.flatMap((size) => {
    const groups = 'num_groups' in first.attributes ? groupExpressions(layers, size) : [undefined];
    return groups.map((group) =>
      write(new Map([[sizeName, size], ...(group === undefined ? [] : [['num_groups', group] as const])])),
    );
  });
}
