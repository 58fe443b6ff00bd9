import { countParameters, InputError, type Message, message, type Network } from '../network';
import type { Program } from '../tensor';
import { sessionSeconds, stepSeconds } from './cost';

/** What the budget buys: fixed before anything runs, by the cost model alone. */
export interface ProbePlan {
  readonly steps: number;
  readonly seeds: number;
  /** Seeds and learning rates, as multiples of the network's own, of each of the advisor's variants. */
  readonly variantSeeds: number;
  readonly rateFactors: readonly number[];
  /** What was scaled down, and what that does to the figures. */
  readonly reduced: readonly Message[];
}

const STEPS = 20;
const LEAST_STEPS = 5;
const SEEDS = 3;
const VARIANT_SEEDS = 2;
/** The same small sweep for every variant: one learning rate for all would favour the network that it was chosen for. */
const RATE_FACTORS = [0.1, 0.3, 1, 3] as const;
const FEWER_RATE_FACTORS = [0.3, 1, 3] as const;
/** Part of the budget for the network itself; the rest is for the advisor's variants. */
const OWN_SHARE = 0.3;

export interface PlanOptions {
  readonly steps?: number;
  readonly seeds?: number;
  readonly budgetSeconds: number;
  readonly variants: number;
}

/**
 * Fits steps, seeds and variants into the budget, in this order: fewer steps, fewer seeds, fewer learning rates. Batch,
 * resolution, length and depth are the question itself and are never scaled.
 */
export function planProbe(training: Program, options: PlanOptions): ProbePlan {
  const { budgetSeconds, variants } = options;
  const perStep = stepSeconds(training);
  const reduced: Message[] = [];
  let steps = options.steps ?? STEPS;
  let seeds = options.seeds ?? SEEDS;
  let variantSeeds = Math.min(VARIANT_SEEDS, seeds);
  let rateFactors: readonly number[] = RATE_FACTORS;

  const own = () => sessionSeconds(training) + seeds * Math.max(1, steps) * perStep;
  const forVariants = () =>
    variants * (2 * sessionSeconds(training) + variantSeeds * rateFactors.length * Math.max(1, steps) * perStep);
  const ownBudget = variants > 0 ? OWN_SHARE * budgetSeconds : budgetSeconds;
  const fits = () => own() <= ownBudget && own() + forVariants() <= budgetSeconds;

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
    variantSeeds = Math.min(variantSeeds, seeds);
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
    rateFactors = FEWER_RATE_FACTORS;
    reduced.push(
      message('reduced-rates', 'Learning rates a variant: {rates} instead of {usual}.', {
        rates: rateFactors.length,
        usual: RATE_FACTORS.length,
      }),
    );
  }
  return { steps, seeds, variantSeeds, rateFactors, reduced };
}

const gigabytes = (bytes: number) => Number((bytes / 1e9).toPrecision(3)).toLocaleString('en-US');

/**
 * Refuses a network whose probe would not fit into memory, before anything is allocated.
 * @throws InputError with the estimate and the limit.
 */
export function assertFits(network: Network, program: Program, steps: number, limitBytes: number): void {
  const estimate = program.peakBytes + steps * program.bytesPerStep;
  if (estimate <= limitBytes) return;
  const parameters = countParameters(network).total.toLocaleString('en-US');
  throw new InputError(
    `probing ${network.name} (${parameters} parameters) is estimated to take ${gigabytes(estimate)} GB of memory, and ${gigabytes(limitBytes)} GB may be used here`,
    'analyse a narrower version of it, or give a smaller --batch',
    network.source,
  );
}
