import type { ValueType } from '../network';
import { cast, type Operand, type Tensor } from '../tensor';

/** From the narrowest to the widest, as PyTorch promotes them. */
const WIDTHS: readonly ValueType[] = ['bool', 'int64', 'float32'];

/** The type that values of these types have together; float32 where there are none. */
export const promoted = (types: readonly ValueType[]): ValueType =>
  WIDTHS[Math.max(...types.map((type) => WIDTHS.indexOf(type)))] ?? 'float32';

/** The type of a number written in place of a tensor: a fraction makes everything floating point. */
export const typeOfNumber = (value: number): ValueType => (Number.isInteger(value) ? 'int64' : 'float32');

/** The outputs have the first input's type: what moves elements. */
export const keepsType = ([first]: readonly ValueType[]): readonly ValueType[] => [first ?? 'float32'];

/** Every input is taken, the output is floating point. */
export const givesFloat = (): readonly ValueType[] => ['float32'];

/** Every input is taken, the output is boolean. */
export const givesBool = (): readonly ValueType[] => ['bool'];

/** Every input is taken, the output is of whole numbers. */
export const givesInteger = (): readonly ValueType[] => ['int64'];

/** The tensor as floating point. */
export const asFloat = (x: Tensor): Tensor => cast(x, 'float32');

/** The operands in the type that they have together. */
export function together(...operands: readonly Operand[]): readonly Operand[] {
  const type = promoted(
    operands.map((operand) => (typeof operand === 'number' ? typeOfNumber(operand) : (operand.dtype as ValueType))),
  );
  return operands.map((operand) => (typeof operand === 'number' ? operand : cast(operand, type)));
}
