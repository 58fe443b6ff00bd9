import { ProcessRuntime } from '../src/engine/runtime';
import { RUNTIME_VARIABLE, runtimeChoice } from '../src/engine/runtimeChoice';

/** A runtime of the build that the environment variable chooses, so that a suite can be run through each. */
export function chosenRuntime(): ProcessRuntime {
  const choice = runtimeChoice(process.env[RUNTIME_VARIABLE]);
  if (choice === undefined) throw new Error(`${RUNTIME_VARIABLE}=${process.env[RUNTIME_VARIABLE]} chooses no runtime`);
  return new ProcessRuntime({ choice });
}
