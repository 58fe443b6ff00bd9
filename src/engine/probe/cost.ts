import type { Program } from '../tensor';

// A fixed model of what a program takes on one core, so that the plan, and with it the report, does not depend on the
// clock. Fitted to Node 20 and onnxruntime 1.30: 50 GFLOP/s of matrix products, 3 µs of dispatch a node, and 40 µs a
// node to create a session.
const FLOPS_PER_SECOND = 50e9;
const SECONDS_PER_NODE = 3e-6;
const SESSION_SECONDS_PER_NODE = 40e-6;

/** A forward pass computes a third of a training step's products: the backward pass computes two for each of its own. */
const FORWARD_SHARE = 1 / 3;
/** Nodes of a forward pass over those of a training step with its instruments. */
const FORWARD_NODES = 1 / 10;

/** Predicted seconds of one training step at `scale` times the batch that the program was compiled for. */
export const stepSeconds = ({ flops, nodes }: Program, scale = 1): number =>
  (scale * flops) / FLOPS_PER_SECOND + nodes * SECONDS_PER_NODE;

/** Predicted seconds of forward passes over `samples` samples, `chunk` at a time; the training program's batch is `batch`. */
export const passSeconds = ({ flops, nodes }: Program, batch: number, samples: number, chunk: number): number =>
  (FORWARD_SHARE * samples * flops) / batch / FLOPS_PER_SECOND +
  Math.ceil(samples / chunk) * FORWARD_NODES * nodes * SECONDS_PER_NODE;

/** Predicted seconds until a program is ready to run. */
export const sessionSeconds = ({ nodes }: Program): number => nodes * SESSION_SECONDS_PER_NODE;

/** A step of fewer operations than these does not repay that threads wait for each other. */
const THREADED_FLOPS = 3e8;

/** How many of the threads that may run a training of a program is given: all for a large one, or one. */
export const threadsFor = ({ flops }: Program, available: number): number => (flops >= THREADED_FLOPS ? available : 1);
