import { ShapeError } from '../../layers';
import { InputError, type InputType, type Network, type Shape, valueShapes } from '../../network';
import { gather, input, type Tensor } from '../../tensor';
import { type Target, targetOf } from '../../training';
import { layoutOf } from '../data/layout';
import { arrange } from './arrange';
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

/** The shape of the network's first output, which a loss is put on. */
export function outputShape(network: Network): Shape {
  const [id] = network.outputs;
  return (id === undefined ? undefined : valueShapes(network).get(id)) ?? [];
}

/** What the network's first output is held against. @throws InputError where the loss cannot take it. */
export function networkTarget(network: Network): Target {
  try {
    return targetOf(network.task, outputShape(network));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new InputError(error.message, 'train it with another loss, or change its last layer', network.source);
  }
}

/**
 * Whether values that the batch's axis holds for one sample stand apart: [tokens × batch] of a network whose inputs have
 * the batch behind the tokens.
 */
export const interleaves = ({ inputs }: Network): boolean =>
  inputs.some(({ shape }) => (layoutOf(shape, 'an input').axis ?? 0) > 0);

/** Leaves for batches of `batch` out of `samples` samples. */
export function networkLeaves(network: Network, batch: number, samples: number): NetworkLeaves {
  const order = input(ORDER, [batch], 'int64');
  const interleaved = interleaves(network);
  const slice = (name: string, dtype: InputType, shape: Shape): Tensor => {
    const layout = layoutOf(shape, name);
    if (layout.axis === undefined) return input(name, layout.shape, dtype);
    return arrange(gather(input(name, [samples, ...layout.shape], dtype), order), layout, interleaved);
  };
  const data = new Map(network.inputs.map(({ name, shape, dtype }) => [name, slice(dataName(name), dtype, shape)]));
  const { shape, dtype } = networkTarget(network);
  return {
    parameters: new Map(network.parameters.map(({ id, shape }) => [id, input(parameterName(id), shape)])),
    buffers: new Map(network.buffers.map(({ id, shape }) => [id, input(bufferName(id), shape)])),
    order,
    batchOf: (name) => data.get(name)!,
    target: slice(TARGET, dtype, shape),
  };
}
