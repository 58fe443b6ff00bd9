import type { RuntimeKind } from '../runtimeChoice';

/** What a plan must know of the build of onnxruntime that will run it. */
export interface BuildFigures {
  /** Times that a probe takes of what the cost model predicts. */
  readonly slower: number;
  /** Bytes that one process can hold. */
  readonly processBytes: number;
}

/**
 * Measured with Node 20 and onnxruntime 1.30 on one core of an AMD EPYC: as WebAssembly a product of 256×256 matrices
 * takes 7 times as long as natively, a convolution 4 times, a small node 1.6 times; whole reports of an MLP 20×256, small CNNs
 * and a Transformer 2.2 to 4.1 times. WebAssembly addresses 4 GB; what onnxruntime keeps aside goes off them.
 */
export const builds: Readonly<Record<RuntimeKind, BuildFigures>> = {
  native: { slower: 1, processBytes: Number.POSITIVE_INFINITY },
  wasm: { slower: 4, processBytes: 3e9 },
};
