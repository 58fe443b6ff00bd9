import { applyChanges } from '../change';
import type { Network } from '../network';
import {
  CompiledProbe,
  gradientPaths,
  gradientRatio,
  layerFigures,
  type Measurements,
  median,
  probeBytes,
  probeNetwork,
} from '../probe';
import type { Slot } from '../runtime';
import type { Candidate } from './candidates';
import type { Trainings } from './trainVariants';
import { type AlreadyMeasured, scoreOf, trainingRuns, type Variant, type VariantPlan } from './variant';

/** One training among a variant's: what it is for, and the how-manyeth of those. */
interface Training {
  readonly of: 'sweep' | 'seeds' | 'scales';
  readonly at: number;
  readonly seed: number;
  readonly learningRate: number;
  readonly scale: number;
}

/**
 * A candidate's trainings: the first seed at every learning rate of the plan; then, at the one that did best there, the other
 * seeds, and the first with larger and smaller initial weights. Trainings that wait for none other may run at the same time,
 * each in a slot of its own; where and in which order changes no figure. What was measured already is not trained again.
 */
export class VariantTraining implements Trainings<Variant> {
  readonly #candidate: Candidate;
  readonly #network: Network;
  readonly #plan: VariantPlan;
  readonly #probe: CompiledProbe;
  readonly #tick: () => void;
  readonly #measured: AlreadyMeasured | undefined;
  readonly #waiting: Training[] = [];
  readonly #results: { readonly [of in Training['of']]: Measurements[] } = { sweep: [], seeds: [], scales: [] };
  #unfinished: number;
  #fastest = Number.POSITIVE_INFINITY;

  /** `tick` is told of each training that is done. */
  constructor(network: Network, candidate: Candidate, plan: VariantPlan, tick: () => void, measured?: AlreadyMeasured) {
    this.#candidate = candidate;
    this.#network = applyChanges(network, candidate.changes);
    this.#plan = plan;
    this.#tick = tick;
    this.#measured = measured;
    this.#probe =
      measured?.probe ?? new CompiledProbe(this.#network, plan.trainingBatch, plan.steps, plan.own, plan.evaluated);
    this.#unfinished = trainingRuns(plan);
    this.#add(
      plan.learningRates.map((learningRate, at) => ({ of: 'sweep', at, seed: plan.seeds[0]!, learningRate, scale: 1 })),
    );
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get done(): boolean {
    return this.#unfinished === 0;
  }

  /** @throws EngineError, CancelledError as the runtime does. */
  async trainNext(slot: Slot): Promise<void> {
    const training = this.#waiting.shift()!;
    const { seed, learningRate, scale } = training;
    const run = await probeNetwork(slot, this.#probe, {
      seed,
      learningRate,
      weights: { seed: seed + (this.#plan.weightOffset ?? 0), scale },
      steps: this.#plan.steps,
      firstStepApart: false,
      // Dead channels and batch noise are told by the first run alone.
      evaluate: training.of === 'sweep' && training.at === 0 && !this.#measured ? 'start-and-loss' : 'final-loss',
    });
    this.#fastest = Math.min(this.#fastest, run.stepMilliseconds ?? this.#fastest);
    this.#settle(training, run);
  }

  finished(): Variant {
    const { sweep, seeds, scales } = this.#results;
    const runs = [this.#best(), ...seeds];
    const scores = runs.map(scoreOf);
    const layers = layerFigures(this.#network, this.#plan.trainingBatch, runs);
    return {
      candidate: this.#candidate,
      network: this.#network,
      runs,
      learningRate: runs[0]!.learningRate,
      sweep,
      initScale: this.#plan.initScales.map((scale, i) => ({ scale, loss: scoreOf(scales[i]!) })),
      layers,
      memoryBytes: probeBytes(this.#probe.training.program, this.#plan.steps),
      stepMilliseconds: Number.isFinite(this.#fastest)
        ? this.#fastest
        : Math.min(...runs.flatMap((run) => run.stepMilliseconds ?? [])),
      scores,
      score: median(scores),
      gradientRatio: gradientRatio(gradientPaths(this.#network, layers)),
    };
  }

  #add(trainings: readonly Training[]): void {
    for (const training of trainings) {
      const { seed, learningRate, scale } = training;
      const known = this.#measured?.runs.find((run) => run.seed === seed && run.learningRate === learningRate);
      if (known && scale === 1) this.#settle(training, known);
      else this.#waiting.push(training);
    }
  }

  #settle({ of, at }: Training, run: Measurements): void {
    this.#results[of][at] = run;
    this.#unfinished--;
    this.#tick();
    const { learningRates, seeds, initScales } = this.#plan;
    const swept = Object.keys(this.#results.sweep).length === learningRates.length;
    if (of !== 'sweep' || !swept) return;
    const { learningRate } = this.#best();
    this.#add(seeds.slice(1).map((seed, i) => ({ of: 'seeds', at: i, seed, learningRate, scale: 1 })));
    this.#add(initScales.map((scale, i) => ({ of: 'scales', at: i, seed: seeds[0]!, learningRate, scale })));
  }

  /** The first seed's run at the learning rate that did best, with the evaluation of the start, which is the same at each. */
  #best(): Measurements {
    const { sweep } = this.#results;
    const best = sweep.reduce((a, b) => (scoreOf(b) < scoreOf(a) ? b : a));
    return { ...best, initial: sweep.find(({ initial }) => initial)?.initial };
  }
}
