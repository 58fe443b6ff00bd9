import { type Message, message } from '../network';
import { type Measurements, median } from '../probe';
import { type Alternative, figure, inWords, type VariantFigures } from '../report';
import type { Candidate } from './candidates';
import { type BatchVerdict, LEAST_BATCH } from './decide';
import { scoreEvidence } from './reasons';
import type { Family, Site } from './sites';
import { usesBatchNorm, type Variant, type VariantPlan } from './variant';

/** Everything that was not chosen, with its figures or with why it was not tried. */
export function alternatives(
  all: readonly Candidate[],
  variants: readonly Variant[],
  chosen: Variant,
  verdict: BatchVerdict,
  plan: VariantPlan,
  figuresOf: (variant: Variant) => VariantFigures,
): Alternative[] {
  const trained = variants
    .filter((variant) => variant !== chosen)
    .map((variant): Alternative => {
      const { norm, groups, label } = variant.candidate;
      const refused = usesBatchNorm(variant) && !verdict.admissible;
      return {
        norm,
        groups,
        label,
        tried: true,
        reason: refused
          ? message('alternative-refused-batch', 'Not at batch {batch}: its statistics are too noisy.', {
              batch: verdict.batch,
            })
          : message('alternative-loss', 'Evaluation loss {loss} after {steps} steps; first-to-last gradient {ratio}.', {
              loss: inWords(variant.score),
              steps: plan.steps,
              ratio: inWords(variant.gradientRatio),
            }),
        evidence: [scoreEvidence(variant)],
        losses: medianLosses(variant.runs),
        learningRate: variant.learningRate,
        figures: figuresOf(variant),
      };
    });
  const untried = all.flatMap(({ norm, label, impossible }): Alternative[] =>
    impossible
      ? [
          {
            norm,
            groups: null,
            label,
            tried: false,
            reason: impossible,
            evidence: [],
            losses: null,
            learningRate: null,
          },
        ]
      : [],
  );
  return [...trained, ...untried];
}

/** Training loss by step, median over the seeds. */
export const medianLosses = (runs: readonly Measurements[]) =>
  (runs[0]?.losses ?? []).map((_, step) => figure(median(runs.map((run) => run.losses[step]!))));

/** What would make the advice another. */
export function wouldChange(
  verdict: BatchVerdict,
  family: Family,
  choseBatchNorm: boolean,
  sites: readonly Site[],
): Message[] {
  if (family === 'sequence') return [];
  const small = family === 'image' ? 'GroupNorm' : 'LayerNorm';
  if (choseBatchNorm) {
    return [
      message('would-change-smaller-batch', 'Below {batch} samples a device: {norm}.', {
        batch: LEAST_BATCH,
        norm: small,
      }),
    ];
  }
  if (verdict.admissible || sites.length === 0) return [];
  return [
    message('would-change-larger-batch', 'At {batch} samples a device or more: BatchNorm.', { batch: 2 * LEAST_BATCH }),
  ];
}
