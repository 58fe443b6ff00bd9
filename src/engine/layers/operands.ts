import type { Tensor } from '../tensor';
import type { ForwardContext } from './row';

/**
 * A learned tensor: the module's parameter, or, in a functional call (more than one input), the input at `position`.
 */
export const weightOrOperand = (
  name: string,
  position: number,
  inputs: readonly Tensor[],
  context: ForwardContext,
): Tensor => (inputs.length > 1 ? inputs[position]! : context.parameter(name));
