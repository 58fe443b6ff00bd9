import type { Tensor } from './tensor';

/** Whether an expression is zero whatever its inputs are: the gradient of what no loss depends on, and what is made of it. */
export function isStructuralZero(x: Tensor): boolean {
  switch (x.primitive) {
    case 'constant':
      return x.attributes.values.length === 1 && Number(x.attributes.values[0]) === 0;
    case 'expand':
    case 'reshape':
    case 'transpose':
    case 'neg':
      return isStructuralZero(x.inputs[0]!);
    case 'mul':
      return x.inputs.some(isStructuralZero);
    case 'add':
    case 'sub':
      return x.inputs.every(isStructuralZero);
    default:
      return false;
  }
}
