import { bindShape, type Network, valueShapes } from '../../network';
import { gather, input, type Tensor } from '../../tensor';
import { type Target, targetOf } from '../../training';
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

/** What the network's first output is held against. @throws ShapeError where the loss cannot take it. */
export function networkTarget(network: Network): Target {
  const [id] = network.outputs;
  return targetOf(network.task, (id === undefined ? undefined : valueShapes(network).get(id)) ?? []);
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
  const { shape, dtype } = networkTarget(network);
  const target = input(TARGET, [samples, ...bindShape(shape, 1).slice(1)], dtype);
  return {
    parameters: new Map(network.parameters.map(({ id, shape }) => [id, input(parameterName(id), shape)])),
    buffers: new Map(network.buffers.map(({ id, shape }) => [id, input(bufferName(id), shape)])),
    order,
    batchOf: (name) => data.get(name)!,
    target: gather(target, order),
  };
}
