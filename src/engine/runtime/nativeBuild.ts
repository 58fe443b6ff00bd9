import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Build, Opening } from './build';
import { sharesHeap } from './heap';

const sessionOptions = ({ threads, large }: Opening): InferenceSession.SessionOptions => ({
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // Programs come fused: onnxruntime's own optimization takes two thirds of a session's time and wins no step any.
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
  // A plan of all memory makes a small program a fifth faster and takes twice the memory. An arena of a session's own is
  // never shared with the next session, and never shrinks.
  enableMemPattern: !large,
  enableCpuMemArena: !large || !sharesHeap(process.env),
  // A product of denormals is 150 times slower, exactly in the vanishing networks that we exist for. onnxruntime heeds
  // this only in a process's first session, so every session asks for it.
  extra: { session: { set_denormal_as_zero: '1' } },
});

/** The native build. Importing this file throws where there is none for the platform. */
export const build: Build = {
  kind: 'native',
  name: `onnxruntime-node ${env.versions.node ?? env.versions.common}`,
  Tensor,
  writesInPlace: true,
  createSession: (model, opening) => InferenceSession.create(model, sessionOptions(opening)),
};
