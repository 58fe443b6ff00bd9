import { applyChanges } from '../change';
import { findLayer } from '../layers';
import type { Network } from '../network';
import {
  CompiledProbe,
  gradientPaths,
  gradientRatio,
  layerFigures,
  type Measurements,
  measureMoments,
  median,
  type OwnData,
  probeNetwork,
  type SampleMoments,
} from '../probe';
import type { Slot } from '../runtime';
import type { Candidate } from './candidates';

/** How the variants are trained: the same for each. */
export interface VariantPlan {
  /** The person's batch, which BatchNorm's noise is judged at. */
  readonly batch: number;
  /** The batch of the trainings. */
  readonly trainingBatch: number;
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly learningRates: readonly number[];
  /** The person's own data, where there is any. */
  readonly own?: OwnData;
  /** Samples that losses are evaluated on, at most. */
  readonly evaluated: number;
  /** How many variants are trained at most, the network as it is among them. */
  readonly variants: number;
}

/** A candidate and what its training showed. */
export interface Variant {
  readonly candidate: Candidate;
  readonly network: Network;
  /** At the learning rate that did best with the first seed, one run a seed. */
  readonly runs: readonly Measurements[];
  readonly learningRate: number;
  /** Evaluation loss with recomputed statistics after the last step, by seed; infinite where it diverged. */
  readonly scores: readonly number[];
  /** Moments of what its batch norms see, at initialization. */
  readonly moments: readonly SampleMoments[];
  /** Median of the scores. */
  readonly score: number;
  /** Output gradient RMS of the first layer with weights over that of the last of its role, at initialization. */
  readonly gradientRatio: number;
}

const scoreOf = ({ final }: Measurements): number =>
  final && Number.isFinite(final.recomputed) ? final.recomputed : Number.POSITIVE_INFINITY;

/** How many trainings one variant takes. */
export const trainingRuns = (seeds: number, learningRates: number): number => learningRates + seeds - 1;

/**
 * Trains a candidate: the first seed at every learning rate of the plan, the others at the one that did best there.
 * What was measured of it already is not trained again.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function trainVariant(
  network: Network,
  candidate: Candidate,
  plan: VariantPlan,
  slot: Slot,
  tick: () => void,
  measured: readonly Measurements[] = [],
): Promise<Variant> {
  const changed = applyChanges(network, candidate.changes);
  const probe = new CompiledProbe(changed, plan.trainingBatch, plan.steps, plan.own, plan.evaluated);
  const [firstSeed, ...otherSeeds] = plan.seeds as [number, ...number[]];
  let ticks = 0;
  const train = async (seed: number, learningRate: number): Promise<Measurements> => {
    const known = measured.find((run) => run.seed === seed && run.learningRate === learningRate);
    if (known) {
      tick();
      return known;
    }
    // Dead channels and batch noise are told by the first run alone.
    const evaluate = ticks++ === 0 ? 'start-and-loss' : 'final-loss';
    const run = await probeNetwork(slot, probe, {
      seed,
      learningRate,
      steps: plan.steps,
      firstStepApart: false,
      evaluate,
    });
    tick();
    return run;
  };
  const runs: Measurements[] = [];
  let moments: readonly SampleMoments[] = [];
  try {
    const sweep: Measurements[] = [];
    for (const learningRate of plan.learningRates) sweep.push(await train(firstSeed, learningRate));
    moments = sweep[0]?.initial?.moments ?? [];
    runs.push(sweep.reduce((a, b) => (scoreOf(b) < scoreOf(a) ? b : a)));
    for (const seed of otherSeeds) runs.push(await train(seed, runs[0]!.learningRate));
  } finally {
    slot.clear();
  }
  const scores = runs.map(scoreOf);
  return {
    candidate,
    network: changed,
    runs,
    learningRate: runs[0]!.learningRate,
    moments,
    scores,
    score: median(scores),
    gradientRatio: gradientRatio(gradientPaths(changed, layerFigures(changed, plan.trainingBatch, runs))),
  };
}

/**
 * Moments of what the batch norms of a candidate see at initialization, by forward passes alone.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function untrainedMoments(
  network: Network,
  candidate: Candidate,
  plan: VariantPlan,
  slot: Slot,
): Promise<readonly SampleMoments[]> {
  const changed = applyChanges(network, candidate.changes);
  const probe = new CompiledProbe(changed, plan.trainingBatch, plan.steps, plan.own, plan.evaluated);
  try {
    return await measureMoments(slot, probe, plan.seeds[0]!);
  } finally {
    slot.clear();
  }
}

/** Whether any of its norms takes statistics over the batch. */
export const usesBatchNorm = ({ network }: Variant): boolean => overBatch(network);

const overBatch = (network: Network): boolean =>
  network.calls.some(({ kind, attributes }) => findLayer(kind)?.batchStatistics?.(attributes) ?? false);
