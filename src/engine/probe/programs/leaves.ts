import { bindShape, type Network } from '../../network';
import { gather, input, type Tensor } from '../../tensor';
import { losses } from '../losses';
import { bufferName, dataName, ORDER, parameterName, TARGET } from './names';

/** The leaves of a network's programs, each made once. */
export interface NetworkLeaves {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly buffers: ReadonlyMap<string, Tensor>;
  /** The step's indices into the samples. */
  readonly order: Tensor;
  /** The step's slice of an input's samples. */
  batchOf(input: string): Tensor;
  /** The step's slice of the targets. */
  readonly target: Tensor;
}

/** The shape of one sample of the network's first output, without the batch. */
export function outputSampleShape(network: Network): readonly number[] {
  const [id] = network.outputs;
  const call = network.calls.find((candidate) => candidate.id === id);
  const shape = call?.outputShapes[0] ?? network.inputs.find((candidate) => candidate.name === id)?.shape ?? [];
  return bindShape(shape, 1).slice(1);
}

/** Leaves for batches of `batch` out of `samples` samples. */
export function networkLeaves(network: Network, batch: number, samples: number): NetworkLeaves {
  const order = input(ORDER, [batch], 'int64');
  const data = new Map(
    network.inputs.map(({ name, shape, dtype }) => [
      name,
      gather(input(dataName(name), [samples, ...bindShape(shape, 1).slice(1)], dtype), order),
    ]),
  );
  const target = losses[network.task.loss].classes
    ? input(TARGET, [samples], 'int64')
    : input(TARGET, [samples, ...outputSampleShape(network)]);
  return {
    parameters: new Map(network.parameters.map(({ id, shape }) => [id, input(parameterName(id), shape)])),
    buffers: new Map(network.buffers.map(({ id, shape }) => [id, input(bufferName(id), shape)])),
    order,
    batchOf: (name) => data.get(name)!,
    target: gather(target, order),
  };
}
