import { type Comparison, compare } from './compare';
import type { Family } from './sites';
import { usesBatchNorm, type Variant } from './variant';

/** What the batch size says of BatchNorm here. */
export interface BatchVerdict {
  readonly batch: number;
  /** Noise of the batch variance at the noisiest site, where it could be measured. */
  readonly varianceNoise: number | undefined;
  readonly admissible: boolean;
}

/** Below this many samples BatchNorm's published error rises (Wu & He 2018; torch-audit warns below 8 too). */
export const LEAST_BATCH = 8;
/** At this batch and below the published difference leaves no doubt. */
const STRONG_BATCH = 4;
/**
 * Beyond this relative spread of the batch variance BatchNorm's own statistics are mostly noise: just above that of eight
 * independent Gaussian values, √(2/7) = 0.53.
 */
export const MOST_NOISE = 0.55;

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

/** A variant that brings the gradient this many times nearer to order mends it in part. */
const PARTLY = 10;

/** A loss this many times that at the start is on its way to infinity. */
const DIVERGED = 2;
/** Taking norms away on a short probe's word needs so many bands, with the interval's whole certainty. */
const REMOVAL_BANDS = 3;

/** How far the gradient is from order, as a factor: 1 where the first layer gets what the last does. */
const disorder = ({ gradientRatio }: Variant): number =>
  gradientRatio > 0 ? Math.max(gradientRatio, 1 / gradientRatio) : Number.POSITIVE_INFINITY;

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
  /** The best of the variants that could have been chosen instead. */
  readonly rival: Variant | undefined;
  readonly keep: boolean;
  readonly because: 'batch' | 'loss' | 'gradient' | 'partly' | 'diverged' | 'no-difference';
  readonly confidence: 'strong' | 'moderate' | 'weak';
  /** How each of the others compares with the network as it is. */
  readonly comparisons: ReadonlyMap<Variant, Comparison>;
}

/**
 * Chooses among the trained variants; `current` is the network as it is. BatchNorm is out where the batch is too
 * small for its statistics, whatever synthetic training says. The network stays as it is unless another variant is
 * better by an interval that holds for all variants together, and by more than the band, or mends a gradient that is
 * out of order, in full or in part. Norms are taken away only where they do clear harm, and never from sequence models.
 */
export function decide(
  current: Variant,
  others: readonly Variant[],
  family: Family,
  batch: BatchVerdict,
  initialLoss: number,
  order: readonly string[] = preferenceOrder(family, batch),
): Decision {
  const rank = ({ candidate }: Variant) => {
    const at = order.indexOf(candidate.norm);
    return at < 0 ? order.length : at;
  };
  // A network that has no loss at the start either has none to measure a difference by: the others' own serves.
  const start = Number.isFinite(initialLoss) ? initialLoss : Math.min(...others.map(({ score }) => score));
  const band = BAND * start;
  const admissible = (variant: Variant) => batch.admissible || !usesBatchNorm(variant);
  const comparisons = new Map(
    others.map((variant) => [variant, compare(current.scores, variant.scores, others.length, band)]),
  );
  const isBetter = (variant: Variant) => comparisons.get(variant)?.verdict === 'better';
  /** Better by more than so many bands, with the interval's certainty. */
  const surelyBy = (variant: Variant, bands: number) => (comparisons.get(variant)?.high ?? 0) < -bands * band;
  // Some tens of steps cannot show what a norm is there for later. In sequence models published practice alone decides.
  const removable = (variant: Variant) =>
    variant.candidate.norm !== 'none' ||
    (family !== 'sequence' && surelyBy(variant, REMOVAL_BANDS) && variant.scores.length >= 3);
  // Where a norm stands is a question of its own (placement.ts), asked once it is clear which.
  const rivals = others.filter(
    (variant) =>
      variant.candidate.placement === undefined &&
      admissible(variant) &&
      Number.isFinite(variant.score) &&
      removable(variant),
  );
  /** Of those within the band of the best, and with a gradient in order if any has, the most usual. */
  const pick = (variants: readonly Variant[]): Variant | undefined => {
    const healthy = variants.filter(gradientInOrder);
    const pool = healthy.length > 0 ? healthy : variants;
    const best = Math.min(...pool.map(({ score }) => score));
    return pool.filter(({ score }) => score <= best + band).sort((a, b) => rank(a) - rank(b))[0];
  };

  const best = (variants: readonly Variant[]) =>
    variants.reduce<Variant | undefined>((a, b) => (a && a.score <= b.score ? a : b), undefined);
  const keep = (confidence: Decision['confidence']): Decision => ({
    chosen: current,
    rival: best(rivals),
    keep: true,
    because: Number.isFinite(current.score) || rivals.length > 0 ? 'no-difference' : 'diverged',
    confidence,
    comparisons,
  });
  const change = (chosen: Variant, because: Decision['because'], confidence: Decision['confidence']): Decision => ({
    chosen,
    rival: best(rivals.filter((rival) => rival !== chosen)),
    keep: false,
    because,
    confidence,
    comparisons,
  });

  if (!admissible(current)) {
    const chosen = pick(rivals);
    if (!chosen) return keep('weak');
    return change(chosen, 'batch', batch.batch <= STRONG_BATCH ? 'strong' : 'moderate');
  }
  const chosen = pick(rivals);
  if (!chosen) return keep('weak');
  const winner = pick(rivals.filter(isBetter));
  if (winner) {
    const clear = surelyBy(winner, 1);
    const mends = gradientInOrder(winner) && !gradientInOrder(current);
    return change(winner, 'loss', clear && mends ? 'strong' : clear ? 'moderate' : 'weak');
  }
  if (!gradientInOrder(current) && gradientInOrder(chosen) && chosen.score <= current.score + band) {
    return change(chosen, 'gradient', 'moderate');
  }
  if (!gradientInOrder(current)) {
    // No norm here mends it alone; the one that comes nearest is still better than none. Where the network as it is has
    // not learned at all, its loss, which is chance, is nothing to fall behind.
    const learned = current.score < start - band;
    const most = learned ? current.score + band : start * DIVERGED;
    const nearer = rivals.filter(
      (rival) =>
        rival.candidate.norm !== 'none' && disorder(rival) * PARTLY <= disorder(current) && rival.score <= most,
    );
    const [nearest] = nearer.sort((a, b) => rank(a) - rank(b));
    if (nearest) return change(nearest, 'partly', 'weak');
  }
  return keep(gradientInOrder(current) ? 'moderate' : 'weak');
}
