import { type Message, message } from '../network';
import { type Measurements, median } from '../probe';
import { type Alternative, figure, inWords, type VariantFigures } from '../report';
import type { Candidate } from './candidates';
import type { Conclusion } from './conclude';
import type { BatchVerdict } from './decide';
import type { Prior } from './prior';
import { scoreEvidence } from './reasons';
import { OVER_BATCH } from './refusals';
import { usesBatchNorm, type Variant } from './variant';

export interface Considered {
  /** Everything that could be advised, the network as it is first. */
  readonly candidates: readonly Candidate[];
  readonly variants: readonly Variant[];
  readonly conclusion: Conclusion;
  readonly verdict: BatchVerdict;
  readonly prior: Prior;
  /** Absent where nothing was trained. */
  readonly trainings?: { readonly steps: number; figuresOf(variant: Variant): VariantFigures };
}

/**
 * Everything that was not chosen, what is most usual in such networks first and what cannot be here last, with its figures
 * or with why it was not tried.
 */
export function alternatives(considered: Considered): Alternative[] {
  const { candidates, conclusion, prior, variants } = considered;
  const rank = ({ norm, impossible }: Candidate): number => {
    const at = prior.order.indexOf(norm);
    return (at < 0 ? prior.order.length : at) + (impossible ? 1000 : 0);
  };
  return candidates
    .filter(({ label }) => label !== conclusion.candidate.label)
    .map((candidate, i) => ({ candidate, i }))
    .sort((a, b) => rank(a.candidate) - rank(b.candidate) || a.i - b.i)
    .map(({ candidate }): Alternative => {
      const variant = variants.find((one) => one.candidate.label === candidate.label);
      const { norm, groups, label, impossible, untrained } = candidate;
      if (variant) return triedAlternative(variant, considered);
      const refused = OVER_BATCH.has(norm) && norm === 'BatchNorm' && !considered.verdict.admissible;
      const reason =
        impossible ?? (refused ? tooNoisy(considered.verdict) : (untrained ?? tooNoisy(considered.verdict)));
      return { norm, groups, label, tried: false, reason, evidence: [], losses: null, learningRate: null };
    });
}

const tooNoisy = ({ batch }: BatchVerdict): Message =>
  message('alternative-refused-batch', 'Not at batch {batch}: its statistics are too noisy.', { batch });

function triedAlternative(variant: Variant, { verdict, trainings }: Considered): Alternative {
  const { norm, groups, label } = variant.candidate;
  const refused = usesBatchNorm(variant) && !verdict.admissible;
  return {
    norm,
    groups,
    label,
    tried: true,
    reason: refused
      ? tooNoisy(verdict)
      : message('alternative-loss', 'Evaluation loss {loss} after {steps} steps; first-to-last gradient {ratio}.', {
          loss: inWords(variant.score),
          steps: trainings?.steps ?? 0,
          ratio: inWords(variant.gradientRatio),
        }),
    evidence: [scoreEvidence(variant)],
    losses: medianLosses(variant.runs),
    learningRate: variant.learningRate,
    ...(trainings && { figures: trainings.figuresOf(variant) }),
  };
}

/** Training loss by step, median over the seeds. */
export const medianLosses = (runs: readonly Measurements[]) =>
  (runs[0]?.losses ?? []).map((_, step) => figure(median(runs.map((run) => run.losses[step]!))));
