import { findLayer } from '../layers';
import { bindShape, isDrawn, type Network } from '../network';
import type { Feed, TensorData } from '../runtime';
import type { CompiledProbe } from './compiledProbe';
import type { InitializationSpec } from './data/initialization';
import { Purpose } from './data/philox';
import type { PrototypeSpec } from './data/prototypes';
import type { SourceName } from './data/sources';
import { networkTarget } from './programs/leaves';
import { bufferName, dataName, parameterName, TARGET } from './programs/names';

/** Classes of the synthetic data of a regression: its latent causes. */
const REGRESSION_CAUSES = 10;

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

/** Feeds of a network's programs under one seed. */
export class ProbeFeeds {
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
      const { form, shape } = networkTarget(this.#network);
      if (form === 'classes') return source('labels', common, as);
      return source('targets', { ...common, shape: bindShape(shape, 1).slice(1), input: 0 }, as);
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
