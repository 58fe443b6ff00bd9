import { message, type Network, pretrainedPart } from '../network';
import { type Evidence, figure, inWords, percent, type Recommendation } from '../report';
import type { SiteNoise } from './batchNoise';
import type { Conclusion } from './conclude';
import { BAND, type BatchVerdict, type Decision, gradientInOrder, LEAST_BATCH, MOST_NOISE } from './decide';
import type { Prior } from './prior';
import { type Practice, publishedAt, WU_HE_SOURCE } from './published';
import { forbidsBatchStatistics } from './refusals';
import { type Family, familyOf } from './sites';
import { usesBatchNorm, type Variant, type VariantPlan } from './variant';

type Reason = Recommendation['reasons'][number];

/** What the reasons are put together from. */
export interface Grounds {
  readonly conclusion: Conclusion;
  readonly decision: Decision;
  /** The network as it is. */
  readonly current: Variant;
  readonly plan: VariantPlan;
  readonly verdict: BatchVerdict;
  readonly noise: SiteNoise | undefined;
  readonly prior: Prior;
  readonly network: Network;
}

/** Why, what decided first. */
export function reasonsFor(grounds: Grounds): Reason[] {
  const reasons = inOrder(grounds);
  return grounds.plan.own
    ? reasons.map((reason) => (reason.source === HERE ? { ...reason, source: ON_OWN } : reason))
    : reasons;
}

function inOrder({ conclusion, decision, current, plan, verdict, noise, prior, network }: Grounds): Reason[] {
  const { because, keep, variant } = conclusion;
  const chosen = variant ?? current;
  const said = { ...decision, chosen, keep: keep || !variant, because: trainedBecause(conclusion, decision) };
  const loss = lossReason(said, current, plan);
  const gradient = gradientReason(chosen, current, said.keep);
  const batch = batchReasons(verdict, noise, prior.practices, chosen, current, familyOf(network));
  const practice = practiceFor(conclusion.candidate.norm, prior).map(asReason);
  switch (because) {
    case 'tuned':
      return [tunedReason(network), ...loss, ...gradient];
    case 'refused':
      return [...refusedReason(network), ...practice, ...loss, ...gradient];
    case 'practice':
      return [...practice, ...loss, ...gradient, ...batch];
    case 'diverged':
      return loss;
    case 'batch':
      return [...batch, ...practice, ...loss, ...gradient];
    case 'no-difference':
      return prior.weight === 'hint'
        ? [...loss, ...gradient, ...batch, ...practice]
        : [...practice, ...loss, ...gradient, ...batch];
    default:
      return [...loss, ...gradient, ...practice, ...batch];
  }
}

/** What the trainings are to be told as: published practice is no finding of theirs. */
const trainedBecause = ({ because, variant, keep }: Conclusion, decision: Decision): Decision['because'] => {
  if (because === 'practice' || because === 'refused' || because === 'tuned')
    return keep || !variant ? 'no-difference' : 'loss';
  return because === 'no-difference' && !decision.keep ? 'no-difference' : because;
};

/** What speaks for what is advised, else what practice says first; what only orders others says nothing here. */
const practiceFor = (norm: string, { practices, weight }: Prior): readonly Practice[] => {
  const own = practices.find(({ norms }) => norms[0] === norm);
  if (own) return [own];
  return weight === 'hint' ? [] : practices.slice(0, 1);
};

const asReason = ({ message: said, source }: Practice): Reason => ({ message: said, evidence: [], source });

const IN_FILE = 'the file that was read';

const tunedReason = (network: Network): Reason => ({
  message: message(
    'reason-tuned',
    'Weights that were trained before come in (line {line}), together with their norms: none is taken away, added or replaced.',
    { line: pretrainedPart(network)?.source.start.line ?? 0 },
  ),
  evidence: [],
  source: IN_FILE,
});

const refusedReason = (network: Network): Reason[] => {
  const refusal = forbidsBatchStatistics(network);
  return refusal ? [{ message: refusal, evidence: [], source: IN_FILE }] : [];
};

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
  practices: readonly Practice[],
  chosen: Variant,
  current: Variant,
  family: Family,
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
  const told = practices[0]?.message.id.startsWith('known-wu-he');
  if (concerned && family !== 'sequence' && !told) {
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
