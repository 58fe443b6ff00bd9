import type { Span } from '../../../../network';
import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import type { Evaluation } from '../../../python/evaluator';
import { type Arguments, argument, bool, int, list, NONE, string, type Value } from '../../../python/values';
import { type Torch, torchAt } from '../written/at';

// Complex tensors as two real ones: rotary embeddings and Fourier layers need no more. Where a file makes a parameter or a
// product of matrices of them, it is named as not modelled.

/** A complex tensor's parts. */
export interface Parts {
  readonly real: Value;
  readonly imag: Value;
}

/** The name of their class, which PyTorch has not: there they are tensors of another type. */
export const COMPLEX_CLASS = 'torch.ComplexTensor';

/** The parts of a complex tensor; undefined for anything else. */
export const partsOf = (value: Value | undefined): Parts | undefined => {
  if (value?.type !== 'instance' || value.class.path !== COMPLEX_CLASS) return undefined;
  return { real: value.attributes.get('real')!, imag: value.attributes.get('imag')! };
};

/** Whether a value is a complex tensor. */
export const isComplex = (value: Value | undefined): boolean => partsOf(value) !== undefined;

/** A complex tensor of its parts; a part that is not known is what it gives. */
export const complexOf = (real: Value, imag: Value, run: Evaluation): Value => {
  const broken = [real, imag].find(({ type }) => type !== 'tensor');
  if (broken) return broken;
  return {
    type: 'instance',
    class: run.libraryClass(COMPLEX_CLASS)!,
    attributes: new Map([
      ['real', real],
      ['imag', imag],
    ]),
  };
};

type Compute = (parts: Parts, torch: Torch, args: Arguments) => Value;

/** A method: what it does with the parts, and the arguments behind them. */
const method =
  (by: string, compute: Compute) =>
  (args: Arguments, site: Span, run: Evaluation): Value => {
    const parts = partsOf(argument(args, 0));
    if (!parts) return run.unmodelled(by, 'it is no complex tensor', site);
    return compute(parts, torchAt(by, site, run), { ...args, positional: args.positional.slice(1) });
  };

/** Done to each part by itself: what moves elements, and what is linear. */
const each = (name: string): BuiltinRow =>
  method(name, ({ real, imag }, { run, site }, args) => {
    const of = (part: Value) => run.call(run.attribute(part, name, site), args, site);
    return complexOf(of(real), of(imag), run);
  });

/** The parts of an operand; a real number or tensor has no imaginary one. */
export const operand = (value: Value): { real: Value; imag: Value | undefined } =>
  partsOf(value) ?? { real: value, imag: undefined };

const plus = (a: Value, b: Value, torch: Torch): Value => torch.binary('+', a, b);
const minus = (a: Value, b: Value, torch: Torch): Value => torch.binary('-', a, b);
const times = (a: Value, b: Value, torch: Torch): Value => torch.binary('*', a, b);

function product(a: Parts, other: Value, torch: Torch): Value {
  const b = operand(other);
  if (!b.imag) return complexOf(times(a.real, b.real, torch), times(a.imag, b.real, torch), torch.run);
  return complexOf(
    minus(times(a.real, b.real, torch), times(a.imag, b.imag, torch), torch),
    plus(times(a.real, b.imag, torch), times(a.imag, b.real, torch), torch),
    torch.run,
  );
}

function sum(a: Parts, other: Value, torch: Torch, sign: '+' | '-'): Value {
  const b = operand(other);
  const real = torch.binary(sign, a.real, b.real);
  // A wider real operand widens both parts.
  const imag = b.imag ? torch.binary(sign, a.imag, b.imag) : torch.binary('+', a.imag, times(b.real, int(0), torch));
  return complexOf(real, imag, torch.run);
}

const squared = ({ real, imag }: Parts, torch: Torch): Value =>
  plus(torch.call('square', [real]), torch.call('square', [imag]), torch);

function quotient(a: Parts, other: Value, torch: Torch): Value {
  const b = operand(other);
  if (!b.imag) return complexOf(torch.binary('/', a.real, b.real), torch.binary('/', a.imag, b.real), torch.run);
  const scale = squared({ real: b.real, imag: b.imag }, torch);
  const over = partsOf(product(a, complexOf(b.real, torch.call('neg', [b.imag]), torch.run), torch));
  return over
    ? complexOf(torch.binary('/', over.real, scale), torch.binary('/', over.imag, scale), torch.run)
    : torch.unmodelled('this quotient is not modelled');
}

const magnitude: Compute = ({ real, imag }, torch) =>
  // Its gradient at 0 is 0, as that of a norm is.
  torch.call('norm', [torch.call('stack', [list([real, imag]), int(-1)])], { dim: int(-1) });

const conjugate: Compute = ({ real, imag }, torch) => complexOf(real, torch.call('neg', [imag]), torch.run);

const MOVING = [
  ...['reshape', 'view', 'flatten', 'unflatten', 'unsqueeze', 'squeeze', 'transpose', 'permute', 'expand', 'repeat'],
  ...[
    'contiguous',
    'clone',
    'detach',
    'to',
    'cuda',
    'cpu',
    'sum',
    'mean',
    'roll',
    'flip',
    'movedim',
    'narrow',
    'select',
  ],
  ...['index_select', 'expand_as', 'view_as', 'repeat_interleave', 'cumsum'],
];

const FACTS = ['size', 'dim', 'numel', 'ndimension'];

/** What a real part says of the whole. */
const ofReal = (name: string): BuiltinRow =>
  method(name, ({ real }, { run, site }, args) => run.call(run.attribute(real, name, site), args, site));

const item = method('__getitem__', ({ real, imag }, { run, site }, args) => {
  const index = argument(args, 0);
  return complexOf(run.subscript(real, index, site), run.subscript(imag, index, site), run);
});

/** Writes a complex value's parts where the whole is written. */
const setItem = method('__setitem__', (parts, { run, site }, args) => {
  const [index = NONE, given = NONE] = args.positional;
  const { real, imag } = operand(given);
  if (parts.real.type !== 'tensor' || parts.imag.type !== 'tensor') return NONE;
  run.setTensorItem(parts.real, index, real, site);
  run.setTensorItem(parts.imag, index, imag ?? int(0), site);
  return NONE;
});

/** Methods of complex tensors. */
export const complexMethods: BuiltinTable = {
  ...Object.fromEntries(MOVING.map((name) => [name, each(name)])),
  ...Object.fromEntries(FACTS.map((name) => [name, ofReal(name)])),
  __getitem__: item,
  __setitem__: setItem,
  __mul__: method('mul', (parts, torch, args) => product(parts, argument(args, 0), torch)),
  __rmul__: method('mul', (parts, torch, args) => product(parts, argument(args, 0), torch)),
  mul: method('mul', (parts, torch, args) => product(parts, argument(args, 0), torch)),
  __add__: method('add', (parts, torch, args) => sum(parts, argument(args, 0), torch, '+')),
  __radd__: method('add', (parts, torch, args) => sum(parts, argument(args, 0), torch, '+')),
  __rsub__: method('sub', (parts, torch, args) => {
    const negative = { real: torch.call('neg', [parts.real]), imag: torch.call('neg', [parts.imag]) };
    return sum(negative, argument(args, 0), torch, '+');
  }),
  __sub__: method('sub', (parts, torch, args) => sum(parts, argument(args, 0), torch, '-')),
  __truediv__: method('div', (parts, torch, args) => quotient(parts, argument(args, 0), torch)),
  __neg__: method('neg', ({ real, imag }, torch) =>
    complexOf(torch.call('neg', [real]), torch.call('neg', [imag]), torch.run),
  ),
  abs: method('abs', magnitude),
  __abs__: method('abs', magnitude),
  angle: method('angle', ({ real, imag }, torch) => torch.call('atan2', [imag, real])),
  conj: method('conj', conjugate),
  is_complex: () => bool(true),
  is_floating_point: () => bool(false),
};

/** Properties of complex tensors beside their parts. */
export const complexProperties: BuiltinTable = {
  shape: method('shape', ({ real }, { run, site }) => run.attribute(real, 'shape', site)),
  ndim: method('ndim', ({ real }, { run, site }) => run.attribute(real, 'ndim', site)),
  dtype: () => ({ type: 'library', path: 'torch.complex64' }),
  device: () => string('cpu'),
  data: (args) => argument(args, 0),
};
