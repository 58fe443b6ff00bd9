import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Build } from './build';

const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // Programs come fused: onnxruntime's own optimization takes two thirds of a session's time and wins no step any.
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
  // A product of denormals is 150 times slower, exactly in the vanishing networks that we exist for. onnxruntime heeds
  // this only in a process's first session, so every session asks for it.
  extra: { session: { set_denormal_as_zero: '1' } },
});

/** The native build. Importing this file throws where there is none for the platform. */
export const build: Build = {
  kind: 'native',
  name: `onnxruntime-node ${env.versions.node ?? env.versions.common}`,
  Tensor,
  createSession: (model, threads) => InferenceSession.create(model, sessionOptions(threads)),
};
