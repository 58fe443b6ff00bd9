import { constant } from '../../network';
import { ones, reshape, type Tensor, zeros } from '../../tensor';
import { weightOrOperand } from '../operands';
import type { ForwardContext, ParameterSpec } from '../row';

interface Affine {
  readonly affine: boolean;
  readonly bias: boolean;
}

/** γ = 1 and β = 0 of a shape. */
export const scaleAndShift = (
  shape: readonly number[],
  affine: boolean,
  bias: boolean,
): Record<string, ParameterSpec> =>
  affine
    ? {
        weight: { shape, initialization: constant(1) },
        ...(bias && { bias: { shape, initialization: constant(0) } }),
      }
    : {};

/** γ and β as vectors, from the module or a function's operands; ones and zeros where they are not there. */
export function affineVectors(
  length: number,
  { affine, bias }: Affine,
  inputs: readonly Tensor[],
  context: ForwardContext,
): { scale: Tensor; shift: Tensor } {
  const vector = (name: string, position: number) =>
    reshape(weightOrOperand(name, position, inputs, context), [length]);
  return {
    scale: affine ? vector('weight', 1) : ones([length]),
    shift: affine && bias ? vector('bias', 2) : zeros([length]),
  };
}

/** x [N, C, …] as [N, C, positions]. */
export function byChannel(x: Tensor): Tensor {
  const [samples, channels, ...sizes] = x.shape as readonly [number, number, ...number[]];
  return reshape(x, [samples, channels, sizes.reduce((product, size) => product * size, 1)]);
}
