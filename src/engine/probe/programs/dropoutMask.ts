import { elementCount } from '../../network';
import { add, cast, less, mul, range, reshape, shiftRight, type Tensor, xor } from '../../tensor';
import type { TraceBindings } from '../trace';

/** Constants of MurmurHash3's 32-bit finalizer (Appleby), as int32. */
const MIX_1 = 0x85ebca6b | 0;
const MIX_2 = 0xc2b2ae35 | 0;
/** 2³² divided by the golden ratio: spreads consecutive keys apart. */
const GOLDEN = 0x9e3779b9 | 0;
const TWO_POW_MINUS_24 = 2 ** -24;

/** x ^ (x >>> bits) on int32. */
const xorShift = (x: Tensor, bits: number): Tensor => xor(x, cast(shiftRight(cast(x, 'uint32'), bits), 'int32'));

const scramble = (x: Tensor): Tensor => xorShift(mul(xorShift(mul(xorShift(x, 16), MIX_1), 13), MIX_2), 16);

/**
 * Numbers uniform on [0, 1), flat: an integer hash of (element, request, seed, step), because two of ONNX's own random
 * nodes with one seed draw the same numbers. `seed` and `step` are int32 scalars.
 */
function uniformNumbers(shape: readonly number[], request: number, seed: Tensor, step: Tensor): Tensor {
  const key = scramble(add(scramble(add(mul(step, GOLDEN), seed)), Math.imul(request + 1, GOLDEN)));
  const bits = scramble(xor(scramble(range(elementCount(shape))), key));
  return mul(cast(shiftRight(cast(bits, 'uint32'), 8), 'float32'), TWO_POW_MINUS_24);
}

/** Zeros and ones, each one with probability `keep`. */
export const dropoutMask = (
  shape: readonly number[],
  keep: number,
  request: number,
  seed: Tensor,
  step: Tensor,
): Tensor => reshape(cast(less(uniformNumbers(shape, request, seed, step), keep), 'float32'), shape);

/** What layers draw in a program, by the order of their requests. `step` is the number of the step, float32. */
export function randomDraws(seed: Tensor, step: Tensor): Pick<TraceBindings, 'bernoulli' | 'uniform'> {
  let requests = 0;
  const at = cast(step, 'int32');
  return {
    bernoulli: (shape, keep) => dropoutMask(shape, keep, requests++, seed, at),
    uniform: (shape) => reshape(uniformNumbers(shape, requests++, seed, at), shape),
  };
}
