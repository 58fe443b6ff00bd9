import { applyChanges } from '../change';
import { findLayer } from '../layers';
import type { Network } from '../network';
import {
  CompiledProbe,
  gradientPaths,
  gradientRatio,
  type LayerFigures,
  layerFigures,
  type Measurements,
  measureMoments,
  median,
  type OwnData,
  probeBytes,
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
  /** Samples that BatchNorm's noise is measured over, at most. */
  readonly noiseSamples: number;
  /**
   * Added to the seeds that weights are drawn from: other weights on the same data, which is what chance alone changes.
   * Absent: 0.
   */
  readonly weightOffset?: number;
  /** Factors of the initial weights that each is trained with once more; none where the time allows none. */
  readonly initScales: readonly number[];
  /** How many variants are trained at most, the network as it is among them. */
  readonly variants: number;
}

/** A candidate and what its training showed. */
export interface Variant {
  readonly candidate: Candidate;
  readonly network: Network;
  /** At the learning rate that did best with the first seed, one run a seed; the first holds the evaluation at the start. */
  readonly runs: readonly Measurements[];
  /** The first seed's runs, one a learning rate. */
  readonly sweep: readonly Measurements[];
  /** Evaluation loss with the first seed's initial weights times `scale`. */
  readonly initScale: readonly { readonly scale: number; readonly loss: number }[];
  readonly layers: ReadonlyMap<string, LayerFigures>;
  /** Bytes that a training's process grows by, estimated before it runs. */
  readonly memoryBytes: number;
  /** What a step took, of the run where it took least. */
  readonly stepMilliseconds: number;
  readonly learningRate: number;
  /** Evaluation loss with recomputed statistics after the last step, by seed; infinite where it diverged. */
  readonly scores: readonly number[];
  /** Median of the scores. */
  readonly score: number;
  /** Output gradient RMS of the first layer with weights over that of the last of its role, at initialization. */
  readonly gradientRatio: number;
}

/** Evaluation loss with recomputed statistics after the last step; infinite where it diverged. */
export const scoreOf = ({ final }: Measurements): number =>
  final && Number.isFinite(final.recomputed) ? final.recomputed : Number.POSITIVE_INFINITY;

/** How many trainings one variant takes. */
export const trainingRuns = ({ seeds, learningRates, initScales }: VariantPlan): number =>
  learningRates.length + seeds.length - 1 + initScales.length;

/** What was measured of the network as it is before it is a variant. */
export interface AlreadyMeasured {
  /** Its programs at the variants' batch. */
  readonly probe: CompiledProbe;
  readonly runs: readonly Measurements[];
}

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
  measured?: AlreadyMeasured,
): Promise<Variant> {
  const changed = applyChanges(network, candidate.changes);
  const probe = measured?.probe ?? new CompiledProbe(changed, plan.trainingBatch, plan.steps, plan.own, plan.evaluated);
  const [firstSeed, ...otherSeeds] = plan.seeds as [number, ...number[]];
  let ticks = 0;
  let fastest = Number.POSITIVE_INFINITY;
  const train = async (seed: number, learningRate: number, scale = 1): Promise<Measurements> => {
    const known = measured?.runs.find((run) => run.seed === seed && run.learningRate === learningRate);
    if (known && scale === 1) {
      tick();
      return known;
    }
    // Dead channels and batch noise are told by the first run alone.
    const evaluate = ticks++ === 0 && !measured ? 'start-and-loss' : 'final-loss';
    const run = await probeNetwork(slot, probe, {
      seed,
      learningRate,
      weights: { seed: seed + (plan.weightOffset ?? 0), scale },
      steps: plan.steps,
      firstStepApart: false,
      evaluate,
    });
    tick();
    fastest = Math.min(fastest, run.stepMilliseconds ?? fastest);
    return run;
  };
  const runs: Measurements[] = [];
  const sweep: Measurements[] = [];
  const initScale: { scale: number; loss: number }[] = [];
  try {
    for (const learningRate of plan.learningRates) sweep.push(await train(firstSeed, learningRate));
    const best = sweep.reduce((a, b) => (scoreOf(b) < scoreOf(a) ? b : a));
    // The start is the same at every learning rate.
    runs.push({ ...best, initial: sweep.find(({ initial }) => initial)?.initial });
    for (const seed of otherSeeds) runs.push(await train(seed, best.learningRate));
    for (const scale of plan.initScales) {
      initScale.push({ scale, loss: scoreOf(await train(firstSeed, best.learningRate, scale)) });
    }
  } finally {
    slot.clear();
  }
  const scores = runs.map(scoreOf);
  const layers = layerFigures(changed, plan.trainingBatch, runs);
  return {
    candidate,
    network: changed,
    runs,
    learningRate: runs[0]!.learningRate,
    sweep,
    initScale,
    layers,
    memoryBytes: probeBytes(probe.training.program, plan.steps),
    stepMilliseconds: Number.isFinite(fastest)
      ? fastest
      : Math.min(...runs.flatMap((run) => run.stepMilliseconds ?? [])),
    scores,
    score: median(scores),
    gradientRatio: gradientRatio(gradientPaths(changed, layers)),
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
  const probe = new CompiledProbe(changed, plan.trainingBatch, plan.steps, plan.own, plan.noiseSamples);
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
