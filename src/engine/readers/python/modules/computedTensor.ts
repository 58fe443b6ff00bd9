import type { LayerRow } from '../../../layers';
import type { Attributes, Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { type ComputedTensor, type ModuleValue, type StoredTensor, tensor, type Value } from '../values';
import { storedValue } from './moduleValue';
import { applyLayer } from './trace';

/** What computes a tensor of others: a layer row under a module's name or a function's. */
export function computedBy(
  row: LayerRow,
  attributes: Attributes,
  operands: readonly StoredTensor[],
  shape: readonly number[],
  by: ModuleValue | string,
): ComputedTensor {
  return {
    shape,
    compute: (site, run) => applyLayer({ row, attributes, operands: operands.map(storedValue), site, by }, run),
  };
}

/** `module.weight` where it is computed: in forward its value, elsewhere a tensor of its shape. */
export function computedAttribute(module: ModuleValue, name: string, site: Span, run: Evaluation): Value | undefined {
  const computed = module.computed?.get(name);
  if (!computed) return undefined;
  return run.trace ? computed.compute(site, run) : tensor(computed.shape, { kind: 'fresh', source: site });
}

/**
 * What a layer with computed parameters takes: the inputs, and, as its function does, its weight and all that follows.
 * Undefined where it has no function that takes them.
 */
export function withComputed(
  module: ModuleValue,
  row: LayerRow,
  inputs: readonly Value[],
  site: Span,
  run: Evaluation,
): readonly Value[] | undefined {
  const computed = [...(module.computed?.keys() ?? [])];
  const operandsOf = (names: readonly string[]) => names.map((name) => name.replace(/^\*|\?$/g, ''));
  const names = (row.functions ?? [])
    .map(({ operands }) => operandsOf(operands ?? ['input']))
    .find((operands) => computed.every((name) => operands.includes(name)));
  if (!names) return undefined;
  const operands = [...inputs];
  for (const name of names.slice(inputs.length)) {
    const stored = module.parameters.get(name);
    const value = computedAttribute(module, name, site, run) ?? (stored ? storedValue(stored) : undefined);
    if (!value) break;
    operands.push(value);
  }
  return operands;
}
