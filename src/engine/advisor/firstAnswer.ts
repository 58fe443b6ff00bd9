import type { Network } from '../network';
import { candidatesFor } from './candidates';
import { type Conclusion, conclude } from './conclude';
import { asItStands } from './currentNorm';
import { type BatchVerdict, judgeBatch } from './decide';
import { type Prior, priorOf } from './prior';
import { forbidsBatchStatistics, OVER_BATCH } from './refusals';
import { findSites } from './sites';

/** What is advised before anything is trained: by the structure, the batch and what is published. */
export interface FirstAnswer {
  readonly prior: Prior;
  readonly conclusion: Conclusion;
  /** What is advised, and every other possible norm behind it, the most usual first; "none" among them. */
  readonly ranked: readonly string[];
}

/** The advice without trainings. `verdict` is that of the batch alone, where nothing was measured. */
export function firstAnswer(
  network: Network,
  verdict: BatchVerdict = judgeBatch(network.batch.size, undefined),
): FirstAnswer {
  const sites = findSites(network);
  const prior = priorOf(network, verdict);
  const current = asItStands(network, sites);
  const candidates = candidatesFor(network, sites).filter(({ impossible }) => !impossible);
  const refusal = OVER_BATCH.has(current.norm) ? forbidsBatchStatistics(network) : undefined;
  const conclusion = conclude({
    prior,
    current,
    candidates,
    refusal,
    measured: undefined,
    variants: [],
    ownData: false,
    verdictOf: () => undefined,
  });
  return { prior, conclusion, ranked: [...new Set([conclusion.candidate.norm, ...prior.order])] };
}
