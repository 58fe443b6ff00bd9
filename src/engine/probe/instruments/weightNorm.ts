import type { ModuleInstrument } from './instrument';
import { normOf } from './norm';

/** L2 norm of a module's own trainable parameters before the step, weights and bias together. */
export const weightNorm: ModuleInstrument<'weightNorm'> = {
  quantities: ['weightNorm'],
  measure: ({ parameters }, tally) => ({
    weightNorm: { from: parameters.map(({ value }) => tally.sumSquare(value)), finish: normOf },
  }),
};
