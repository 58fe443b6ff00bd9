import type { ModuleInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** L2 norm of the loss's gradient by a module's own parameters, weights and bias together. */
export const gradientNorm: ModuleInstrument<'gradientNorm'> = {
  quantities: ['gradientNorm'],
  measure: ({ parameters }) => ({ gradientNorm: euclideanNorm(parameters.map(({ gradient }) => gradient)) }),
};
