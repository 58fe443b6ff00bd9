import type { Program } from '../tensor';

// A fixed model of what a program takes on one core, so that the plan, and with it the report, does not depend on the
// clock. Fitted to Node 20 and onnxruntime 1.30: 50 GFLOP/s of matrix products, 3 µs of dispatch a node, and 40 µs a
// node to create a session.
const FLOPS_PER_SECOND = 50e9;
const SECONDS_PER_NODE = 3e-6;
const SESSION_SECONDS_PER_NODE = 40e-6;

/** Predicted seconds of one step. */
export const stepSeconds = ({ flops, nodes }: Program): number => flops / FLOPS_PER_SECOND + nodes * SECONDS_PER_NODE;

/** Predicted seconds until a program is ready to run. */
export const sessionSeconds = ({ nodes }: Program): number => nodes * SESSION_SECONDS_PER_NODE;
