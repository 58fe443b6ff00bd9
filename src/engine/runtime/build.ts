import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RuntimeKind } from '../runtimeChoice';

export type { InferenceSession, Tensor };

/** A build of onnxruntime, as the child process uses it. Both builds share these types. */
export interface Build {
  readonly kind: RuntimeKind;
  /** Package and version, for the report. */
  readonly name: string;
  readonly Tensor: typeof Tensor;
  /** Opens a program, to run on so many threads. */
  createSession(model: Uint8Array, threads: number): Promise<InferenceSession>;
}
