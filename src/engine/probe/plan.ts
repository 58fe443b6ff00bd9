import { countParameters, InputError, type Message, message, type Network } from '../network';
import type { Program } from '../tensor';
import { passSeconds, sessionSeconds, stepSeconds } from './cost';

/** What the budget buys: fixed before anything runs, by the cost model alone. */
export interface ProbePlan {
  readonly steps: number;
  readonly seeds: number;
  /** Learning rates, as multiples of the network's own, that each of the advisor's variants is tried at. */
  readonly rateFactors: readonly number[];
  /** What was scaled down, and what that does to the figures. */
  readonly reduced: readonly Message[];
}

const STEPS = 20;
const LEAST_STEPS = 5;
const SEEDS = 3;
/** The same small sweep for every variant: one learning rate for all would favour the network that it was chosen for. */
const RATE_FACTORS = [0.1, 0.3, 1, 3] as const;
/** What is left of the sweep where the budget is short, in this order. */
const SHORTER_SWEEPS: readonly (readonly number[])[] = [
  [0.3, 1, 3],
  [0.3, 1],
];
/** Samples of one evaluation, and how many go through at a time in evaluation mode. */
const EVALUATED = 256;
const CHUNK = 32;
/** Part of the budget for the network itself, whose figures come first; the rest is for the advisor's variants. */
const OWN_SHARE = 0.3;

export interface PlanOptions {
  readonly steps?: number;
  readonly seeds?: number;
  readonly batch: number;
  /** The batch that variants are trained at. */
  readonly trainingBatch: number;
  readonly budgetSeconds: number;
  readonly variants: number;
}

/**
 * Fits steps, seeds and variants into the budget, in this order: fewer steps, fewer seeds, fewer learning rates. Batch,
 * resolution, length and depth are the question itself and are never scaled.
 */
export function planProbe(training: Program, options: PlanOptions): ProbePlan {
  const { batch, trainingBatch, budgetSeconds, variants } = options;
  const reduced: Message[] = [];
  let steps = options.steps ?? STEPS;
  let seeds = options.seeds ?? SEEDS;
  let rateFactors: readonly number[] = RATE_FACTORS;

  const evaluation = passSeconds(training, batch, EVALUATED, CHUNK);
  // At the start, and twice at the end; each beside a pass in training mode.
  const everything = 3 * (evaluation + passSeconds(training, batch, EVALUATED, batch));
  const finalLoss = evaluation + passSeconds(training, batch, EVALUATED, trainingBatch);
  const own = () => sessionSeconds(training) + seeds * (Math.max(1, steps) * stepSeconds(training) + everything);
  const trainings = () => rateFactors.length + seeds - 1;
  const forVariants = () =>
    variants *
    (2 * sessionSeconds(training) +
      trainings() * (Math.max(1, steps) * stepSeconds(training, trainingBatch / batch) + finalLoss));
  const fits = () => own() <= OWN_SHARE * budgetSeconds && own() + forVariants() <= budgetSeconds;

  if (options.steps === undefined) {
    while (steps > LEAST_STEPS && !fits()) steps--;
    if (steps < STEPS) {
      reduced.push(
        message(
          'reduced-steps',
          'Steps: {steps} instead of {usual}. Figures at initialization are unchanged; losses are less settled.',
          {
            steps,
            usual: STEPS,
          },
        ),
      );
    }
  }
  if (options.seeds === undefined && !fits()) {
    while (seeds > 1 && !fits()) seeds--;
    if (seeds < SEEDS) {
      reduced.push(
        message(
          'reduced-seeds',
          'Seeds: {seeds} instead of {usual}. Figures vary more from seed to seed than they show.',
          {
            seeds,
            usual: SEEDS,
          },
        ),
      );
    }
  }
  if (variants > 0 && !fits()) {
    for (const sweep of SHORTER_SWEEPS) {
      if (!fits()) rateFactors = sweep;
    }
    reduced.push(
      message('reduced-rates', 'Learning rates a variant: {rates} instead of {usual}.', {
        rates: rateFactors.length,
        usual: RATE_FACTORS.length,
      }),
    );
  }
  return { steps, seeds, rateFactors, reduced };
}

const gigabytes = (bytes: number) => Number((bytes / 1e9).toPrecision(3)).toLocaleString('en-US');

/**
 * How many probes of the network fit into memory at a time, by the estimate, before anything is allocated; each is one
 * process's, which can hold `processBytes`.
 * @throws InputError with the estimate and the limit where not even one does.
 */
export function probesThatFit(
  network: Network,
  program: Program,
  steps: number,
  limitBytes: number,
  processBytes = Number.POSITIVE_INFINITY,
): number {
  const estimate = program.peakBytes + steps * program.bytesPerStep;
  const most = Math.min(limitBytes, processBytes);
  if (estimate <= most) return Math.floor(limitBytes / estimate);
  const parameters = countParameters(network).total.toLocaleString('en-US');
  throw new InputError(
    `probing ${network.name} (${parameters} parameters) is estimated to take ${gigabytes(estimate)} GB of memory, and ${gigabytes(most)} GB may be used here`,
    'analyse a narrower version of it, or take a smaller batch',
    network.source,
  );
}
