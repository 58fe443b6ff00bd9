import type { Family } from './sites';
import type { Variant } from './variant';

/** What the batch size says of BatchNorm here. */
export interface BatchVerdict {
  readonly batch: number;
  /** Noise of the batch variance at the noisiest site, where it could be measured. */
  readonly varianceNoise: number | undefined;
  readonly admissible: boolean;
}

/** Below this many samples BatchNorm's published error rises (Wu & He 2018; torch-audit warns below 8 too). */
export const LEAST_BATCH = 8;
/** From this relative spread of the batch variance on, BatchNorm's own statistics are mostly noise. */
export const MOST_NOISE = 0.5;

export const judgeBatch = (batch: number, varianceNoise: number | undefined): BatchVerdict => ({
  batch,
  varianceNoise,
  admissible: batch >= LEAST_BATCH && !(varianceNoise !== undefined && varianceNoise > MOST_NOISE),
});

/** Practical equality: a difference below this share of the loss at the start is none. */
export const BAND = 0.03;
/** A gradient that stays within these factors from the last layer to the first is in order. */
const LEAST_RATIO = 1 / 100;
const MOST_RATIO = 1000;

export const gradientInOrder = ({ gradientRatio }: Variant): boolean =>
  gradientRatio >= LEAST_RATIO && gradientRatio <= MOST_RATIO;

/** Which norms people use, first choice first, where a probe sees no difference. */
const preferences: Readonly<Record<Family, { readonly ample: readonly string[]; readonly small: readonly string[] }>> =
  {
    image: {
      ample: ['BatchNorm', 'GroupNorm', 'LayerNorm', 'none'],
      small: ['GroupNorm', 'LayerNorm', 'none', 'BatchNorm'],
    },
    vector: {
      ample: ['BatchNorm', 'LayerNorm', 'RMSNorm', 'GroupNorm', 'none'],
      small: ['LayerNorm', 'RMSNorm', 'GroupNorm', 'none', 'BatchNorm'],
    },
    sequence: {
      ample: ['LayerNorm', 'RMSNorm', 'none'],
      small: ['LayerNorm', 'RMSNorm', 'none'],
    },
  };

export const preferenceOrder = (family: Family, batch: BatchVerdict): readonly string[] =>
  preferences[family][batch.admissible ? 'ample' : 'small'];

export interface Decision {
  readonly chosen: Variant;
  readonly keep: boolean;
  readonly because: 'batch' | 'loss' | 'gradient' | 'no-difference';
  readonly confidence: 'strong' | 'moderate' | 'weak';
}

/** By how much `a` is below `b` in every seed, at least; negative where it is not in some. */
const leastAdvantage = (a: Variant, b: Variant): number =>
  Math.min(...a.scores.map((score, i) => (b.scores[i] ?? Number.POSITIVE_INFINITY) - score));

/**
 * Chooses among the trained variants; `current` is the network as it is. BatchNorm is out where the batch is too
 * small for its statistics, whatever synthetic training says. The network stays as it is unless another variant is
 * better in every seed by more than the band, or mends a gradient that is out of order.
 */
export function decide(
  current: Variant,
  others: readonly Variant[],
  usesBatchNorm: (variant: Variant) => boolean,
  family: Family,
  batch: BatchVerdict,
  initialLoss: number,
): Decision {
  const order = preferenceOrder(family, batch);
  const rank = ({ candidate }: Variant) => {
    const at = order.indexOf(candidate.norm);
    return at < 0 ? order.length : at;
  };
  const band = BAND * initialLoss;
  const admissible = (variant: Variant) => batch.admissible || !usesBatchNorm(variant);
  const rivals = others.filter((variant) => admissible(variant) && Number.isFinite(variant.score));
  /** Of those within the band of the best, and with a gradient in order if any has, the most usual. */
  const pick = (variants: readonly Variant[]): Variant | undefined => {
    const healthy = variants.filter(gradientInOrder);
    const pool = healthy.length > 0 ? healthy : variants;
    const best = Math.min(...pool.map(({ score }) => score));
    return pool.filter(({ score }) => score <= best + band).sort((a, b) => rank(a) - rank(b))[0];
  };

  if (!admissible(current)) {
    const chosen = pick(rivals);
    if (!chosen) return { chosen: current, keep: true, because: 'no-difference', confidence: 'weak' };
    return { chosen, keep: false, because: 'batch', confidence: batch.batch <= 4 ? 'strong' : 'moderate' };
  }
  const chosen = pick(rivals);
  if (!chosen) return { chosen: current, keep: true, because: 'no-difference', confidence: 'weak' };
  const advantage = leastAdvantage(chosen, current);
  if (advantage > band) {
    const clear = advantage > 3 * band;
    const mends = gradientInOrder(chosen) && !gradientInOrder(current);
    return {
      chosen,
      keep: false,
      because: 'loss',
      confidence: clear && mends ? 'strong' : clear ? 'moderate' : 'weak',
    };
  }
  if (!gradientInOrder(current) && gradientInOrder(chosen) && chosen.score <= current.score + band) {
    return { chosen, keep: false, because: 'gradient', confidence: 'moderate' };
  }
  return {
    chosen: current,
    keep: true,
    because: 'no-difference',
    confidence: gradientInOrder(current) ? 'moderate' : 'weak',
  };
}
