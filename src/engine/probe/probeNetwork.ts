import type { Slot, TensorData } from '../runtime';
import type { CompiledProbe } from './compiledProbe';
import { sampleOrder } from './data/order';
import type { Weights } from './feeds';
import type { Measurements, SampleMoments } from './measurements';
import { kept, numbers, ProbeRun, type State } from './probeRun';
import { LOSS, type PlacedReading, SUMS, type TrainingProgram } from './programs/training';
import { readSteps, type SeriesByOwner } from './stepReadings';

/** One training of a network. */
export interface ProbeSettings {
  readonly seed: number;
  readonly learningRate: number;
  /** Weights drawn otherwise than the seed and the network say. */
  readonly weights?: Weights;
  /** 0 measures at initialization alone. */
  readonly steps: number;
  /**
   * Whether the first step is run, and told, by itself: its gradients are the figures at initialization, which somebody
   * waits for. Chunks change no figure.
   */
  readonly firstStepApart: boolean;
  /**
   * What is evaluated: everything; or the loss with recomputed statistics alone, after the last step; or that and what
   * `everything` evaluates at the start.
   */
  readonly evaluate: 'everything' | 'start-and-loss' | 'final-loss';
  /** Told after each chunk: what is measured so far. */
  progress?(stepsDone: number, sofar: Measurements): void;
}

/**
 * Trains the network for some steps under one seed and measures it, from fresh weights each time; data of one seed is
 * made once in a slot.
 * @throws EngineError, CancelledError as `Slot.run` does.
 */
export async function probeNetwork(slot: Slot, probe: CompiledProbe, settings: ProbeSettings): Promise<Measurements> {
  const { seed, steps, learningRate, evaluate } = settings;
  const run = new ProbeRun(slot, probe, seed, learningRate, settings.weights);
  const trainedSteps = await train(run, probe, settings);
  const initial = evaluate === 'final-loss' ? undefined : await atInitialization(run);
  const measured = { seed, learningRate, ...trainedSteps, ...(initial && { initial }) };
  if (steps === 0) return measured;

  const trained = trainedState(run, probe.training);
  const settled = await run.recompute(trained, 'recomputed');
  const { loss: recomputed } = await run.evaluate(settled, 'loss');
  if (evaluate !== 'everything') return { ...measured, final: { recomputed } };
  const running = probe.network.buffers.length > 0 ? (await run.evaluate(trained, 'loss')).loss : recomputed;
  const trainMode = (await run.trainModeLoss(trained)) ?? running;
  return {
    ...measured,
    final: { recomputed, running, trainMode, representations: await run.representations(settled) },
  };
}

async function atInitialization(run: ProbeRun): Promise<Measurements['initial']> {
  const state = await run.recompute(run.initial, 'initial');
  return { ...(await run.evaluate(state, 'sites')), representations: await run.representations(state) };
}

/**
 * What the batch norms of a network see at initialization, by forward passes alone: no training is compiled.
 * @throws EngineError, CancelledError as `Slot.run` does.
 */
export async function measureMoments(
  slot: Slot,
  probe: CompiledProbe,
  seed: number,
): Promise<readonly SampleMoments[]> {
  const run = new ProbeRun(slot, probe, seed, 0);
  return (await run.evaluate(await run.recompute(run.initial, 'initial'), 'sites')).moments;
}

type Trained = Pick<Measurements, 'losses' | 'series' | 'stepMilliseconds'>;

/**
 * Trains with plain sums, and once more with care where a reading lacks digits: everywhere for the network itself, at
 * initialization for a variant, which is compared there. What is known of a start is not tried again.
 */
async function train(run: ProbeRun, probe: CompiledProbe, settings: ProbeSettings): Promise<Trained> {
  const everywhere = settings.evaluate === 'everything';
  const start = JSON.stringify([settings.seed, settings.weights]);
  if (everywhere || !probe.needCare.has(start)) {
    // Where one start needed care, the first step tells whether this one does. Chunks change no figure.
    const firstStepApart = settings.firstStepApart || (!everywhere && probe.needCare.size > 0);
    const judged = everywhere ? Number.POSITIVE_INFINITY : 1;
    const plain = await trainBy(probe.training, judged, run, probe, { ...settings, firstStepApart });
    if ('losses' in plain) return plain;
    // The norm of a gradient is read from η times it, so whether it has its digits depends on the learning rate too.
    if (!everywhere && plain.quantity !== 'gradientNorm') probe.needCare.add(start);
  }
  return (await trainBy(probe.carefulTraining, 0, run, probe, settings)) as Trained;
}

/** What training has left; frozen parameters, which no step moves, as they began. */
function trainedState(run: ProbeRun, { program }: Pick<TrainingProgram, 'program'>): State {
  const moved = new Set(program.outputs.map(({ name }) => name));
  const left = kept('trained');
  return (name, shape) => (moved.has(`${name}@end`) ? left : run.initial)(name, shape);
}

/**
 * Runs a training program chunk by chunk; the state is kept as `trained`. At least one step, for the gradients.
 * A reading of one of the first `judged` steps that cannot be trusted, where there is one.
 */
async function trainBy(
  { program, readings }: TrainingProgram,
  judged: number,
  run: ProbeRun,
  probe: CompiledProbe,
  { seed, learningRate, steps, firstStepApart, progress }: ProbeSettings,
): Promise<Trained | PlacedReading> {
  const total = Math.max(1, steps);
  const trained = trainedState(run, { program });
  const order = sampleOrder(seed, probe.samples.training, probe.batch, total);
  const losses: number[] = [];
  const started = performance.now();
  const series: SeriesByOwner = new Map();
  for (let done = 0; done < total; ) {
    const count = done === 0 && firstStepApart ? 1 : Math.min(program.stepsPerRun, total - done);
    const out = await run.run({
      program,
      split: 'training',
      order: stepsOf(order, done, count),
      firstStep: done + 1,
      state: done === 0 ? run.initial : trained,
      keepAs: 'trained',
      fetch: readings.length > 0 ? [LOSS, SUMS] : [LOSS],
    });
    losses.push(...numbers(out[LOSS]));
    if (readings.length > 0) {
      const untrusted = readSteps(
        readings,
        {
          values: out[SUMS]!.values as Float32Array,
          steps: count,
          learningRate,
          // A network that has diverged is read as it is: no care makes its figures finite.
          judged: (step) => done + step < judged && Number.isFinite(losses[done + step]),
        },
        series,
      );
      if (untrusted) return untrusted;
    }
    done += count;
    progress?.(done, { seed, learningRate, losses, series });
  }
  return { losses, series, stepMilliseconds: (performance.now() - started) / total };
}

/** Some rows of the order [steps, batch]. */
function stepsOf(order: TensorData, from: number, count: number): TensorData {
  const batch = order.shape[1]!;
  const values = (order.values as BigInt64Array).slice(from * batch, (from + count) * batch);
  return { dtype: 'int64', shape: [count, batch], values };
}
