import { message } from '../network';
import { type Evidence, figure, inWords, percent, type Recommendation } from '../report';
import type { SiteNoise } from './batchNoise';
import { BAND, type BatchVerdict, type Decision, gradientInOrder, LEAST_BATCH, MOST_NOISE } from './decide';
import { type Practice, publishedAt, WU_HE_SOURCE } from './published';
import type { Family } from './sites';
import { usesBatchNorm, type Variant, type VariantPlan } from './variant';

type Reason = Recommendation['reasons'][number];

/** Why, what decided first. */
export function reasonsFor(
  decision: Decision,
  current: Variant,
  plan: VariantPlan,
  verdict: BatchVerdict,
  noise: SiteNoise | undefined,
  family: Family,
  practices: readonly Practice[],
): Reason[] {
  const reasons = inOrder(decision, current, plan, verdict, noise, family, practices);
  return plan.own
    ? reasons.map((reason) => (reason.source === HERE ? { ...reason, source: ON_OWN } : reason))
    : reasons;
}

function inOrder(
  decision: Decision,
  current: Variant,
  plan: VariantPlan,
  verdict: BatchVerdict,
  noise: SiteNoise | undefined,
  family: Family,
  practices: readonly Practice[],
): Reason[] {
  const { chosen, keep, because } = decision;
  const loss = lossReason(decision, current, plan);
  const gradient = gradientReason(chosen, current, keep);
  const batch = batchReasons(verdict, noise, family, chosen, current);
  const practice = practices
    .filter(({ weight }) => weight === 'decisive')
    .slice(0, 1)
    .map(({ message: said, source }): Reason => ({ message: said, evidence: [], source }));
  if (because === 'diverged') return loss;
  if (because === 'batch') return [...batch, ...loss, ...gradient];
  return because === 'no-difference'
    ? [...practice, ...loss, ...gradient, ...batch]
    : [...loss, ...gradient, ...practice, ...batch];
}

const HERE = 'measured here, on synthetic data';
const ON_OWN = 'measured here, on your own data';

/** A variant's loss as evidence. */
export const scoreEvidence = (variant: Variant): Evidence => ({
  quantity: `evaluation loss, ${variant.candidate.label}`,
  value: figure(variant.score),
  unit: 'loss',
});

function lossReason({ chosen, because, rival }: Decision, current: Variant, plan: VariantPlan): Reason[] {
  const how = {
    steps: plan.steps,
    batch: plan.trainingBatch,
    seeds: plan.seeds.length === 1 ? 'one seed' : `${plan.seeds.length} seeds`,
    current: inWords(current.score),
    chosen: inWords(chosen.score),
    label: chosen.candidate.label,
    other: rival ? inWords(rival.score) : '',
    rival: rival?.candidate.label ?? '',
    band: percent(BAND),
  };
  const trained =
    'After {steps} steps at batch {batch}, each variant at its best learning rate, the evaluation loss is';
  const templates: Readonly<Record<Decision['because'], string>> = {
    loss: `${trained} {chosen} with {label} and {current} as it is (median of {seeds}).`,
    gradient: `${trained} {chosen} with {label} and {current} as it is (median of {seeds}).`,
    partly: `${trained} {chosen} with {label} and {current} as it is (median of {seeds}): neither has learned yet. No norm mends this network alone; change the activation or the initialization too.`,
    batch: `{label} learns here too: ${lowerFirst(trained)} {chosen} with it ({current} as it is; a training at batch {batch} says nothing of smaller ones).`,
    diverged:
      'At every learning rate tried, with each norm and without, the loss is not a finite number after {steps} steps: mend that first, no norm does.',
    'no-difference': rival
      ? `${trained} {current} as it is and {other} with the best other ({rival}): no difference that holds in {seeds} and exceeds {band} of the loss at the start.`
      : `${trained} {current} as it is.`,
  };
  return [
    {
      message: message(`reason-${because}`, templates[because], how),
      evidence: [chosen, ...(because === 'no-difference' ? (rival ? [rival] : []) : [current])].map(scoreEvidence),
      source: HERE,
    },
  ];
}

const lowerFirst = (text: string): string => text[0]!.toLowerCase() + text.slice(1);

function gradientReason(chosen: Variant, current: Variant, keep: boolean): Reason[] {
  const evidence = (variant: Variant): Evidence => ({
    quantity: `output gradient RMS, first layer over last, ${variant.candidate.label}`,
    value: figure(variant.gradientRatio),
    unit: 'ratio',
  });
  if (keep) {
    return [
      {
        message: message(
          gradientInOrder(current) ? 'reason-gradient-fine' : 'reason-gradient-unmended',
          gradientInOrder(current)
            ? 'The gradient reaches the first layer: there it is {ratio} times that at the last.'
            : 'The gradient at the first layer is {ratio} times that at the last, and no variant tried here mends that.',
          { ratio: inWords(current.gradientRatio) },
        ),
        evidence: [evidence(current)],
        source: HERE,
      },
    ];
  }
  return [
    {
      message: message(
        'reason-gradient',
        'The gradient at the first layer is {ratio} times that at the last with {label}, and {other} times as it is.',
        {
          ratio: inWords(chosen.gradientRatio),
          label: chosen.candidate.label,
          other: inWords(current.gradientRatio),
        },
      ),
      evidence: [evidence(chosen), evidence(current)],
      source: HERE,
    },
  ];
}

function batchVerdict({ admissible, varianceNoise }: BatchVerdict): string {
  if (admissible) return 'that is little enough.';
  return varianceNoise !== undefined && varianceNoise > MOST_NOISE
    ? 'that is too much for it.'
    : `published results are worse below ${LEAST_BATCH} samples even so.`;
}

function batchReasons(
  verdict: BatchVerdict,
  noise: SiteNoise | undefined,
  family: Family,
  chosen: Variant,
  current: Variant,
): Reason[] {
  const reasons: Reason[] = [];
  // One value has no variance.
  if (noise && noise.variance === Number.POSITIVE_INFINITY) {
    reasons.push({
      message: message(
        'reason-one-value',
        'At batch 1 BatchNorm has one value a channel to normalize ({site}): nothing is left of it.',
        { site: noise.call.replace('+norm', '') },
      ),
      evidence: [
        {
          quantity: 'values a channel',
          value: 1,
          unit: 'values',
          threshold: 2,
          thresholdSource: 'a variance takes two values',
        },
      ],
      source: HERE,
    });
  } else if (noise && Number.isFinite(noise.variance)) {
    reasons.push({
      message: message(
        'reason-batch-noise',
        "At batch {batch} BatchNorm's own variance scatters by {spread} from batch to batch at its noisiest place ({site}); {verdict}",
        {
          batch: verdict.batch,
          spread: percent(noise.variance),
          site: noise.call.replace('+norm', ''),
          verdict: batchVerdict(verdict),
        },
      ),
      evidence: [
        {
          quantity: 'spread of the batch variance',
          value: figure(noise.variance),
          unit: 'of the variance',
          threshold: MOST_NOISE,
          thresholdSource: 'NormScope: independent values of a batch of 8 scatter by √(2/7) = 53 %',
        },
      ],
      source: HERE,
    });
  }
  const concerned = usesBatchNorm(chosen) || usesBatchNorm(current) || !verdict.admissible;
  if (concerned && family !== 'sequence') {
    const row = publishedAt(verdict.batch);
    reasons.push({
      message: message(
        'reason-published-batch',
        'Published, ResNet-50 on ImageNet: at {batch} images a device BatchNorm errs in {bn} % and GroupNorm in {gn} % of cases{scope}.',
        {
          batch: row.batch,
          bn: row.BatchNorm,
          gn: row.GroupNorm,
          scope: family === 'image' ? '' : ' (images; taken as a hint for other data)',
        },
      ),
      evidence: [
        { quantity: 'validation error with BatchNorm', value: row.BatchNorm, unit: '%' },
        { quantity: 'validation error with GroupNorm', value: row.GroupNorm, unit: '%' },
      ],
      source: WU_HE_SOURCE,
    });
  }
  return reasons;
}
