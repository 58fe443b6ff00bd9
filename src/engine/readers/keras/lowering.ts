import { completeAttributes, findLayer } from '../../layers';
import type { Attributes, Shape, Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { attributeValue } from '../python/modules/layer';
import { applyLayer } from '../python/modules/trace';
import { type Arguments, asNumber, type ModuleValue, NONE, type Value } from '../python/values';
import type { Masks } from './masks';
import type { Calls } from './operations';
import { callsOf } from './operations';
import { stateOf } from './state';

/** One call of a layer without a row of its own. */
export interface Lowering {
  readonly module: ModuleValue;
  readonly args: Arguments;
  readonly input: Value;
  readonly site: Span;
  readonly run: Evaluation;
  readonly masks: Masks;
}

/** What a layer without a row of its own computes. */
export type Lower = (lowering: Lowering) => Value;

/** What its constructor was given; undefined where that is None. */
export const config = ({ module }: Pick<Lowering, 'module'>, name: string): Value | undefined => {
  const value = stateOf(module).config.get(name);
  return value?.type === 'none' ? undefined : value;
};

export const numberOf = (lowering: Lowering, name: string): number | undefined => {
  const value = config(lowering, name);
  return value && asNumber(value);
};

export const wordOf = (lowering: Lowering, name: string, otherwise: string): string => {
  const value = config(lowering, name);
  return value?.type === 'string' ? value.value : otherwise;
};

export const isSaid = (lowering: Lowering, name: string): boolean => {
  const value = config(lowering, name);
  return value?.type === 'bool' && value.value;
};

/** Whole numbers of a list; one alone as a list of one. */
export function numbersOf(lowering: Lowering, name: string): number[] {
  const value = attributeValue(config(lowering, name) ?? NONE);
  if (typeof value === 'number') return [value];
  return Array.isArray(value) ? value.filter((item): item is number => typeof item === 'number') : [];
}

export const shapeOf = ({ input }: Pick<Lowering, 'input'>): Shape | undefined =>
  input.type === 'tensor' ? input.shape : undefined;

/** Functions of torch and operators, at the place of the call. */
export const calls = ({ site, run }: Lowering): Calls => callsOf({ positional: [], keywords: new Map() }, site, run);

/** Applies a row as the layer itself. */
export function as({ module, input, site, run }: Lowering, kind: string, attributes: Attributes): Value {
  const row = findLayer(kind)!;
  const shape = input.type === 'tensor' && input.shape ? [input.shape] : undefined;
  const completed = completeAttributes(row, attributes, shape);
  module.layer = { row, attributes: completed };
  return applyLayer({ row, attributes: completed, operands: [input], site, by: module }, run);
}

/** What goes in comes out. */
export const same: Lower = (lowering) => as(lowering, 'Identity', {});
