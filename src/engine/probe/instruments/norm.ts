import { add, greater, mul, sqrt, sumSquare, type Tensor, where } from '../../tensor';

/** Below this plain sums of float32 squares lose digits; above it the scaled ones would come near overflow. */
const SMALL = 1e-12;
/** A power of two, so that scaling is exact. */
const SCALE = 2 ** 64;

/** The L2 norm of all tensors together; loses digits below 1e-17 and is zero below 1e-19. */
export const plainNorm = (tensors: readonly Tensor[]): Tensor => sqrt(tensors.map((x) => sumSquare(x)).reduce(add));

/**
 * The L2 norm of all tensors together. A gradient of 1e-25 squares to zero in float32, exactly in the vanishing
 * networks that are to be found: small norms are taken of scaled values, down to 1e-37.
 */
export function euclideanNorm(tensors: readonly Tensor[]): Tensor {
  const plain = plainNorm(tensors);
  const scaled = mul(plainNorm(tensors.map((x) => mul(x, SCALE))), 1 / SCALE);
  return where(greater(plain, SMALL), plain, scaled);
}
