import { bindDim, elementCount, isBatchDim, type Network, type Shape } from '../../network';
import {
  input,
  lowerLoop,
  matmul,
  mean,
  type Program,
  reshape,
  sub,
  sumSquare,
  type Tensor,
  transpose,
} from '../../tensor';
import { type TracedCall, traceNetwork } from '../trace';
import { randomDraws } from './dropoutMask';
import { interleaves, networkLeaves } from './leaves';
import { MASK_SEED, STEP } from './names';

/** A value whose samples are held against one another: what a call gives, or an input of the network. */
export interface RepresentationSite {
  /** The call's id, or the input's name. */
  readonly call: string;
  /** Values that one sample has there. */
  readonly features: number;
}

/** One forward pass in evaluation mode over a few samples. */
export interface RepresentationProgram {
  readonly program: Program;
  readonly samples: number;
  readonly sites: readonly RepresentationSite[];
}

/**
 * For each site the inner products of the samples' outputs less their mean, samples × samples, and behind them the sum of
 * the outputs' squares, mean and all: [1, sites · (samples² + 1)].
 */
export const PRODUCTS = 'products';

const SEEN = /^(affine|embedding|norm|activation|pooling|attention|recurrent|merge)$/;

const isSeen = ({ row, constant, forward }: TracedCall): boolean =>
  SEEN.test(row.role) && !constant && forward.outputs.length > 0;

/** A value as [samples, features], where each sample's part of it can be told apart. */
function bySample(value: Tensor, shape: Shape, samples: number, interleaved: boolean): Tensor | undefined {
  if (value.dtype !== 'float32') return undefined;
  const axis = shape.findIndex(isBatchDim);
  const dim = shape[axis];
  // Several values of one sample on the batch's axis stand together, unless the batch is not in front everywhere.
  const apart = dim !== undefined && (bindDim(dim, 1) === 1 || (axis === 0 && !interleaved));
  if (!apart || value.shape[axis] !== bindDim(dim, samples)) return undefined;
  const others = value.shape.map((_, i) => i).filter((i) => i !== axis);
  return reshape(transpose(value, [axis, ...others]), [samples, elementCount(value.shape) / samples]);
}

/**
 * Compiles what the effective rank is worked out of: X·Xᵀ of each layer's outputs X [samples, features] less their mean has
 * the eigenvalues of the outputs' covariance, times the number of samples, and is small however wide the layer is.
 */
export function representationProgram(network: Network, samples: number, of: number): RepresentationProgram {
  const leaves = networkLeaves(network, samples, of);
  const step = input(STEP, []);
  const trace = traceNetwork(network, {
    batch: samples,
    mode: 'evaluate',
    input: leaves.batchOf,
    parameter: (id) => leaves.parameters.get(id)!,
    buffer: (id) => leaves.buffers.get(id)!,
    ...randomDraws(input(MASK_SEED, [], 'int32'), step),
  });
  const interleaved = interleaves(network);
  const sites: RepresentationSite[] = [];
  const products: Tensor[] = [];
  const values = [
    ...network.inputs.map(({ name, shape }) => ({ id: name, value: trace.values.get(name)!, shape })),
    ...trace.calls.filter(isSeen).map(({ call: { id, outputShapes }, forward: { outputs } }) => ({
      id,
      value: outputs[0]!,
      shape: outputShapes[0]!,
    })),
  ];
  for (const { id, value, shape } of values) {
    const x = bySample(value, shape, samples, interleaved);
    if (!x) continue;
    sites.push({ call: id, features: x.shape[1]! });
    const centered = sub(x, mean(x, [0], true));
    products.push(matmul(centered, centered, { transposeB: true }), sumSquare(x));
  }
  const numbers = [{ name: PRODUCTS, values: products }];
  return { program: lowerLoop({ state: [], perStep: [leaves.order, step], scans: [], numbers }), samples, sites };
}
