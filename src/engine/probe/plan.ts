import type { Message } from '../network';
import { EVALUATION_SAMPLES } from './compiledProbe';
import {
  dataSeconds,
  narrowedWork,
  openSeconds,
  passSeconds,
  type StepWork,
  sideBySideSpeed,
  stepSeconds,
  threadedSpeed,
  weightSeconds,
} from './cost';
import { reductions } from './reductions';

/** What the budget buys: fixed before anything runs, by the cost model alone. */
export interface ProbePlan {
  readonly steps: number;
  readonly seeds: number;
  /** Samples of the evaluation split, at most. */
  readonly evaluated: number;
  /** Samples that BatchNorm's noise is measured over, at most: a forward pass alone. */
  readonly noiseSamples: number;
  /** Learning rates, as multiples of the network's own, that each of the advisor's variants is tried at. */
  readonly rateFactors: readonly number[];
  /** Factors of the initial weights that each is trained with once more: how much it depends on their size. */
  readonly initScales: readonly number[];
  /** How many variants are trained, the network as it is among them; 0: none, and no norm is recommended. */
  readonly variants: number;
  /** What every layer's number of channels is divided by. */
  readonly narrow: number;
  /** What was scaled down, and what that does to the figures. */
  readonly reduced: readonly Message[];
}

const STEPS = 20;
const LEAST_STEPS = 5;
const SEEDS = 3;
/** What a small network gets beside: intervals over six seeds are a third as wide as over three. */
const MOST_SEEDS = 6;
const INIT_SCALES = [0.5, 2] as const;
/** Part of the planned time within which all has to be that takes more than the usual. */
const EXTRA_SHARE = 0.75;
/** The same small sweep for every variant: one learning rate for all would favour the network that it was chosen for. */
const RATE_FACTORS = [0.1, 0.3, 1, 3] as const;
/** What is left of the sweep where the budget is short, in this order. */
const SHORTER_SWEEPS: readonly (readonly number[])[] = [[0.3, 1, 3], [0.3, 1], [1]];
const LEAST_EVALUATED = 64;
/** What is left of them where the network is too large for all else; a batch always is. */
const FEWEST_EVALUATED = 4;
/** Part of the budget that forward passes for BatchNorm's noise may take beyond the evaluation's samples. */
const NOISE_SHARE = 0.1;
/** The network as it is, and the norm that is usual in such networks. */
const LEAST_VARIANTS = 2;
const NARROWER = [2, 4, 8, 16] as const;
/** Another halving of the width is to save this part of a step at least. */
const WORTHWHILE = 0.8;
/** Below this part of the budget steps are not what takes the time. */
const STEPS_SHARE = 0.1;
/** How many samples go through at a time in evaluation mode. */
const CHUNK = 32;
/** Part of the budget that is planned with: processes start, files are read, and the model errs. */
const PLANNED_SHARE = 0.75;
/** Part of it for the network itself, whose figures come first, where all variants are tried, and where fewer are. */
const OWN_SHARE = { all: 0.3, fewer: 0.65 } as const;

export interface PlanOptions {
  readonly steps?: number;
  readonly seeds?: number;
  readonly batch: number;
  /** The batch that variants are trained at. */
  readonly trainingBatch: number;
  readonly budgetSeconds: number;
  readonly variants: number;
  /** Values of one sample. */
  readonly sampleValues: number;
  /** How many threads probes may take. */
  readonly slots: number;
  /** Whether the network can be had with its channels divided by that. */
  narrowable(factor: number): boolean;
}

/** A plan, before it is said what it leaves out. */
export type Draft = Omit<ProbePlan, 'reduced' | 'noiseSamples'>;

/** As many samples as usual, if making them and a pass in each mode take little of the budget; else as are evaluated. */
function noiseSamplesOf(full: StepWork, { narrow, evaluated }: Draft, options: PlanOptions): number {
  const { batch, budgetSeconds, sampleValues } = options;
  const work = narrow === 1 ? full : narrowedWork(full, narrow);
  for (let samples = EVALUATION_SAMPLES; samples > evaluated; samples /= 2) {
    const passes = passSeconds(work, batch, samples, CHUNK) + passSeconds(work, batch, samples, batch);
    const seconds = dataSeconds(2 * samples * sampleValues) + passes;
    if (seconds <= NOISE_SHARE * PLANNED_SHARE * budgetSeconds) return samples;
  }
  return evaluated;
}

/** Predicted seconds: of the network's own probe, and of the advisor's trainings. */
function secondsOf(full: StepWork, draft: Draft, options: PlanOptions): { own: number; variants: number } {
  const { batch, trainingBatch, slots, sampleValues } = options;
  const { seeds, evaluated, rateFactors, initScales, variants, narrow } = draft;
  const work = narrow === 1 ? full : narrowedWork(full, narrow);
  const steps = Math.max(1, draft.steps);
  const pass = passSeconds(work, batch, evaluated, CHUNK);
  const trainPass = (at: number) => passSeconds(work, batch, evaluated, at);
  const data = dataSeconds(2 * evaluated * sampleValues);
  // Evaluated at the start, and twice at the end, each beside a pass in training mode; weights are drawn for both. One chunk's
  // outputs are held against one another at either end.
  const held = Math.min(CHUNK, evaluated);
  const chunk = passSeconds(work, batch, held, held);
  const ownRun = steps * stepSeconds(work) + 3 * (pass + trainPass(batch)) + 2 * chunk;
  const own = openSeconds(work) + seeds * (data + 3 * weightSeconds(work) + ownRun / threadedSpeed(work, slots));
  const trainings = rateFactors.length + seeds - 1 + initScales.length;
  const variantRun =
    weightSeconds(work) + steps * stepSeconds(work, trainingBatch / batch) + pass + trainPass(trainingBatch);
  // As it is, at its own learning rate and batch, it has been trained already.
  const known = trainingBatch === batch ? 1 : 0;
  const runs = Math.max(0, variants * trainings - known);
  const opened = Math.max(0, variants - (trainings === 1 ? known : 0));
  // Each is evaluated at the start once.
  const variantStart = openSeconds(work) + data + pass + trainPass(trainingBatch);
  const advising = opened * variantStart + runs * variantRun;
  return { own, variants: variants === 0 ? 0 : advising / sideBySideSpeed(opened, slots) };
}

/**
 * Fits the probe into the budget. A small network's variants get more seeds than usual and other sizes of the initial
 * weights. What is too large is scaled down in this order: steps, and the samples evaluated after them; seeds; learning
 * rates a variant, and variants; width. Batch, resolution, length and depth are the question itself and are never scaled.
 * What not even that fits runs as little as says anything: one step, no variants, judged on a few samples.
 */
export function planProbe(work: StepWork, options: PlanOptions): ProbePlan {
  const { budgetSeconds } = options;
  const usual: Draft = {
    steps: options.steps ?? STEPS,
    seeds: options.seeds ?? SEEDS,
    evaluated: EVALUATION_SAMPLES,
    rateFactors: RATE_FACTORS,
    initScales: [],
    variants: options.steps === 0 ? 0 : options.variants,
    narrow: 1,
  };
  const fits = (draft: Draft): boolean => {
    const { own, variants } = secondsOf(work, draft, options);
    const extra = draft.initScales.length > 0 || draft.seeds > usual.seeds;
    const planned = (extra ? EXTRA_SHARE : 1) * PLANNED_SHARE * budgetSeconds;
    const share = draft.variants === 0 ? 1 : draft.variants === usual.variants ? OWN_SHARE.all : OWN_SHARE.fewer;
    return own <= share * planned && own + variants <= planned;
  };
  let draft: Draft =
    usual.variants === 0 ? usual : { ...usual, seeds: options.seeds ?? MOST_SEEDS, initScales: INIT_SCALES };
  for (const smaller of fewerRuns(usual, options)) {
    if (fits(draft)) break;
    draft = { ...draft, ...smaller };
  }
  // Many steps or seeds that were asked for make no network too large: its variants and width stay.
  const least = (some: Draft): Draft => ({ ...some, steps: Math.min(some.steps, LEAST_STEPS), seeds: 1 });
  for (const smaller of smallerRuns(usual, work, options)) {
    if (fits(least(draft))) break;
    draft = { ...draft, ...smaller };
  }
  const noiseSamples = noiseSamplesOf(work, draft, options);
  return { ...draft, noiseSamples, reduced: reductions(usual, draft, noiseSamples) };
}

/** What is given up first: what goes beyond the usual; then, in the stated order, steps, samples, seeds, learning rates. */
function* fewerRuns(usual: Draft, options: PlanOptions): Generator<Partial<Draft>> {
  for (let seeds = MOST_SEEDS - 1; options.seeds === undefined && seeds > usual.seeds; seeds--) yield { seeds };
  yield { initScales: [] };
  yield { seeds: usual.seeds };
  for (let steps = usual.steps - 1; options.steps === undefined && steps >= LEAST_STEPS; steps--) yield { steps };
  for (let evaluated = usual.evaluated / 2; evaluated >= Math.max(LEAST_EVALUATED, options.batch); evaluated /= 2) {
    yield { evaluated };
  }
  for (let seeds = usual.seeds - 1; options.seeds === undefined && seeds >= 1; seeds--) yield { seeds };
  if (usual.variants > 0) for (const rateFactors of SHORTER_SWEEPS) yield { rateFactors };
}

/** What is given up then, where the network is too large: variants, width, and at last all that is not needed. */
function* smallerRuns(usual: Draft, work: StepWork, options: PlanOptions): Generator<Partial<Draft>> {
  if (usual.variants > LEAST_VARIANTS) yield { variants: LEAST_VARIANTS };
  let seconds = stepSeconds(work);
  for (const narrow of NARROWER) {
    const narrower = stepSeconds(narrowedWork(work, narrow));
    // What takes its time node by node takes it at any width.
    if (narrower > WORTHWHILE * seconds || !options.narrowable(narrow)) break;
    seconds = narrower;
    yield { narrow };
  }
  if (usual.variants > 0) yield { variants: 0 };
  const slow = LEAST_STEPS * seconds > STEPS_SHARE * options.budgetSeconds;
  if (options.steps === undefined && slow) yield { steps: 1 };
  const fewest = Math.max(FEWEST_EVALUATED, options.batch);
  for (let evaluated = LEAST_EVALUATED / 2; evaluated >= fewest; evaluated /= 2) yield { evaluated };
}
