import { countParameters, InputError, type Network } from '../network';
import type { Program } from '../tensor';

const gigabytes = (bytes: number) => Number((bytes / 1e9).toPrecision(3)).toLocaleString('en-US');

/** What a process takes for its first session, and a session for a node, measured with onnxruntime-node 1.30. */
const PROCESS_BYTES = 36e6;
const BYTES_PER_NODE = 10e3;

/** What a heap holds for each byte in use: tensors of other sizes leave holes. Measured as the above. */
const HEAP = 1.2;
/** Samples of both splits, as they arrive and as they are kept, for each byte of the training split that a step counts. */
const DATA = 1.5;

const bytesOfData = ({ inputs }: Program): number =>
  inputs
    .filter(({ name }) => name.startsWith('data:'))
    .reduce((sum, { shape }) => sum + 4 * shape.reduce<number>((product, dim) => product * Number(dim), 1), 0);

/**
 * Bytes that a probe's process grows by at its peak: what its training holds, or a program that `others` runs in the same
 * heap where that holds more, and what onnxruntime keeps beside it.
 */
export const probeBytes = (program: Program, steps: number, others: readonly Program[] = []): number =>
  PROCESS_BYTES +
  BYTES_PER_NODE * [program, ...others].reduce((sum, { nodes }) => sum + nodes, 0) +
  HEAP * Math.max(...[program, ...others].map(({ peakBytes }) => peakBytes)) +
  DATA * bytesOfData(program) +
  steps * program.bytesPerStep;

/** Weights and their gradients alone, bytes a parameter. */
const LEAST_BYTES = 8;

/** @throws InputError for a network whose weights and their gradients alone do not fit into memory. */
export function refuseHuge(network: Network, mostBytes: number): void {
  const least = LEAST_BYTES * countParameters(network).total;
  if (least > mostBytes) throw tooLarge(network, least, mostBytes);
}

/**
 * How many probes of the network fit into memory at a time, by the estimate, before anything is allocated; each is one
 * process's, which can hold `processBytes`.
 * @throws InputError with the estimate and the limit where not even one does.
 */
export function probesThatFit(
  network: Network,
  program: Program,
  steps: number,
  others: readonly Program[],
  limitBytes: number,
  processBytes = Number.POSITIVE_INFINITY,
): number {
  const estimate = probeBytes(program, steps, others);
  const most = Math.min(limitBytes, processBytes);
  if (estimate <= most) return Math.floor(limitBytes / estimate);
  throw tooLarge(network, estimate, most);
}

function tooLarge(network: Network, estimate: number, most: number): InputError {
  const parameters = countParameters(network).total.toLocaleString('en-US');
  return new InputError(
    `probing ${network.name} (${parameters} parameters) is estimated to take ${gigabytes(estimate)} GB of memory, and ${gigabytes(most)} GB may be used here`,
    'analyse a narrower version of it, or take a smaller batch',
    network.source,
  );
}
