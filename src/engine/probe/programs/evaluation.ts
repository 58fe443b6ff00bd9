import type { Network } from '../../network';
import {
  amin,
  cast,
  div,
  input,
  lowerLoop,
  mean,
  mul,
  type Program,
  reshape,
  sqrt,
  sub,
  sumSquare,
  type Tensor,
  transpose,
} from '../../tensor';
import { lossOf, sumsOverBatch } from '../../training';
import { type TracedCall, traceNetwork } from '../trace';
import { randomDraws } from './dropoutMask';
import { networkLeaves } from './leaves';
import { MASK_SEED, STEP } from './names';

/** A call and its channels. */
export interface Site {
  readonly call: string;
  readonly channels: number;
}

/** A place where batch noise is measured, and how many values a channel one sample has there. */
export interface BatchSite extends Site {
  readonly positions: number;
}

/** Forward passes over the evaluation split, in evaluation mode: every sample is independent of its batch. */
export interface EvaluationProgram {
  readonly program: Program;
  /** Activations whose channels can be dead; their flags stand one after the other in `dead`. */
  readonly deadSites: readonly Site[];
  /** Batch-normalized inputs; their sums, [chunk, channels] each, stand one after the other in `means` and `squares`. */
  readonly batchSites: readonly BatchSite[];
}

export const EVALUATION_LOSS = 'evaluationLoss';
/** For each step and channel 1 where the channel was inactive for every sample and position. */
export const DEAD = 'dead';
/** For each sample and channel the mean, and the sum of squares, of the standardized input of a batch norm. */
export const MEANS = 'means';
export const SQUARES = 'squares';

/** [batch, channels, positions] of a tensor whose channels stand on `axis`. */
function byChannel(x: Tensor, axis: number): Tensor {
  const others = x.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
  const moved = transpose(x, [0, axis, ...others]);
  const positions = others.reduce((product, i) => product * x.shape[i]!, 1);
  return reshape(moved, [x.shape[0]!, x.shape[axis]!, positions]);
}

/** Compiles the evaluation of a network in chunks of `chunk` out of `samples` samples. */
export function evaluationProgram(network: Network, chunk: number, samples: number): EvaluationProgram {
  const leaves = networkLeaves(network, chunk, samples);
  const step = input(STEP, []);
  const trace = traceNetwork(network, {
    batch: chunk,
    mode: 'evaluate',
    input: leaves.batchOf,
    parameter: (id) => leaves.parameters.get(id)!,
    buffer: (id) => leaves.buffers.get(id)!,
    // What drops or draws in evaluation too: `F.dropout(x)` without its `training`, noise.
    ...randomDraws(input(MASK_SEED, [], 'int32'), step),
  });
  // A loss that sums over its batch is told for the network's batch, not for a chunk.
  const scale = sumsOverBatch(network.task) ? network.batch.size / chunk : 1;
  const loss = mul(lossOf(network.task, trace.outputs[0]!, leaves.target), scale);
  const deadSites: Site[] = [];
  const dead: Tensor[] = [];
  for (const { call, forward, channelAxis } of trace.calls) {
    if (!forward.inactive || channelAxis === undefined || channelAxis === 0) continue;
    const flags = amin(byChannel(cast(forward.inactive, 'float32'), channelAxis), [0, 2]);
    deadSites.push({ call: call.id, channels: flags.shape[0]! });
    dead.push(flags);
  }

  const batchSites: BatchSite[] = [];
  const means: Tensor[] = [];
  const squares: Tensor[] = [];
  for (const traced of trace.calls.filter(isBatchNormalized)) {
    const standardized = standardize(traced, network, leaves.buffers);
    if (!standardized) continue;
    const [, channels, positions] = standardized.shape as readonly [number, number, number];
    batchSites.push({ call: traced.call.id, channels, positions });
    means.push(mean(standardized, [2]));
    // The sum, not the mean: a product more, joined with those of other layers, would keep this one's input for them.
    squares.push(sumSquare(standardized, [2]));
  }
  const program = lowerLoop({
    state: [],
    perStep: [leaves.order, step],
    scans: [{ name: EVALUATION_LOSS, value: loss }],
    // Each taken as soon as it can be: no layer's output waits for the end of the pass.
    numbers: [
      { name: DEAD, values: dead },
      { name: MEANS, values: means },
      { name: SQUARES, values: squares },
    ],
  });
  return { program, deadSites, batchSites };
}

const isBatchNormalized = ({ row, call }: TracedCall): boolean => row.batchStatistics?.(call.attributes) ?? false;

/** A batch norm's running mean, and its running variance or deviation, by the names that they bear. */
const RUNNING = [
  { mean: 'running_mean', spread: 'running_var', deviation: sqrt },
  { mean: 'moving_mean', spread: 'moving_variance', deviation: sqrt },
  { mean: 'running_mean', spread: 'running_std', deviation: (std: Tensor) => std },
] as const;

/** The input of a batch norm, [batch, channels, positions], by the mean and deviation in its running buffers. */
function standardize(
  { call, inputs, channelAxis = 1 }: TracedCall,
  network: Network,
  buffers: ReadonlyMap<string, Tensor>,
): Tensor | undefined {
  const module = network.modules.find(({ id }) => id === call.module);
  const running = RUNNING.find(({ mean, spread }) => module?.buffers[mean] && module.buffers[spread]);
  if (!module || !running || channelAxis === 0) return undefined;
  const x = byChannel(inputs[0]!, channelAxis);
  const column = (name: string) => reshape(buffers.get(module.buffers[name]!)!, [x.shape[1]!, 1]);
  return div(sub(x, column(running.mean)), running.deviation(column(running.spread)));
}
