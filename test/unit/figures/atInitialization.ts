import type { Mode } from '../../../src/engine/layers';
import type { Network } from '../../../src/engine/network';
import { Purpose } from '../../../src/engine/probe/data/philox';
import { traceNetwork } from '../../../src/engine/probe/trace';
import type { Feed, Runtime } from '../../../src/engine/runtime';
import { cast, gradients, input, less, lower, mul, sum, type Tensor } from '../../../src/engine/tensor';

/** Names a reading and says which expression it is, given a network's values and the gradients by them. */
export type Reading = (at: {
  readonly value: (call: string) => Tensor;
  readonly gradient: (call: string) => Tensor;
  readonly parameter: (id: string) => Tensor;
  readonly parameterGradient: (id: string) => Tensor;
  readonly buffer: (id: string) => Tensor;
}) => Readonly<Record<string, Tensor>>;

/**
 * A network at initialization, on Gaussian inputs N(0, 1) and under a Gaussian gradient of its output: the setting of
 * mean-field figures, without the structure of our synthetic data. Gives the readings' values.
 */
export async function atInitialization(
  runtime: Runtime,
  network: Network,
  options: { readonly batch: number; readonly seed: number; readonly mode?: Mode },
  reading: Reading,
): Promise<Readonly<Record<string, Float32Array>>> {
  const { batch, seed, mode = 'train' } = options;
  const normal = (index: number, shape: readonly number[]): Feed => ({
    source: 'initialization',
    spec: {
      shape,
      initialization: { kind: 'normal', mean: 0, std: 1 },
      stream: { seed, purpose: Purpose.samples, index },
    },
  });
  const feeds: Record<string, Feed> = {};
  const parameters = new Map<string, Tensor>();
  [...network.parameters, ...network.buffers].forEach(({ id, shape, initialization }, index) => {
    parameters.set(id, input(id, shape));
    feeds[id] = {
      source: 'initialization',
      spec: { shape, initialization, stream: { seed, purpose: Purpose.weights, index } },
    };
  });
  let draws = 0;
  const uniform = (shape: readonly number[]): Tensor => {
    const name = `@draw${draws}`;
    feeds[name] = {
      source: 'initialization',
      spec: {
        shape,
        initialization: { kind: 'uniform', low: 0, high: 1 },
        stream: { seed, purpose: Purpose.samples, index: 100 + draws++ },
      },
    };
    return input(name, shape);
  };
  const trace = traceNetwork(network, {
    batch,
    mode,
    input: (name) => {
      const shape = network.inputs
        .find((candidate) => candidate.name === name)!
        .shape.map((dim) => (typeof dim === 'number' ? dim : dim.batch * batch));
      feeds['@input'] = normal(0, shape);
      return input('@input', shape);
    },
    parameter: (id) => parameters.get(id)!,
    buffer: (id) => parameters.get(id)!,
    bernoulli: (shape, keep) => cast(less(uniform(shape), keep), 'float32'),
    uniform,
  });
  const [output] = trace.outputs as [Tensor];
  const cotangent = input('@cotangent', output.shape);
  feeds['@cotangent'] = normal(1, output.shape);
  const loss = sum(mul(output, cotangent));
  const calls = network.calls.map(({ id }) => id);
  const wrt = [...calls.map((id) => trace.values.get(id)!), ...network.parameters.map(({ id }) => parameters.get(id)!)];
  const slopes = gradients(loss, wrt);
  const outputs = reading({
    value: (id) => trace.values.get(id)!,
    gradient: (id) => slopes[calls.indexOf(id)]!,
    parameter: (id) => parameters.get(id)!,
    parameterGradient: (id) => slopes[calls.length + network.parameters.findIndex((one) => one.id === id)]!,
    buffer: (id) => trace.buffers.get(id)!,
  });
  const program = lower(outputs);
  const given = Object.fromEntries(program.inputs.map(({ name }) => [name, feeds[name]!]));
  const slot = await runtime.lease();
  try {
    const values = await slot.run({ program, feeds: given, fetch: Object.keys(outputs) });
    return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data.values as Float32Array]));
  } finally {
    slot.release();
  }
}
