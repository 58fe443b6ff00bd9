import assert from 'node:assert/strict';
import type { Runtime } from '../../../src/engine/runtime';
import { mul, sumSquare, type Tensor } from '../../../src/engine/tensor';
import { networkOf, repeat } from '../../measure';
import { atInitialization } from './atInitialization';

// The setting of figures that are known without any data set: Gaussian weights, wide layers, no bias, affine at 1 and 0.

export const meanSquare = (x: Tensor): Tensor =>
  mul(sumSquare(x), 1 / x.shape.reduce((product, dim) => product * dim, 1));

export const average = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

/** Within a share of what is expected. */
export const near = (found: number, expected: number, share: number): void =>
  assert.ok(Math.abs(found / expected - 1) < share, `${found} instead of ${expected}`);

/** A Linear with Gaussian weights. */
export const linear = (width: number, std: number): object => ({
  Linear: { out_features: width, bias: false, init: { weight: { normal: { std } } } },
});

/** Weights that keep the second moment. */
export const plain = (width: number): object => linear(width, 1 / Math.sqrt(width));

/** Weights that keep it through a ReLU after or before them: He's. */
export const he = (width: number): object => linear(width, Math.sqrt(2 / width));

/** E f(z) for z ~ N(0, 1), by the trapezoidal rule on [−10, 10]: exact to rounding for smooth f. */
export function expectation(f: (z: number) => number): number {
  const step = 1 / 256;
  let sum = 0;
  for (let z = -10; z <= 10; z += step) sum += f(z) * Math.exp((-z * z) / 2);
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

/** The derivative by a central difference, so that only the function itself need be written down. */
export const slope = (f: (z: number) => number, z: number): number => (f(z + 1e-4) - f(z - 1e-4)) / 2e-4;

export interface Depth {
  readonly width: number;
  readonly depth: number;
  readonly batch: number;
  readonly seeds: number;
  /** Default: weights that keep the second moment. */
  readonly weights?: object;
}

/**
 * Growth a layer of the squared gradient at the linear layers' outputs on its way back. Not of the very first: it takes
 * the input itself, whose second moment is not that of an activation.
 */
export async function gradientGrowth(
  runtime: Runtime,
  { width, depth, batch, seeds, weights = plain(width) }: Depth,
  ...between: unknown[]
): Promise<number> {
  const network = networkOf({ input: [width], layers: [repeat(depth, weights, ...between)] });
  const linears = network.calls.filter(({ kind }) => kind === 'Linear').map(({ id }) => id);
  const [first, last] = [linears[1]!, linears.at(-1)!];
  const rates: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { a, b } = await atInitialization(runtime, network, { batch, seed }, ({ gradient }) => ({
      a: meanSquare(gradient(first)),
      b: meanSquare(gradient(last)),
    }));
    rates.push(Math.log(a![0]! / b![0]!) / (depth - 2));
  }
  return Math.exp(average(rates));
}

/** Factor a layer by which the second moment of the activations changes, from an input N(0, 1). */
export async function momentGrowth(runtime: Runtime, depth: number, ...layers: unknown[]): Promise<number> {
  const network = networkOf({ input: [512], layers: [repeat(depth, ...layers)] });
  const last = network.calls.at(-1)!.id;
  const rates: number[] = [];
  for (let seed = 0; seed < 4; seed++) {
    const { after } = await atInitialization(runtime, network, { batch: 64, seed }, ({ value }) => ({
      after: meanSquare(value(last)),
    }));
    rates.push(Math.log(after![0]!) / depth);
  }
  return Math.exp(average(rates));
}
