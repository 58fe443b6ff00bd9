import type { Found } from './rule';

interface Explanation {
  readonly cause: string;
  readonly symptoms: readonly string[];
  /** Why, and when. */
  readonly because: string;
  readonly when?: (cause: Found, symptom: Found) => boolean;
}

/** Whether a non-finite number stood there before the first update: nothing else measured then means anything. */
const fromTheStart = ({ evidence }: Found): boolean => evidence[0]?.value === 0;

/** Whether weights are out of scale at a layer, rather than the first loss alone. */
const atLayer = ({ message }: Found): boolean => message.id !== 'first-loss-too-high';

const SIGNAL = [
  'vanishing-gradient',
  'exploding-gradient',
  'saturated-activation',
  'dead-units',
  'collapsed-representations',
];
const TRAINING = ['update-to-weight-ratio', 'loss-not-falling'];

/**
 * Which finding explains which; nearer the root first, so that what stands under a symptom goes with it. A cause found covers
 * its symptoms, which are then listed under it.
 */
const explanations: readonly Explanation[] = [
  {
    cause: 'non-finite',
    symptoms: [
      ...SIGNAL,
      ...TRAINING,
      'growing-residual-stream',
      'initialization-out-of-scale',
      'batchnorm-inference-gap',
    ],
    because: 'figures computed from NaN mean nothing',
    when: fromTheStart,
  },
  {
    cause: 'deep-relu-default-init',
    symptoms: ['vanishing-gradient', 'collapsed-representations', 'dead-units', ...TRAINING],
    because: 'weights too small for ReLU let the signal fade forward and the gradient back',
  },
  {
    cause: 'selu-without-lecun-init',
    symptoms: ['vanishing-gradient', 'exploding-gradient', 'collapsed-representations'],
    because: 'away from its fixed point SELU shrinks or grows the signal layer by layer',
  },
  {
    cause: 'activation-before-norm',
    symptoms: ['exploding-gradient'],
    because: 'a norm behind ReLU multiplies the gradient by π/(π−1) a layer',
  },
  {
    cause: 'initialization-out-of-scale',
    symptoms: [...SIGNAL, ...TRAINING, 'growing-residual-stream', 'non-finite'],
    because: 'a signal scaled wrong once is wrong in all that follows',
    when: atLayer,
  },
  {
    cause: 'growing-residual-stream',
    symptoms: [
      'exploding-gradient',
      'initialization-out-of-scale',
      'non-finite',
      'collapsed-representations',
      ...TRAINING,
    ],
    because: 'what grows with each block forward grows with each block back, and ends in scores far too large',
  },
  {
    cause: 'exploding-gradient',
    symptoms: [
      'non-finite',
      'initialization-out-of-scale',
      'collapsed-representations',
      'batchnorm-inference-gap',
      ...TRAINING,
    ],
    because:
      'a network that stretches differences on its way stretches gradients, and updates that grow end in infinities',
  },
  {
    cause: 'update-to-weight-ratio',
    symptoms: ['non-finite', 'loss-not-falling'],
    because: 'steps as large as the weights throw the loss about; steps of nothing leave it',
    when: (_, { rule, evidence }) => rule !== 'non-finite' || evidence[0]?.value !== 0,
  },
  {
    cause: 'collapsed-representations',
    symptoms: ['dead-units', 'vanishing-gradient'],
    because: 'weights that are all one number silence or equalize what stands behind them',
    when: ({ message }) => /^collapsed-(zero|same)$/.test(message.id),
  },
  {
    cause: 'saturated-activation',
    symptoms: ['vanishing-gradient', 'collapsed-representations', 'loss-not-falling'],
    because: 'a flat function passes no gradient, and gives all samples one of two values',
  },
  {
    cause: 'dead-units',
    symptoms: ['vanishing-gradient', 'collapsed-representations', 'loss-not-falling'],
    because: 'what is silent for every sample passes nothing on and nothing back',
  },
  {
    cause: 'vanishing-gradient',
    symptoms: ['collapsed-representations', 'loss-not-falling'],
    because: 'what shrinks a gradient on its way back shrinks differences between samples on their way forward',
  },
  {
    cause: 'collapsed-representations',
    symptoms: ['loss-not-falling'],
    because: 'samples that are not told apart cannot be classified',
  },
  ...['double-softmax', 'double-sigmoid'].map((cause) => ({
    cause,
    symptoms: ['loss-floor', 'loss-not-falling'],
    because: 'scores that are probabilities keep the loss above ln(1 + (C − 1)/e)',
  })),
  { cause: 'loss-floor', symptoms: ['loss-not-falling'], because: 'at its floor a loss stays' },
  {
    cause: 'batchnorm-small-batch',
    symptoms: ['noisy-batch-statistics', 'batchnorm-inference-gap', 'exploding-gradient', 'vanishing-gradient'],
    because:
      'few samples give noisy statistics, and other ones than inference uses; with two values BatchNorm gives ±1 and passes next to no gradient, with three the expected gradient is infinite',
  },
  ...[
    'dropout-before-batchnorm',
    'momentum-convention',
    'cold-running-statistics',
    'shared-batchnorm',
    'norm-over-padding',
  ].map((cause) => ({
    cause,
    symptoms: ['batchnorm-inference-gap'],
    because: 'the statistics kept are not those of evaluation',
  })),
  {
    cause: 'noisy-batch-statistics',
    symptoms: ['batchnorm-inference-gap'],
    because: 'few samples give noisy statistics, and other ones than inference uses',
  },
  ...[
    'bce-on-logits',
    'nll-without-log',
    'crossentropy-on-scores',
    'norm-after-logits',
    'norm-on-regression-output',
  ].map((cause) => ({
    cause,
    symptoms: ['loss-not-falling', 'non-finite'],
    because: 'the loss is given what it does not take',
  })),
];

/** The finding itself, and what was listed under it, as symptoms of another. */
export const asSymptoms = (found: Found): Found['symptoms'] =>
  found.layer === null
    ? found.symptoms
    : [{ rule: found.rule, layer: found.layer, evidence: found.evidence }, ...found.symptoms];

/** Findings of one rule as one: the first keeps its sentence, the others become its symptoms. */
export const oneCause = ([first, ...others]: readonly Found[]): Found[] =>
  first ? [{ ...first, symptoms: [...first.symptoms, ...others.flatMap(asSymptoms)] }] : [];

/** One cause, one finding: findings that another explains move under it. */
export function groupByCause(found: readonly Found[]): Found[] {
  let remaining = [...found];
  for (const { cause, symptoms, when } of explanations) {
    const above = remaining.find(({ rule }) => rule === cause);
    if (!above) continue;
    const below = remaining.filter(
      (each) => each !== above && symptoms.includes(each.rule) && (when?.(above, each) ?? true),
    );
    if (below.length === 0) continue;
    const whole = { ...above, symptoms: [...above.symptoms, ...below.flatMap(asSymptoms)] };
    remaining = remaining.flatMap((each) => (each === above ? [whole] : below.includes(each) ? [] : [each]));
  }
  return remaining;
}
