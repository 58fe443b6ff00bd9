import type { TensorData } from '../runtime';
import type { RepresentationSite } from './programs/representations';

/** How differently a layer answers different samples. */
export interface Representation {
  readonly call: string;
  /** (Σλ)²/Σλ² of the eigenvalues λ of the output's covariance over the samples: how many directions it varies in. */
  readonly effectiveRank: number;
  /** The most that it could be: samples less one, or the values a sample has, whichever are fewer. */
  readonly most: number;
  /** Mean square of all values. */
  readonly meanSquare: number;
  /** Share of it that differs from sample to sample. */
  readonly betweenSamples: number;
}

/**
 * What the inner products of a layer's outputs, less their mean over the samples, say of its covariance's eigenvalues: Σλ is
 * their trace, Σλ² the sum of their squares. So (Σλ)²/Σλ² (the participation ratio; Daneshmand et al. 2020 take it of the
 * second moment) needs no decomposition. NaN where nothing differs at all.
 */
export function representationOf(
  { call, features }: RepresentationSite,
  gram: ArrayLike<number>,
  power: number,
  samples: number,
): Representation {
  let trace = 0;
  for (let i = 0; i < samples; i++) trace += gram[i * samples + i]!;
  // By the trace, so that small values do not square to zero.
  let squares = 0;
  for (let i = 0; i < samples * samples; i++) squares += (gram[i]! / trace) ** 2;
  return {
    call,
    effectiveRank: 1 / squares,
    most: Math.min(samples - 1, features),
    meanSquare: power / (samples * features),
    betweenSamples: power === 0 ? 0 : trace / power,
  };
}

/** The same of every site of one pass. */
export function representations(
  sites: readonly RepresentationSite[],
  samples: number,
  products: TensorData | undefined,
): Representation[] {
  if (!products) return [];
  const size = samples * samples;
  const all = products.values as Float32Array;
  return sites.map((site, i) => {
    const at = i * (size + 1);
    return representationOf(site, all.subarray(at, at + size), all[at + size]!, samples);
  });
}
