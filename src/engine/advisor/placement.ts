import { message } from '../network';
import { inWords, type Recommendation } from '../report';
import { compare } from './compare';
import type { Conclusion } from './conclude';
import { BAND } from './decide';
import { scoreEvidence } from './reasons';
import type { Variant } from './variant';

type Reason = Recommendation['reasons'][number];

const SOURCES =
  'Ioffe & Szegedy 2015, arxiv.org/abs/1502.03167 (before); Mishkin et al. 2016, arxiv.org/abs/1606.02228 (behind did better)';

/** Where the norm is to stand, before the activation or behind it, and why; no reason where nothing was measured. */
export interface Placed {
  readonly conclusion: Conclusion;
  readonly reasons: readonly Reason[];
}

/**
 * The sources disagree on whether a norm stands before the activation or behind it, so both are trained where there is
 * time. It moves behind only where its losses are lower by an interval that leaves out zero; else it stays, and that the
 * question is open is said.
 */
export function placed(conclusion: Conclusion, variants: readonly Variant[], initialLoss: number): Placed {
  const { candidate, variant } = conclusion;
  const behind = variants.find(
    ({ candidate: other }) => other.placement === 'after-activation' && other.norm === candidate.norm,
  );
  if (!behind || !variant || candidate.norm === 'none') return { conclusion, reasons: [] };
  const comparison = compare(variant.scores, behind.scores, 1, BAND * initialLoss);
  const moves = comparison.verdict === 'better' && !conclusion.keep;
  const args = { norm: candidate.norm, before: inWords(variant.score), behind: inWords(behind.score) };
  const reason: Reason = {
    message: moves
      ? message(
          'reason-placement-behind',
          'Behind the activation {norm} does better here: {behind} instead of {before}.',
          args,
        )
      : message(
          'reason-placement-open',
          'Before the activation or behind it: the sources disagree, and no difference is certain here ({before} before, {behind} behind).',
          args,
        ),
    evidence: [scoreEvidence(variant), scoreEvidence(behind)],
    source: SOURCES,
  };
  if (!moves) return { conclusion, reasons: [reason] };
  return {
    conclusion: { ...conclusion, candidate: behind.candidate, variant: behind, keep: false },
    reasons: [reason],
  };
}
