import type { Program } from '../tensor';

// A fixed model of what programs take on one core, so that the plan, and with it the report, does not depend on the
// clock. Fitted to Node 20 and onnxruntime 1.30 on an AMD EPYC (test/bench shows both): large products run at 150 GFLOP/s,
// small ones at 80; what works element by element reads and writes 4 to 5 billion values a second.
const PRODUCT_FLOPS_PER_SECOND = 120e9;
const ELEMENTS_PER_SECOND = 4e9;
const SECONDS_PER_NODE = 2.5e-6;
/** State that is handed over after each step is copied out of onnxruntime's loop, and out of onnxruntime. */
const COPIED_BYTES_PER_SECOND = 4e9;
const COMPILE_SECONDS_PER_EXPRESSION = 30e-6;
const SESSION_SECONDS_PER_NODE = 80e-6;
const SECONDS_PER_PARAMETER = 40e-9;
const SECONDS_PER_SAMPLE_VALUE = 15e-9;

/** A step of fewer operations than these does not repay that threads wait for each other. */
const THREADED_FLOPS = 3e8;
/** What two threads do in the time of one. */
const TWO_THREADS = 1.5;

/** A forward pass computes a third of a training step's products: the backward pass computes two for each of its own. */
const FORWARD_SHARE = 1 / 3;
/** Nodes of a forward pass over those of a training step with its instruments. */
const FORWARD_NODES = 1 / 8;

/** What a training step of a network is made of. */
export interface StepWork {
  readonly productFlops: number;
  /** Values that are computed one by one. */
  readonly elements: number;
  readonly nodes: number;
  /** What it is compiled from: more than its nodes, where many of them are computed side by side. */
  readonly expressions: number;
  readonly parameters: number;
  /** Bytes of state that are handed over after it. */
  readonly copied: number;
}

/** The work of a training program's step. */
export const workOf = (
  { flops, productFlops, nodes, expressions, stateBytes, stepsPerRun }: Program,
  parameters: number,
): StepWork => ({
  productFlops,
  elements: flops - productFlops,
  copied: stepsPerRun === 1 ? stateBytes : 0,
  nodes,
  expressions,
  parameters,
});

/**
 * About what is left of it in a network of a `factor`-th of the channels. What comes in stays as it is, and few channels stay
 * few: measured on ResNet-50 and a Transformer, products fall a little less than with the square.
 */
export const narrowedWork = (work: StepWork, factor: number): StepWork => ({
  productFlops: work.productFlops / factor ** 1.85,
  elements: work.elements / factor ** 0.93,
  nodes: work.nodes,
  expressions: work.expressions,
  parameters: work.parameters / factor ** 2,
  copied: work.copied / factor ** 2,
});

/** Seconds of one training step at `scale` times the batch that the program was compiled for. */
export const stepSeconds = ({ productFlops, elements, nodes, copied }: StepWork, scale = 1): number =>
  scale * (productFlops / PRODUCT_FLOPS_PER_SECOND + elements / ELEMENTS_PER_SECOND) +
  nodes * SECONDS_PER_NODE +
  copied / COPIED_BYTES_PER_SECOND;

/** Seconds of forward passes over `samples` samples, `chunk` at a time; the training step's batch is `batch`. */
export const passSeconds = (work: StepWork, batch: number, samples: number, chunk: number): number =>
  FORWARD_SHARE * stepSeconds({ ...work, nodes: 0, copied: 0 }, samples / batch) +
  Math.ceil(samples / chunk) * FORWARD_NODES * work.nodes * SECONDS_PER_NODE;

/** Seconds until the training's program and those of evaluation are compiled and open. */
export const openSeconds = ({ nodes, expressions }: StepWork): number =>
  (1 + 3 * FORWARD_NODES) * (expressions * COMPILE_SECONDS_PER_EXPRESSION + nodes * SESSION_SECONDS_PER_NODE);

/** Seconds to draw all weights once. */
export const weightSeconds = ({ parameters }: StepWork): number => parameters * SECONDS_PER_PARAMETER;

/** Seconds to make so many values of data. */
export const dataSeconds = (values: number): number => values * SECONDS_PER_SAMPLE_VALUE;

const isThreaded = (flops: number): boolean => flops >= THREADED_FLOPS;

/** How much sooner the network's own training is done on all threads than on one. */
export const threadedSpeed = ({ productFlops, elements }: StepWork, available: number): number =>
  available > 1 && isThreaded(productFlops + elements) ? TWO_THREADS : 1;

/** How much sooner several trainings are done side by side than one after the other. */
export const sideBySideSpeed = (trainings: number, available: number): number =>
  available > 1 && trainings > 1 ? TWO_THREADS : 1;

/** How many of the threads that may run a training of a program is given: all for a large one, or one. */
export const threadsFor = ({ flops }: Program, available: number): number => (isThreaded(flops) ? available : 1);
