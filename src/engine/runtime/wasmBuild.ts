import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { input, lower } from '../tensor';
import type { Build } from './build';

// One thread, whatever a session is given: with two, products in Node 20 were no faster.
env.wasm.numThreads = 1;

const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['wasm'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
};

const build: Build = {
  kind: 'wasm',
  name: `onnxruntime-web ${env.versions.web ?? env.versions.common} (WebAssembly)`,
  Tensor,
  writesInPlace: false,
  createSession: (model) => InferenceSession.create(model, sessionOptions),
};

/**
 * The WebAssembly build, compiled and started: it runs wherever Node does. onnxruntime-web loads its two files with the
 * first session alone, so one is opened here, and what is missing is told now.
 */
export async function startBuild(): Promise<Build> {
  const nothing = lower({ y: input('x', []) });
  await (await build.createSession(nothing.model, { threads: 1, large: false })).release();
  return build;
}
