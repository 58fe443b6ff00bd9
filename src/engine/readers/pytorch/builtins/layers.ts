import { type FunctionForm, functionForms, type LayerRow } from '../../../layers';
import { type AttributeValue, affineOf, type Initialization, type Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { withComputed } from '../../python/modules/computedTensor';
import { attributeValue, becomeLayer, fitting } from '../../python/modules/layer';
import { knownTensor } from '../../python/modules/recipe';
import { applyLayer } from '../../python/modules/trace';
import { type Arguments, argument, asNumber, type ModuleValue, NONE, unknown, type Value } from '../../python/values';
import { callPacked, packedSequence } from './packedSequences';
import { shifts } from './written/elementwise';

/** A call's arguments as a form has them: tensors in order, and attributes. */
interface BoundForm {
  readonly operands: readonly Value[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Why an attribute is not known. */
  readonly unclear?: Value;
  /** Arguments that the row does not know. */
  readonly rest: ReadonlyMap<string, Value>;
}

/** Further names that PyTorch takes for its functions' parameters, numpy's among them. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  dim: ['axis'],
  dims: ['axes', 'axis'],
  keepdim: ['keepdims'],
  input: ['x', 'a', 'x1'],
  other: ['x2', 'mat2', 'tensor2'],
  tensor: ['other'],
  dim0: ['axis0'],
  dim1: ['axis1'],
  size: ['shape'],
  indices_or_sections: ['indices', 'sections'],
  src: ['value'],
  split_size_or_sections: ['split_size', 'split_sizes'],
  unflattened_size: ['sizes'],
};
const otherNames = (name: string): readonly string[] => (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name]! : []);

/** So many batches as a tensor that holds the number: what a sum over samples is divided by. */
function countOf(batches: number, site: Span, run: Evaluation): Value {
  const size = [{ batch: batches }];
  const ones = knownTensor('full', { size, fill_value: 1, dtype: 'int64' }, size, 'int64', 'ones', site);
  return layerFunction('torch.sum')!({ positional: [ones], keywords: new Map() }, site, run);
}

/** Puts arguments to a form's parameters: `*dims` takes what is left, or one list of it. */
export function bindForm(
  row: Pick<LayerRow, 'attributes'>,
  form: Pick<FunctionForm, 'parameters' | 'operands'>,
  args: Arguments,
  site: Span,
  run: Evaluation,
): BoundForm {
  const values = new Map<string, Value>();
  form.parameters.forEach((parameter, i) => {
    const name = parameter.replace(/^\*/, '');
    const rest = args.positional.slice(i);
    const keyword =
      args.keywords.get(name) ??
      otherNames(name)
        .map((other) => args.keywords.get(other))
        .find(Boolean);
    if (keyword) values.set(name, keyword);
    else if (parameter.startsWith('*') && rest.length > 0) {
      const [only] = rest;
      values.set(
        name,
        rest.length === 1 && (only!.type === 'tuple' || only!.type === 'list') ? only! : { type: 'tuple', items: rest },
      );
    } else if (args.positional[i]) values.set(name, args.positional[i]!);
  });
  const attributes: Record<string, AttributeValue> = {};
  const operands: Value[] = [];
  const there: string[] = [];
  for (const parameter of form.operands ?? ['input']) {
    const name = parameter.replace(/^\*|\?$/g, '');
    const value = values.get(name) ?? (name === form.operands?.[0] ? args.positional[0] : undefined);
    values.delete(name);
    if (!value || value.type === 'none') {
      if (parameter.endsWith('?')) continue;
      if (operands.length > 0 || value) break;
      continue;
    }
    if (parameter.endsWith('?')) there.push(name);
    const number = asNumber(value);
    if (parameter.startsWith('*') && value.type !== 'tensor') operands.push(...(run.iterate(value, site) ?? [value]));
    else if (number !== undefined && value.type !== 'tensor' && name in row.attributes) attributes[name] = number;
    else operands.push(value.type === 'dim' ? countOf(value.batch, site, run) : value);
  }
  if ('operands' in row.attributes) attributes.operands = there;
  let unclear: Value | undefined;
  const rest = new Map<string, Value>();
  for (const [name, value] of values) {
    if (!(name in row.attributes)) {
      rest.set(name, value);
      continue;
    }
    const attribute = attributeValue(value);
    if (attribute !== undefined) attributes[name] = fitting(row.attributes[name], attribute);
    else unclear ??= value.type === 'unknown' ? value : unknown(`its ${name} is not modelled`, site);
  }
  return { operands, attributes, rest, ...(unclear && { unclear }) };
}

/** The name that a function's calls bear: `torch.relu_` is `relu`, `operator.truediv` is `div`. */
const shortName = (path: string, row: LayerRow): string =>
  path.startsWith('operator.') ? row.kind : path.split('.').at(-1)!.replace(/_$/, '');

/** What a PyTorch function or tensor method computes, where a layer row does it. */
export function layerFunction(path: string): BuiltinRow | undefined {
  const found = functionForms.get(path);
  if (!found) return undefined;
  const { row, form } = found;
  const by = shortName(path, row);
  return (args, site, run) => {
    const { operands, attributes, unclear } = bindForm(row, form, args, site, run);
    const open = operands.find((operand) => operand.type === 'tensor' && operand.shape === undefined);
    if (unclear?.type === 'unknown') {
      if (open) return open;
      run.note(unclear, by);
      return unclear;
    }
    const result = applyLayer(
      { row, attributes, operands, site, by, ...(form.defaults && { defaults: form.defaults }) },
      run,
    );
    const [target] = operands;
    return isInPlace(path) && target?.type === 'tensor' ? run.writeTo(target, result, site) : result;
  };
}

/** `Tensor.add_`, `torch.relu_`; not `Tensor.__getitem__` or `operator.and_`. */
const isInPlace = (path: string): boolean => /[a-z0-9]_$/.test(path) && !path.startsWith('operator.');

/** Python's operators on tensors by their name in the operator module. */
const OPERATORS: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
  '&': 'and_',
  '|': 'or_',
  '^': 'xor',
};

/** `operator value`: `-x`, `~mask`; `+x` is x. */
export function tensorUnary(operator: string, value: Value, site: Span, run: Evaluation): Value | undefined {
  if (operator === '+') return value;
  const name = operator === '-' ? 'operator.neg' : operator === '~' ? 'operator.invert' : undefined;
  return name === undefined
    ? undefined
    : layerFunction(name)?.({ positional: [value], keywords: new Map() }, site, run);
}

const ARITHMETIC = /^(\+|-|\*|%|\/\/|\*\*)$/;

/** Whole numbers become floating ones beside a float: `mask * 1.0`, whose number alone does not say so. */
function promoted(value: Value, other: Value, site: Span, run: Evaluation): Value {
  if (value.type !== 'tensor' || value.dtype === 'float32' || other.type !== 'float' || !Number.isInteger(other.value))
    return value;
  const to: Value = { type: 'library', path: 'torch.float32' };
  return layerFunction('Tensor.to')!({ positional: [value, to], keywords: new Map() }, site, run);
}

/** `left operator right` where one is a tensor. */
export function tensorOperator(
  operator: string,
  left: Value,
  right: Value,
  site: Span,
  run: Evaluation,
): Value | undefined {
  for (const side of [left, right])
    if (side.type !== 'tensor' && side.type !== 'dim' && asNumber(side) === undefined) return undefined;
  if (operator === '<<' || operator === '>>')
    return shifts[operator]({ positional: [left, right], keywords: new Map() }, site, run);
  const name = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (name === undefined) return undefined;
  const sides = ARITHMETIC.test(operator)
    ? [promoted(left, right, site, run), promoted(right, left, site, run)]
    : [left, right];
  const result = layerFunction(`operator.${name}`)?.({ positional: sides, keywords: new Map() }, site, run);
  if (result?.type !== 'tensor' || result.place.kind !== 'fresh') return result;
  const initialization = scaledInitialization(operator, left, right);
  return initialization ? { ...result, place: { ...result.place, initialization } } : result;
}

/** `torch.randn(3) * 0.02` and the like: a made tensor times or plus a number, its distribution with it. */
function scaledInitialization(operator: string, left: Value, right: Value): Initialization | undefined {
  const number = asNumber(right);
  if (number === undefined || left.type !== 'tensor' || left.place.kind !== 'fresh' || !left.place.initialization)
    return undefined;
  const scale = operator === '*' ? number : operator === '/' ? 1 / number : 1;
  const shift = operator === '+' ? number : operator === '-' ? -number : 0;
  if (!['*', '/', '+', '-'].includes(operator)) return undefined;
  return affineOf(left.place.initialization, scale, shift);
}

/** The attributes that a call says, completed; what belongs to the constructor is none of its business. */
export function saidByCall(
  row: Pick<LayerRow, 'attributes'>,
  given: Readonly<Record<string, AttributeValue>>,
): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const attribute = row.attributes[name];
      const accepted = attribute?.ofCall ? attribute.accept(value) : undefined;
      return accepted === undefined ? [] : [[name, accepted]];
    }),
  );
}

/** The methods of a PyTorch module class that a layer row computes. */
export function layerMethods(row: LayerRow): BuiltinTable {
  return {
    __init__(args, site, run) {
      const module = argument(args, 0) as ModuleValue;
      becomeLayer(module, row, { ...args, positional: args.positional.slice(1) }, site, run);
      return NONE;
    },
    forward(args, site, run) {
      const [module, ...positional] = args.positional as [ModuleValue, ...Value[]];
      if (!module.layer)
        return module.opaque ?? run.raise('RuntimeError', `${module.class.name} has not run its __init__`, site);
      const call = row.call ?? { parameters: ['input'] };
      const packed = packedSequence(args.keywords.get(call.parameters[0]!) ?? positional[0]);
      if (packed) return callPacked(module, module.layer, packed, { ...args, positional }, site, run);
      const { operands, rest, attributes, unclear } = bindForm(row, call, { ...args, positional }, site, run);
      for (const [name, value] of rest) {
        if (value.type === 'none' || value.type === 'bool') continue;
        return value.type === 'unknown'
          ? value
          : run.unmodelled(`${row.kind}(${name}=…)`, `its argument ${name} is not modelled`, site);
      }
      if (unclear?.type === 'unknown') {
        run.note(unclear, row.kind);
        return unclear;
      }
      const taken = module.computed?.size ? withComputed(module, row, operands, site, run) : operands;
      if (!taken) return run.unmodelled(row.kind, 'a computed weight of this kind of layer is not modelled', site);
      const said = saidByCall(row, attributes);
      const layer = { ...module.layer.attributes, ...said };
      return applyLayer({ row, attributes: layer, operands: taken, site, by: module }, run);
    },
    _reset_parameters: (args, site, run) =>
      run.call(
        run.attribute(argument(args, 0), 'reset_parameters', site),
        { positional: [], keywords: new Map() },
        site,
      ),
    /** Draws the row's own initialization again. */
    reset_parameters(args) {
      const { layer, parameters } = argument(args, 0) as ModuleValue;
      for (const [name, { initialization }] of Object.entries(layer?.row.parameters?.(layer.attributes) ?? {})) {
        const stored = parameters.get(name);
        if (stored) stored.initialization = initialization;
      }
      return NONE;
    },
  };
}
