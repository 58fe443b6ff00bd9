import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { argument, bool, int, list, NONE, type Value } from '../../../python/values';
import { layerFunction } from '../layers';
import { type Torch, torchAt, written } from '../written/at';
import { complexOf, operand, type Parts, partsOf } from './tensor';

/** What a function does with a complex tensor, and what it is for any other. */
const either =
  (by: string, complex: (parts: Parts, torch: Torch, given: readonly Value[]) => Value, real: BuiltinRow): BuiltinRow =>
  (args, site, run) => {
    const parts = partsOf(args.positional[0] ?? args.keywords.get('input'));
    return parts ? complex(parts, torchAt(by, site, run), args.positional) : real(args, site, run);
  };

/** A method of complex tensors under its function's name. */
const asMethod = (name: string, real: BuiltinRow): BuiltinRow =>
  either(name, (_, torch, [value = NONE, ...rest]) => torch.method(name, value, ...rest), real);

/** A function of a list of tensors, done to the parts of complex ones. */
const joining =
  (name: string): BuiltinRow =>
  (args, site, run) => {
    const plain = layerFunction(`torch.${name}`)!;
    const items = run.iterate(argument(args, 0), site) ?? [];
    if (!items.some((each) => partsOf(each))) return plain(args, site, run);
    const torch = torchAt(name, site, run);
    const of = (pick: (value: Value) => Value) =>
      plain({ ...args, positional: [list(items.map(pick)), ...args.positional.slice(1)] }, site, run);
    const imaginary = (value: Value) => operand(value).imag ?? torch.call('zeros_like', [value]);
    return complexOf(
      of((value) => operand(value).real),
      of(imaginary),
      run,
    );
  };

/** Sums of products of two tensors, of which one or both are complex. */
const einsum: BuiltinRow = (args, site, run) => {
  const [equation = NONE, a, b, ...more] = args.positional;
  const plain = layerFunction('torch.einsum')!;
  if (!a || !b || (!partsOf(a) && !partsOf(b))) return plain(args, site, run);
  const torch = torchAt('einsum', site, run);
  if (more.length > 0) return torch.unmodelled('a product of more than two complex tensors is not modelled');
  const [left, right] = [operand(a), operand(b)];
  const of = (x: Value | undefined, y: Value | undefined): Value | undefined =>
    x && y && torch.call('einsum', [equation, x, y]);
  const combined = (x: Value | undefined, y: Value | undefined, operator: string): Value => {
    if (x && y) return torch.binary(operator, x, y);
    if (x) return x;
    return operator === '-' ? torch.call('neg', [y!]) : y!;
  };
  return complexOf(
    combined(of(left.real, right.real), of(left.imag, right.imag), '-'),
    combined(of(left.real, right.imag), of(left.imag, right.real), '+'),
    run,
  );
};

const last = int(-1);

/** torch's functions that make complex tensors or take them apart. */
export const complexFunctions: BuiltinTable = {
  complex: (args, _, run) => complexOf(argument(args, 0), args.positional[1] ?? args.keywords.get('imag') ?? NONE, run),
  polar: written('polar', ['abs', 'angle'], ({ abs = NONE, angle = NONE }, torch) =>
    complexOf(
      torch.binary('*', abs, torch.call('cos', [angle])),
      torch.binary('*', abs, torch.call('sin', [angle])),
      torch.run,
    ),
  ),
  view_as_complex: written('view_as_complex', ['input'], ({ input = NONE }, torch) =>
    complexOf(torch.call('select', [input, last, int(0)]), torch.call('select', [input, last, int(1)]), torch.run),
  ),
  view_as_real: either(
    'view_as_real',
    ({ real, imag }, torch) => torch.call('stack', [list([real, imag]), last]),
    (_, site, run) => run.unmodelled('view_as_real', 'view_as_real is only supported for complex tensors', site),
  ),
  real: either(
    'real',
    ({ real }) => real,
    (args) => argument(args, 0),
  ),
  imag: either(
    'imag',
    ({ imag }) => imag,
    (_, site, run) => run.unmodelled('imag', 'imag is not implemented for tensors with non-complex dtypes', site),
  ),
  angle: asMethod('angle', (_, site, run) =>
    run.unmodelled('angle', 'the angle of real numbers is not modelled', site),
  ),
  conj: asMethod('conj', (args) => argument(args, 0)),
  abs: asMethod('abs', layerFunction('torch.abs')!),
  is_complex: either(
    'is_complex',
    () => bool(true),
    () => bool(false),
  ),
  cat: joining('cat'),
  stack: joining('stack'),
  einsum,
};
