import type { Feed, Slot, TensorData } from '../runtime';
import type { Program } from '../tensor';
import type { CompiledProbe } from './compiledProbe';
import type { Split } from './data/generator';
import { type Representation, representations } from './effectiveRank';
import { ProbeFeeds, type Weights } from './feeds';
import type { EvaluationMeasurements } from './measurements';
import { DEAD, EVALUATION_LOSS, MEANS, SQUARES } from './programs/evaluation';
import { bufferName, LEARNING_RATE, MASK_SEED, ORDER, STEP } from './programs/names';
import { PRODUCTS } from './programs/representations';
import { PASS_LOSS } from './programs/trainModePass';
import { deadChannels, sampleMoments } from './siteReadings';

/** Where a program's parameters, buffers and optimizer state come from, by the input's name. */
export type State = (name: string, shape: readonly number[]) => Feed;

/** One run of one program over a split. */
interface Pass {
  readonly program: Program;
  readonly split: Split;
  /** Which samples each step takes, int64 [steps, batch]. */
  readonly order: TensorData;
  /** Number of the first step, from 1. */
  readonly firstStep?: number;
  readonly state: State;
  /** Prefix of the names under which the new state is kept; absent: it is forgotten. */
  readonly keepAs?: string;
  readonly fetch: readonly string[];
}

/** Statistics are recomputed over so many samples of the training split. */
const RECOMPUTATION_SAMPLES = 256;

const int64 = (value: number): TensorData => ({ dtype: 'int64', shape: [], values: BigInt64Array.of(BigInt(value)) });
const int32 = (value: number): TensorData => ({ dtype: 'int32', shape: [], values: Int32Array.of(value) });
const float32 = (value: number): TensorData => ({ dtype: 'float32', shape: [], values: Float32Array.of(value) });

/** Whether a program's input is a parameter, a buffer or optimizer state, which are named `kind:id`. */
const isState = (name: string) => !name.startsWith('data:') && name.includes(':');

/** A fetched output as numbers. */
export const numbers = (data: TensorData | undefined): number[] => Array.from((data?.values ?? []) as Float32Array);

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** State that an earlier run kept. */
export const kept =
  (prefix: string): State =>
  (name) => ({ kept: `${prefix}/${name}` });

/** Buffers from one place, everything else from another. */
const withBuffers =
  (rest: State, buffers: State): State =>
  (name, shape) =>
    name.startsWith('buffer:') ? buffers(name, shape) : rest(name, shape);

/** Runs a network's programs in a slot, under one seed and learning rate. */
export class ProbeRun {
  readonly #slot: Slot;
  readonly #probe: CompiledProbe;
  readonly #feeds: ProbeFeeds;
  readonly #learningRate: number;
  readonly #maskSeed: TensorData;

  constructor(slot: Slot, probe: CompiledProbe, seed: number, learningRate: number, weights?: Weights) {
    this.#slot = slot;
    this.#probe = probe;
    this.#feeds = new ProbeFeeds(probe, seed, weights);
    this.#learningRate = learningRate;
    this.#maskSeed = int32((seed * 2654435761) | 0);
  }

  /** Freshly initialized parameters and buffers, and optimizer state of zeros. */
  readonly initial: State = (name, shape) => this.#feeds.initial(name, shape);

  /** Runs a program; outputs by the names that it knows them by. */
  async run({ program, split, order, firstStep = 1, state, keepAs, fetch }: Pass) {
    const steps = order.shape[0]!;
    const feeds: Record<string, Feed> = {};
    for (const { name, shape } of program.inputs) {
      if (name === 'steps') feeds[name] = int64(steps);
      else if (name === ORDER) feeds[name] = order;
      else if (name === STEP) feeds[name] = ProbeFeeds.stepNumbers(firstStep, steps);
      else if (name === LEARNING_RATE) feeds[name] = float32(this.#learningRate);
      else if (name === MASK_SEED) feeds[name] = this.#maskSeed;
      else if (isState(name)) feeds[name] = state(name, shape as readonly number[]);
      else feeds[name] = this.#feeds.data(name, split);
    }
    const keep: Record<string, string> = {};
    if (keepAs !== undefined) {
      for (const { name } of program.outputs) {
        const plain = name.slice(0, -'@end'.length);
        if (isState(plain)) keep[name] = `${keepAs}/${plain}`;
      }
    }
    const out = await this.#slot.run({ program, feeds, keep, fetch: fetch.map((name) => `${name}@end`) });
    return Object.fromEntries(fetch.map((name) => [name, out[`${name}@end`]!]));
  }

  /**
   * The same state with running statistics recomputed over the training split, kept under a prefix; the state itself
   * where the network keeps none.
   */
  async recompute(state: State, keepAs: string): Promise<State> {
    const { network, samples, batch } = this.#probe;
    const program = this.#probe.passOver('training');
    if (!program || network.buffers.length === 0) return state;
    const steps = Math.ceil(Math.min(samples.training, RECOMPUTATION_SAMPLES) / batch);
    const shapes = new Map(network.buffers.map(({ id, shape }) => [bufferName(id), shape]));
    const fresh: State = (name) => this.#feeds.initial(name, shapes.get(name)!);
    await this.run({
      program,
      split: 'training',
      order: ProbeFeeds.inTurn(samples.training, batch, steps),
      state: withBuffers(state, fresh),
      keepAs,
      fetch: [],
    });
    return withBuffers(state, kept(keepAs));
  }

  /** The evaluation split in evaluation mode; `sites` asks for dead channels and batch moments too. */
  async evaluate(state: State, sites: 'sites' | 'loss'): Promise<EvaluationMeasurements> {
    const { program, deadSites, batchSites } = this.#probe.evaluation;
    const { evaluation: samples } = this.#probe.samples;
    const { chunk } = this.#probe;
    const out = await this.run({
      program,
      split: 'evaluation',
      order: ProbeFeeds.inTurn(samples, chunk, Math.ceil(samples / chunk)),
      state,
      fetch: [
        EVALUATION_LOSS,
        ...(sites === 'sites' && deadSites.length > 0 ? [DEAD] : []),
        ...(sites === 'sites' && batchSites.length > 0 ? [MEANS, SQUARES] : []),
      ],
    });
    return {
      loss: average(numbers(out[EVALUATION_LOSS])),
      samples,
      dead: deadChannels(deadSites, out[DEAD]),
      moments: sampleMoments(batchSites, samples, chunk, out[MEANS], out[SQUARES]),
    };
  }

  /** How many directions each layer's outputs vary in over the first samples of the evaluation split. */
  async representations(state: State): Promise<Representation[]> {
    const { program, samples, sites } = this.#probe.representations;
    if (sites.length === 0) return [];
    const order = ProbeFeeds.inTurn(samples, samples, 1);
    const out = await this.run({ program, split: 'evaluation', order, state, fetch: [PRODUCTS] });
    return representations(sites, samples, out[PRODUCTS]);
  }

  /** Loss on the evaluation split with the layers in training mode; undefined where that changes nothing. */
  async trainModeLoss(state: State): Promise<number | undefined> {
    const program = this.#probe.passOver('evaluation');
    if (!program) return undefined;
    const { evaluation: samples } = this.#probe.samples;
    const { batch } = this.#probe;
    const order = ProbeFeeds.inTurn(samples, batch, Math.ceil(samples / batch));
    const out = await this.run({ program, split: 'evaluation', order, state, fetch: [PASS_LOSS] });
    return average(numbers(out[PASS_LOSS]));
  }
}
