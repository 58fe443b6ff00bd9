// Names of the programs' inputs. A network's own ids follow the colon, so that they cannot meet one another.
export const parameterName = (id: string) => `parameter:${id}`;
export const bufferName = (id: string) => `buffer:${id}`;
export const optimizerStateName = (state: string, id: string) => `${state}:${id}`;
export const dataName = (input: string) => `data:${input}`;
export const TARGET = 'target';
/** Which samples a step takes, int64 [batch]. */
export const ORDER = 'order';
/** Number of the step, from 1, float32. */
export const STEP = 'step';
export const LEARNING_RATE = 'learningRate';
/** Seed of the dropout masks, int32. */
export const MASK_SEED = 'maskSeed';
