import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RuntimeKind } from '../runtimeChoice';

export type { InferenceSession, Tensor };

/** How a program is opened. */
export interface Opening {
  readonly threads: number;
  /** Whether its memory matters more than the time to find it. */
  readonly large: boolean;
}

/** A build of onnxruntime, as the child process uses it. Both builds share these types. */
export interface Build {
  readonly kind: RuntimeKind;
  /** Package and version, for the report. */
  readonly name: string;
  readonly Tensor: typeof Tensor;
  /** Whether a run writes into tensors that it is given for its outputs. */
  readonly writesInPlace: boolean;
  createSession(model: Uint8Array, opening: Opening): Promise<InferenceSession>;
}
