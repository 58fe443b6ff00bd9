import type { ValueType } from '../network';
import {
  and,
  cast,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  not,
  type Operand,
  or,
  type Tensor,
} from '../tensor';
import { numbers, shapeOfSide, sides } from './binary';
import { broadcastShapes } from './dimensions';
import { givesBool, together } from './elementTypes';
import { defineLayer, type FunctionForm, type LayerRow, NotModelled } from './row';

/** `torch.f`, `Tensor.f` and Python's operator. */
const forms = (names: readonly string[], operators: readonly string[]): readonly FunctionForm[] => [
  {
    names: [
      ...names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`]),
      ...operators.map((name) => `operator.${name}`),
    ],
    parameters: ['input', 'other'],
    operands: ['input', 'other'],
  },
];

/** True or false for each element. A whole tensor of them hangs on values, so that no shape may. */
const comparison = (kind: string, names: readonly string[], compare: (a: Operand, b: Operand) => Tensor): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: numbers,
    functions: forms([kind, ...names], [kind]),
    types: givesBool,
    outputShapes(inputs, attributes) {
      const [a, b] = sides(kind, inputs, attributes);
      return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
    },
    forward(inputs, attributes) {
      const [a, b] = together(...sides(kind, inputs, attributes)) as [Operand, Operand];
      // ONNX compares no booleans by order.
      const ordered = (side: Operand) =>
        typeof side !== 'number' && side.dtype === 'bool' ? cast(side, 'int64') : side;
      return { outputs: [compare(ordered(a), ordered(b))] };
    },
  });

const asBool = (side: Tensor): Tensor => (side.dtype === 'bool' ? side : not(equal(side, 0)));

const exclusiveOr = (a: Tensor, b: Tensor): Tensor => not(equal(cast(a, 'int64'), cast(b, 'int64')));

/** Logic on the truth of each element: not zero is true. */
const logical = (kind: string, combine: (a: Tensor, b: Tensor) => Tensor): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: {},
    functions: forms([kind], []),
    types: givesBool,
    outputShapes: ([a, b]) => [broadcastShapes(a!, b!)],
    forward: ([a, b]) => ({ outputs: [combine(asBool(a!), asBool(b!))] }),
  });

/** `&`, `|` and `^` on masks. Bits of whole numbers are not modelled. */
const bitwise = (kind: string, operator: string, combine: (a: Tensor, b: Tensor) => Tensor): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: {},
    functions: forms([kind], [operator]),
    types(inputs: readonly ValueType[]) {
      if (inputs.every((type) => type === 'bool')) return ['bool'];
      throw new NotModelled('input', `${kind} is modelled for boolean tensors alone`);
    },
    outputShapes: ([a, b]) => [broadcastShapes(a!, b!)],
    forward: ([a, b]) => ({ outputs: [combine(a!, b!)] }),
  });

export const comparisons: readonly LayerRow[] = [
  comparison('gt', ['greater'], greater),
  comparison('ge', ['greater_equal'], greaterOrEqual),
  comparison('lt', ['less'], less),
  comparison('le', ['less_equal'], lessOrEqual),
  comparison('eq', [], equal),
  comparison('ne', ['not_equal'], (a, b) => not(equal(a, b))),
  logical('logical_and', and),
  logical('logical_or', or),
  logical('logical_xor', exclusiveOr),
  bitwise('bitwise_and', 'and_', and),
  bitwise('bitwise_or', 'or_', or),
  bitwise('bitwise_xor', 'xor', exclusiveOr),
];
