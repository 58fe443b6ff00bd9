import { applyChanges } from '../change';
import { findLayer } from '../layers';
import type { Network } from '../network';
import { CompiledProbe, type LayerFigures, layerFigures, type Measurements, median, probeNetwork } from '../probe';
import type { Runtime } from '../runtime';
import type { Candidate } from './candidates';

/** How the variants are trained: the same for each. */
export interface VariantPlan {
  readonly batch: number;
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly learningRates: readonly number[];
}

/** A candidate and what its training showed. */
export interface Variant {
  readonly candidate: Candidate;
  readonly network: Network;
  /** At its best learning rate, one run a seed. */
  readonly runs: readonly Measurements[];
  readonly learningRate: number;
  /** Evaluation loss with recomputed statistics after the last step, by seed; infinite where it diverged. */
  readonly scores: readonly number[];
  /** Median of the scores. */
  readonly score: number;
  /** Output gradient RMS of the first layer with weights over that of the last, at initialization. */
  readonly gradientRatio: number;
}

const scoreOf = ({ final }: Measurements): number =>
  final && Number.isFinite(final.recomputed) ? final.recomputed : Number.POSITIVE_INFINITY;

/** Output gradient RMS of the first layer with weights over the last one's. */
export function gradientRatio(figures: ReadonlyMap<string, LayerFigures>, network: Network): number {
  const path = network.calls
    .filter(({ kind }) => findLayer(kind)?.role === 'affine')
    .flatMap((call) => figures.get(call.module ?? call.id)?.outputGradientRms ?? []);
  return path.length < 2 ? 1 : path[0]! / path.at(-1)!;
}

/** The best of the sweep: the learning rate with the lowest median score. */
function bestRate(byRate: readonly (readonly Measurements[])[]): readonly Measurements[] {
  const scored = byRate.map((runs) => ({ runs, score: median(runs.map(scoreOf)) }));
  return scored.reduce((a, b) => (b.score < a.score ? b : a)).runs;
}

/**
 * Trains a candidate for every learning rate and seed of the plan.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function trainVariant(
  network: Network,
  candidate: Candidate,
  plan: VariantPlan,
  runtime: Runtime,
  signal: AbortSignal | undefined,
  tick: (runs: number) => void,
): Promise<Variant> {
  const changed = applyChanges(network, candidate.changes);
  const probe = new CompiledProbe(changed, plan.batch, plan.steps);
  const slot = await runtime.lease(signal);
  const byRate: Measurements[][] = [];
  try {
    for (const learningRate of plan.learningRates) {
      const runs: Measurements[] = [];
      for (const seed of plan.seeds) {
        runs.push(await probeNetwork(slot, probe, { seed, learningRate, steps: plan.steps, chunk: plan.steps }));
        tick(1);
      }
      byRate.push(runs);
    }
  } finally {
    slot.release();
  }
  const runs = bestRate(byRate);
  const scores = runs.map(scoreOf);
  return {
    candidate,
    network: changed,
    runs,
    learningRate: runs[0]!.learningRate,
    scores,
    score: median(scores),
    gradientRatio: gradientRatio(layerFigures(changed, plan.batch, runs), changed),
  };
}
