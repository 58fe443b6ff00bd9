import { findLayer } from '../layers';
import { bindShape, type Network } from '../network';
import type { Feed, Slot, TensorData } from '../runtime';
import type { Program } from '../tensor';
import type { CompiledProbe } from './compiledProbe';
import type { InitializationSpec } from './data/initialization';
import { Purpose } from './data/philox';
import { type PrototypeSpec, sampleOrder } from './data/prototypes';
import type { SourceName } from './data/sources';
import type { Quantity } from './instruments';
import { losses } from './losses';
import type { EvaluationMeasurements, Measurements, SampleMoments } from './measurements';
import { DEAD, EVALUATION_LOSS, MEANS, SQUARES } from './programs/evaluation';
import { outputSampleShape } from './programs/leaves';
import { bufferName, dataName, LEARNING_RATE, MASK_SEED, ORDER, parameterName, STEP, TARGET } from './programs/names';
import { LOSS, READINGS } from './programs/training';
import { PASS_LOSS } from './programs/trainModePass';

/** One training of a network. */
export interface ProbeSettings {
  readonly seed: number;
  readonly learningRate: number;
  /** 0 measures at initialization alone. */
  readonly steps: number;
  /** Steps in one call of the engine: between calls progress is told. */
  readonly chunk: number;
  /** What is evaluated: everything, or the loss with recomputed statistics alone, after the last step. */
  readonly evaluate: 'everything' | 'final-loss';
  /** Told after each chunk. */
  progress?(stepsDone: number): void;
}

/** Statistics are recomputed over so many samples of the training split. */
const RECOMPUTATION_SAMPLES = 256;
/** Classes of the synthetic data of a regression: its latent causes. */
const REGRESSION_CAUSES = 10;

const int64 = (value: number): TensorData => ({ dtype: 'int64', shape: [], values: BigInt64Array.of(BigInt(value)) });
const int32 = (value: number): TensorData => ({ dtype: 'int32', shape: [], values: Int32Array.of(value) });
const float32 = (value: number): TensorData => ({ dtype: 'float32', shape: [], values: Float32Array.of(value) });

const source = (name: SourceName, spec: unknown, as?: string): Feed =>
  as === undefined ? { source: name, spec } : { source: name, spec, as };

/** Draws by a parameter's place among those that are drawn, so that a variant with more norms starts from the same weights. */
function randomIndices(network: Network): Map<string, number> {
  const indices = new Map<string, number>();
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const drawn = new Set(network.parameters.filter((p) => p.initialization.kind !== 'constant').map(({ id }) => id));
  const take = (id: string) => {
    if (drawn.has(id) && !indices.has(id)) indices.set(id, indices.size);
  };
  for (const call of network.calls) {
    for (const operand of call.inputs) if ('parameter' in operand) take(operand.parameter);
    if (call.module === undefined) continue;
    const submodules = Object.keys(findLayer(call.kind)?.submodules ?? {}).map((name) => `${call.module}.${name}`);
    for (const id of [call.module, ...submodules]) Object.values(modules.get(id)?.parameters ?? {}).forEach(take);
  }
  network.parameters.forEach(({ id }) => {
    take(id);
  });
  return indices;
}

/** Feeds of a network's programs under one seed. */
class ProbeFeeds {
  readonly #network: Network;
  readonly #probe: CompiledProbe;
  readonly #seed: number;
  readonly #indices: Map<string, number>;
  readonly #shapes: Map<string, { shape: readonly number[]; spec: InitializationSpec }>;

  constructor(probe: CompiledProbe, seed: number) {
    this.#probe = probe;
    this.#network = probe.network;
    this.#seed = seed;
    this.#indices = randomIndices(probe.network);
    this.#shapes = new Map(
      [
        ...this.#network.parameters.map((parameter) => [parameterName(parameter.id), parameter] as const),
        ...this.#network.buffers.map((buffer) => [bufferName(buffer.id), buffer] as const),
      ].map(([name, { id, shape, initialization }]) => [
        name,
        {
          shape,
          spec: {
            shape,
            initialization,
            stream: { seed, purpose: Purpose.weights, index: this.#indices.get(id) ?? 0 },
          },
        },
      ]),
    );
  }

  /** First values of a parameter or buffer, or zero for optimizer state. */
  initial(name: string, shape: readonly number[]): Feed {
    const known = this.#shapes.get(name);
    const spec: InitializationSpec = known?.spec ?? {
      shape,
      initialization: { kind: 'constant', value: 0 },
      stream: { seed: this.#seed, purpose: Purpose.weights, index: 0 },
    };
    return source('initialization', spec);
  }

  /** A split's samples or targets; kept after the first use. */
  data(name: string, split: PrototypeSpec['split']): Feed {
    const { task, inputs } = this.#network;
    const common = {
      seed: this.#seed,
      split,
      classes: task.kind === 'classification' && task.classes !== undefined ? task.classes : REGRESSION_CAUSES,
      samples: this.#probe.samples[split],
    };
    const as = `${split}/${this.#seed}/${common.samples}/${name}`;
    if (name === TARGET) {
      if (losses[task.loss].classes) return source('labels', common, as);
      return source('targets', { ...common, shape: outputSampleShape(this.#network), input: 0 }, as);
    }
    const index = inputs.findIndex((input) => dataName(input.name) === name);
    const shape = bindShape(inputs[index]!.shape, 1).slice(1);
    return source('samples', { ...common, shape, input: index } satisfies PrototypeSpec, as);
  }

  /** Consecutive samples, from the first again after the last: int64 [steps, batch]. */
  static inTurn(samples: number, batch: number, steps: number): TensorData {
    const values = BigInt64Array.from({ length: steps * batch }, (_, i) => BigInt(i % samples));
    return { dtype: 'int64', shape: [steps, batch], values };
  }

  static stepNumbers(from: number, steps: number): TensorData {
    return { dtype: 'float32', shape: [steps], values: Float32Array.from({ length: steps }, (_, i) => from + i) };
  }
}

const isState = (name: string) => !name.startsWith('data:') && name.includes(':');
const numbers = (data: TensorData | undefined): number[] => Array.from((data?.values ?? []) as Float32Array);
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Trains the network for some steps under one seed and measures it. What it keeps in the slot bears the seed's name,
 * so that a later training of the same network starts from fresh weights on the same data.
 * @throws EngineError, CancelledError as `Slot.run` does.
 */
export async function probeNetwork(slot: Slot, probe: CompiledProbe, settings: ProbeSettings): Promise<Measurements> {
  const { seed, steps, learningRate } = settings;
  const feeds = new ProbeFeeds(probe, seed);
  const maskSeed = int32((seed * 2654435761) | 0);

  /** Runs a program: `state` says where parameters, buffers and optimizer state come from. */
  const run = (
    program: Program,
    split: PrototypeSpec['split'],
    count: number,
    order: TensorData,
    firstStep: number,
    state: (name: string, shape: readonly number[]) => Feed,
    keepAs: string | undefined,
    fetch: readonly string[],
  ) => {
    const given: Record<string, Feed> = {};
    for (const { name, shape } of program.inputs) {
      if (name === 'steps') given[name] = int64(count);
      else if (name === ORDER) given[name] = order;
      else if (name === STEP) given[name] = ProbeFeeds.stepNumbers(firstStep, count);
      else if (name === LEARNING_RATE) given[name] = float32(learningRate);
      else if (name === MASK_SEED) given[name] = maskSeed;
      else if (isState(name)) given[name] = state(name, shape as readonly number[]);
      else given[name] = feeds.data(name, split);
    }
    const keep: Record<string, string> = {};
    if (keepAs !== undefined) {
      for (const { name } of program.outputs) {
        const plain = name.slice(0, -'@end'.length);
        if (isState(plain)) keep[name] = `${keepAs}/${plain}`;
      }
    }
    return slot.run({ program, feeds: given, keep, fetch: fetch.map((name) => `${name}@end`) });
  };

  const kept =
    (from: string) =>
    (name: string): Feed => ({ kept: `${from}/${name}` });
  /** Parameters from one place, buffers from another. */
  const mixed =
    (parameters: (name: string, shape: readonly number[]) => Feed, buffers: (name: string) => Feed) =>
    (name: string, shape: readonly number[]): Feed =>
      name.startsWith('buffer:') ? buffers(name) : parameters(name, shape);
  const initial = (name: string, shape: readonly number[]) => feeds.initial(name, shape);
  const freshBuffers = (name: string) =>
    feeds.initial(name, probe.network.buffers.find(({ id }) => bufferName(id) === name)!.shape);

  /** Recomputes running statistics over the training split; gives where they are kept. */
  const recompute = async (parameters: (name: string, shape: readonly number[]) => Feed, keepAs: string) => {
    const program = probe.passOver('training');
    if (!program || probe.network.buffers.length === 0) return undefined;
    const count = Math.ceil(Math.min(probe.samples.training, RECOMPUTATION_SAMPLES) / probe.batch);
    const order = ProbeFeeds.inTurn(probe.samples.training, probe.batch, count);
    await run(program, 'training', count, order, 1, mixed(parameters, freshBuffers), keepAs, []);
    return kept(keepAs);
  };

  const evaluate = async (
    state: (name: string, shape: readonly number[]) => Feed,
    withSites: boolean,
  ): Promise<EvaluationMeasurements> => {
    const { program, deadSites, batchSites } = probe.evaluation;
    const samples = probe.samples.evaluation;
    const count = Math.ceil(samples / probe.chunk);
    const order = ProbeFeeds.inTurn(samples, probe.chunk, count);
    const fetch = [
      EVALUATION_LOSS,
      ...(withSites && deadSites.length > 0 ? [DEAD] : []),
      ...(withSites && batchSites.length > 0 ? [MEANS, SQUARES] : []),
    ];
    const out = await run(program, 'evaluation', count, order, 1, state, undefined, fetch);
    const dead = out[`${DEAD}@end`];
    let offset = 0;
    const width = dead?.shape[1] ?? 0;
    const deadCounts = !dead
      ? []
      : deadSites.map((site) => {
          let deadChannels = 0;
          for (let channel = offset; channel < offset + site.channels; channel++) {
            let everyChunk = true;
            for (let chunk = 0; chunk < count; chunk++) everyChunk &&= dead.values[chunk * width + channel] === 1;
            if (everyChunk) deadChannels++;
          }
          offset += site.channels;
          return { ...site, deadChannels };
        });
    return {
      loss: average(numbers(out[`${EVALUATION_LOSS}@end`])),
      samples,
      dead: deadCounts,
      moments: sampleMoments(batchSites, samples, out[`${MEANS}@end`], out[`${SQUARES}@end`]),
    };
  };

  let atStart: EvaluationMeasurements | undefined;
  if (settings.evaluate === 'everything') {
    const recomputedAtStart = await recompute(initial, 'initial');
    atStart = await evaluate(recomputedAtStart ? mixed(initial, recomputedAtStart) : initial, true);
  }

  const lossSeries: number[] = [];
  const series = new Map<string, Partial<Record<Quantity, number[]>>>();
  const { program, layout } = probe.training;
  const total = Math.max(1, steps);
  const order = sampleOrder(seed, probe.samples.training, probe.batch, total);
  for (let done = 0; done < total; ) {
    const count = Math.min(settings.chunk, total - done);
    const slice: TensorData = {
      dtype: 'int64',
      shape: [count, probe.batch],
      values: (order.values as BigInt64Array).slice(done * probe.batch, (done + count) * probe.batch),
    };
    const fetch = layout.length > 0 ? [LOSS, READINGS] : [LOSS];
    const state = done === 0 ? initial : kept('trained');
    const out = await run(program, 'training', count, slice, done + 1, state, 'trained', fetch);
    lossSeries.push(...numbers(out[`${LOSS}@end`]));
    const readings = out[`${READINGS}@end`]?.values as Float32Array | undefined;
    layout.forEach(({ owner, quantity }, i) => {
      const byQuantity = series.get(owner) ?? {};
      series.set(owner, byQuantity);
      byQuantity[quantity] ??= [];
      for (let step = 0; step < count; step++) byQuantity[quantity].push(readings![step * layout.length + i]!);
    });
    done += count;
    settings.progress?.(done);
  }
  const measured = { seed, learningRate, losses: lossSeries, series, ...(atStart && { initial: atStart }) };
  if (steps === 0) return measured;

  const trained = kept('trained');
  const recomputed = await recompute(trained, 'recomputed');
  const afresh = await evaluate(recomputed ? mixed(trained, recomputed) : trained, false);
  if (settings.evaluate === 'final-loss') return { ...measured, final: { recomputed: afresh.loss } };

  const running = recomputed ? await evaluate(trained, false) : afresh;
  const pass = probe.passOver('evaluation');
  let trainMode = running.loss;
  if (pass) {
    const count = Math.ceil(probe.samples.evaluation / probe.batch);
    const inTurn = ProbeFeeds.inTurn(probe.samples.evaluation, probe.batch, count);
    const out = await run(pass, 'evaluation', count, inTurn, 1, trained, undefined, [PASS_LOSS]);
    trainMode = average(numbers(out[`${PASS_LOSS}@end`]));
  }
  return { ...measured, final: { trainMode, running: running.loss, recomputed: afresh.loss } };
}

/** Splits the scans [chunks, chunk, channels of all sites] by site; surplus samples of the last chunk are dropped. */
function sampleMoments(
  sites: readonly { call: string; channels: number }[],
  samples: number,
  means: TensorData | undefined,
  squares: TensorData | undefined,
): SampleMoments[] {
  if (!means || !squares) return [];
  const width = means.shape[2]!;
  let offset = 0;
  return sites.map((site) => {
    const pick = (values: Float32Array) => {
      const out = new Float32Array(samples * site.channels);
      for (let n = 0; n < samples; n++) {
        out.set(values.subarray(n * width + offset, n * width + offset + site.channels), n * site.channels);
      }
      return out;
    };
    const moments = {
      ...site,
      samples,
      means: pick(means.values as Float32Array),
      squares: pick(squares.values as Float32Array),
    };
    offset += site.channels;
    return moments;
  });
}
