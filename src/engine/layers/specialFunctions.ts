import type { Tensor } from '../tensor';
import * as tensor from '../tensor';

/** sin(πx)/(πx), 1 at 0. */
export function sinc(x: Tensor): Tensor {
  const atZero = tensor.equal(x, 0);
  const angle = tensor.mul(tensor.where(atZero, 1, x), Math.PI);
  return tensor.where(atZero, 1, tensor.div(tensor.sin(angle), angle));
}

/** Steps up, by Γ(x + 1) = xΓ(x), to where Stirling's series has all digits of a float. */
const STEPS = 6;

/** ln Γ(x) and its derivative ψ(x), for x > 0, by Stirling's series (DLMF 5.11.1, 5.11.2). */
function gammaSeries(x: Tensor): { logarithm: Tensor; derivative: Tensor } {
  const y = tensor.add(x, STEPS);
  const inverse = tensor.reciprocal(y);
  const square = tensor.square(inverse);
  const polynomial = (...coefficients: readonly number[]) =>
    coefficients.reduceRight<Tensor>((sum, c) => tensor.add(tensor.mul(sum, square), c), tensor.constant(0));
  const stirling = tensor.add(
    tensor.sub(tensor.mul(tensor.sub(y, 0.5), tensor.log(y)), y),
    tensor.add(tensor.mul(inverse, polynomial(1 / 12, -1 / 360, 1 / 1260)), Math.log(2 * Math.PI) / 2),
  );
  const slope = tensor.sub(
    tensor.sub(tensor.log(y), tensor.mul(inverse, 0.5)),
    tensor.mul(square, polynomial(1 / 12, -1 / 120, 1 / 252)),
  );
  const below = Array.from({ length: STEPS }, (_, i) => tensor.add(x, i));
  return {
    logarithm: tensor.sub(stirling, tensor.log(below.reduce((product, each) => tensor.mul(product, each)))),
    derivative: tensor.sub(
      slope,
      below.map(tensor.reciprocal).reduce((sum, each) => tensor.add(sum, each)),
    ),
  };
}

/** x where it is at least a half, and what is reflected there where it is less (DLMF 5.5.3, 5.5.4). */
function reflected(x: Tensor, right: (x: Tensor) => Tensor, left: (mirrored: Tensor, angle: Tensor) => Tensor): Tensor {
  const isLeft = tensor.less(x, 0.5);
  // Each side is computed where it is wanted, and at a harmless place elsewhere, so that no gradient is lost in infinities.
  const onRight = right(tensor.where(isLeft, 1, x));
  const inside = tensor.where(isLeft, x, 0.25);
  return tensor.where(isLeft, left(tensor.sub(1, inside), tensor.mul(inside, Math.PI)), onRight);
}

/** ln |Γ(x)| */
export const lgamma = (x: Tensor): Tensor =>
  reflected(
    x,
    (y) => gammaSeries(y).logarithm,
    (y, angle) =>
      tensor.sub(Math.log(Math.PI), tensor.add(tensor.log(tensor.abs(tensor.sin(angle))), gammaSeries(y).logarithm)),
  );

/** The derivative of ln |Γ(x)|. */
export const digamma = (x: Tensor): Tensor =>
  reflected(
    x,
    (y) => gammaSeries(y).derivative,
    (y, angle) => tensor.sub(gammaSeries(y).derivative, tensor.div(Math.PI, tensor.tan(angle))),
  );

/** Coefficients of M. Giles, "Approximating the erfinv function" (2010), the highest power first. */
const CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const TAILS = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** The inverse of the error function on (−1, 1), after Giles, and one step of Newton's method, which has its exact slope. */
export function erfinv(x: Tensor): Tensor {
  const fixed = tensor.stopGradient(x);
  const w = tensor.neg(tensor.log(tensor.mul(tensor.sub(1, fixed), tensor.add(fixed, 1))));
  const polynomial = (at: Tensor, coefficients: readonly number[]) =>
    coefficients.reduce<Tensor>((sum, c) => tensor.add(tensor.mul(sum, at), c), tensor.constant(0));
  const inTail = tensor.greaterOrEqual(w, 5);
  const near = polynomial(tensor.sub(w, 2.5), CENTRE);
  const far = polynomial(tensor.sub(tensor.sqrt(tensor.maximum(w, 5)), 3), TAILS);
  const first = tensor.mul(fixed, tensor.where(inTail, far, near));
  const slope = tensor.mul(tensor.exp(tensor.square(first)), Math.sqrt(Math.PI) / 2);
  return tensor.sub(first, tensor.mul(tensor.sub(tensor.erf(first), x), slope));
}
