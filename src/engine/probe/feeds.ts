import { findLayer } from '../layers';
import { type Buffer, isBatchDim, isDrawn, type Network, type Parameter } from '../network';
import type { Feed, TensorData } from '../runtime';
import type { CompiledProbe } from './compiledProbe';
import type { Draw, Split } from './data/generator';
import type { InitializationSpec } from './data/initialization';
import { Purpose } from './data/philox';
import type { SourceName } from './data/sources';
import { bufferName, dataName, parameterName } from './programs/names';

/** Streams of what is worked out of a parameter, behind those of the parameters themselves. */
const DERIVED = 2 ** 30;

const source = (name: SourceName, spec: unknown, as?: string): Feed =>
  as === undefined ? { source: name, spec } : { source: name, spec, as };

/** Draws by a parameter's place among those that are drawn, so that a variant with more norms starts from the same weights. */
function randomIndices(network: Network): Map<string, number> {
  const indices = new Map<string, number>();
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const drawn = new Set(network.parameters.filter(({ initialization }) => isDrawn(initialization)).map(({ id }) => id));
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

/** How a network's weights are drawn otherwise than its seed and its initialization say. */
export interface Weights {
  /** The seed that they are drawn from; absent: the run's, which data and order are drawn from too. */
  readonly seed?: number;
  /** What every drawn parameter is multiplied by; absent: 1. */
  readonly scale?: number;
}

/** Feeds of a network's programs under one seed. */
export class ProbeFeeds {
  readonly #network: Network;
  readonly #probe: CompiledProbe;
  readonly #seed: number;
  readonly #weights: Weights;
  readonly #indices: Map<string, number>;
  readonly #shapes: Map<string, { shape: readonly number[]; spec: InitializationSpec }>;

  constructor(probe: CompiledProbe, seed: number, weights: Weights = {}) {
    this.#probe = probe;
    this.#network = probe.network;
    this.#seed = seed;
    this.#weights = weights;
    this.#indices = randomIndices(probe.network);
    this.#shapes = new Map(
      [
        ...this.#network.parameters.map(
          (parameter) => [parameterName(parameter.id), parameter.shape, this.#parameter(parameter)] as const,
        ),
        ...this.#network.buffers.map((buffer) => [bufferName(buffer.id), buffer.shape, this.#specOf(buffer)] as const),
      ].map(([name, shape, spec]) => [name, { shape, spec }]),
    );
  }

  #parameter(parameter: Parameter): InitializationSpec {
    const { scale = 1 } = this.#weights;
    const spec = this.#specOf(parameter);
    return scale === 1 || !isDrawn(parameter.initialization) ? spec : { ...spec, scale };
  }

  #specOf({ id, shape, initialization }: Parameter | Buffer): InitializationSpec {
    const from =
      'of' in initialization ? this.#network.parameters.find((other) => other.id === initialization.of) : undefined;
    // What one parameter is worked out to begin with is drawn beside it, alike for all that is worked out of it.
    const index =
      initialization.kind === 'singular_vector'
        ? (this.#indices.get(initialization.of) ?? 0) + DERIVED
        : (this.#indices.get(id) ?? 0);
    return {
      shape,
      initialization,
      stream: { seed: this.#weights.seed ?? this.#seed, purpose: Purpose.weights, index },
      ...(from && { of: this.#parameter(from) }),
    };
  }

  /** First values of a parameter or buffer, or of optimizer state. */
  initial(name: string, shape: readonly number[]): Feed {
    const known = this.#shapes.get(name);
    const spec: InitializationSpec = known?.spec ?? {
      shape,
      initialization: { kind: 'constant', value: this.#probe.training.optimizerState.get(name) ?? 0 },
      stream: { seed: this.#seed, purpose: Purpose.weights, index: 0 },
    };
    return source('initialization', spec);
  }

  /** A split's samples or targets; kept after the first use. */
  data(name: string, split: Split): Feed {
    const { network, own } = this.#probe;
    const input = network.inputs.find((candidate) => dataName(candidate.name) === name);
    // A tensor without a batch is one sample for all of them.
    const batched = input === undefined || input.shape.some(isBatchDim);
    if (own && batched) {
      const indices = this.#probe.split[split];
      const given = () => (input ? own.input(input.name, indices) : own.target(indices));
      const { training, evaluation } = this.#probe.samples;
      return { given, as: `own/${split}/${training}/${evaluation}/${name}` };
    }
    const { plan } = this.#probe;
    const { source: from, spec } = input ? plan.inputs.get(input.name)! : plan.target;
    const samples = batched ? this.#probe.samples[split] : 1;
    const { causes, cells } = plan;
    const draw: Draw = { seed: this.#seed, split: batched ? split : 'training', samples, causes, cells };
    const as = `${draw.split}/${this.#seed}/${samples}/${name}`;
    return source(from, { ...draw, ...spec, ...(!batched && { single: true }) }, as);
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
