import type { AttributeValue } from '../network';
import { greater, less, type Tensor } from '../tensor';
import { type Attribute, type AttributesOf, bool } from './attribute';
import { onlyInput } from './dimensions';
import { defineLayer, type FunctionForm, type LayerRow } from './row';

/** "Inactive" takes zero to mean |φ′| < 0.01·max|φ′|: a gradient passes there a hundred times smaller than where it passes best. */
export const INACTIVE_SHARE = 0.01;

/** What one pointwise activation is. */
interface Pointwise<S extends Record<string, Attribute<AttributeValue>>> {
  readonly attributes: S;
  readonly functions: readonly FunctionForm[];
  validate?(attributes: AttributesOf<S>): void;
  /** φ(x) */
  compute(x: Tensor, attributes: AttributesOf<S>): Tensor;
  /** For a bounded φ: |φ′(z)| < 0.1·max|φ′| below the first and above the second. */
  saturatedBeyond?(attributes: AttributesOf<S>): readonly [number, number];
  /** Where φ′ is zero or nearly, from x or from y = φ(x). */
  inactive?(x: Tensor, attributes: AttributesOf<S>, y: Tensor): Tensor;
}

/** A row that maps each element by itself. */
export function pointwise<const S extends Record<string, Attribute<AttributeValue>>>(
  kind: string,
  { attributes, functions, validate, compute, saturatedBeyond, inactive }: Pointwise<S>,
): LayerRow {
  return defineLayer<S>({
    kind,
    role: 'activation',
    layout: 'any',
    module: true,
    attributes,
    functions,
    validate,
    outputShapes: (inputs) => [onlyInput(inputs, kind)],
    forward([input], given) {
      const x = input!;
      const y = compute(x, given);
      const bounds = saturatedBeyond?.(given);
      return {
        outputs: [y],
        saturated: bounds && { low: less(x, bounds[0]), high: greater(x, bounds[1]) },
        inactive: inactive?.(x, given, y),
      };
    },
  });
}

export const FUNCTIONAL = 'torch.nn.functional';
export const inplace = { inplace: bool(false) };

/** `torch.f`, `Tensor.f` and their in-place twins. */
export const everywhere = (name: string) => [`torch.${name}`, `Tensor.${name}`, `torch.${name}_`, `Tensor.${name}_`];

/** The function form with the given parameters after `input`, and the names under which it takes `input` alone or them too. */
export const form = (names: readonly string[], ...parameters: readonly string[]): FunctionForm => ({
  names,
  parameters: ['input', ...parameters],
});
