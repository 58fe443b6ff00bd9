import { AttributeError, completeAttributes, findLayer, type LayerRow, NotModelled, ShapeError } from '../../../layers';
import type { Attributes } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { constructedAttributes, registerLayer } from '../../python/modules/layer';
import { applyLayer } from '../../python/modules/trace';
import { argument, type ModuleValue, NONE, unknown, type Value } from '../../python/values';

// Layers whose sizes on the input side come with the first forward. Until an input is known they have no parameters.

const LAZY = /^Lazy(Linear|(Conv|ConvTranspose|BatchNorm|InstanceNorm)[123]d)$/;

/** The row of the layer that a lazy class becomes, by the name of the class in torch.nn. */
export function lazyRow(name: string): LayerRow | undefined {
  const kind = LAZY.exec(name)?.[1];
  return kind === undefined ? undefined : findLayer(kind);
}

/** The attribute that the first input says: the first of the constructor. */
const missing = (row: LayerRow): string => Object.keys(row.attributes)[0]!;

/** The attributes that the constructor gives, without the one that an input says. */
const withoutSize = (row: LayerRow): Pick<LayerRow, 'kind' | 'attributes'> => {
  const { [missing(row)]: _, ...attributes } = row.attributes;
  return { kind: row.kind, attributes };
};

/** The channels or features that come in; undefined where the shape has no such axis. */
function sizeOf(row: LayerRow, { shape }: Extract<Value, { type: 'tensor' }>): number | undefined {
  const dimension = Number(/(\d)d$/.exec(row.kind)?.[1] ?? 0);
  const axis = dimension === 0 ? -1 : /Conv|Instance/.test(row.kind) ? -1 - dimension : 1;
  const size = shape?.at(axis);
  return typeof size === 'number' ? size : undefined;
}

/** The methods of a lazy class. */
export function lazyMethods(row: LayerRow): BuiltinTable {
  return {
    __init__(args, site, run) {
      const module = argument(args, 0) as ModuleValue;
      const own = { ...args, positional: args.positional.slice(1) };
      const attributes = constructedAttributes(module, withoutSize(row), own, site, run);
      if (attributes) module.lazy = { row, attributes };
      return NONE;
    },
    forward(args, site, run) {
      const [module, input = NONE] = args.positional as [ModuleValue, Value];
      const { lazy } = module;
      if (!lazy) return module.opaque ?? run.unmodelled(row.kind, 'its constructor has not run', site);
      const size = input.type === 'tensor' ? sizeOf(row, input) : undefined;
      if (input.type === 'tensor' && input.shape && size === undefined)
        return run.unmodelled(module.class.name, 'what comes in says no size', site);
      const attributes = complete(module, lazy.attributes, size, run);
      if ('type' in attributes) return attributes as Value;
      if (size !== undefined) lazy.seen = attributes as Attributes;
      return applyLayer({ row, attributes: attributes as Attributes, operands: [input], site, by: module }, run);
    },
    reset_parameters: () => NONE,
    has_uninitialized_params: () => ({ type: 'bool', value: true }),
  };
}

/** The attributes with the size, if it is known by now; an unknown value where they do not go together. */
function complete(
  module: ModuleValue,
  attributes: Attributes,
  size: number | undefined,
  run: Evaluation,
): Attributes | Value {
  const { row } = module.lazy!;
  if (size === undefined) return attributes;
  try {
    return completeAttributes(row, { ...attributes, [missing(row)]: size });
  } catch (error) {
    if (error instanceof NotModelled) return unknown(error.message, module.source);
    if (error instanceof AttributeError || error instanceof ShapeError) return run.refuse(error, module.source);
    throw error;
  }
}

/** Forgets what tries of other inputs have shown. */
export function forgetInputs(modules: Iterable<ModuleValue>): void {
  for (const { lazy } of modules) if (lazy) delete lazy.seen;
}

/** Gives lazy layers that a forward has seen their parameters and their class; those that it has not stay without. */
export function materialize(modules: Iterable<ModuleValue>, run: Evaluation): void {
  for (const module of modules) {
    const { lazy } = module;
    if (!lazy?.seen || module.layer) continue;
    registerLayer(module, lazy.row, lazy.seen, run);
    module.class = run.libraryClass(`torch.nn.${lazy.row.kind}`) ?? module.class;
  }
}
