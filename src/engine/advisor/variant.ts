import { applyChanges } from '../change';
import { findLayer } from '../layers';
import type { Network } from '../network';
import {
  CompiledProbe,
  type LayerFigures,
  type Measurements,
  measureMoments,
  type OwnData,
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
