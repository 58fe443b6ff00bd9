import type { ModuleInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** L2 norm of the loss's gradient by a module's own parameters, weights and bias together. */
export const gradientNorm: ModuleInstrument<'gradientNorm'> = {
  quantities: ['gradientNorm'],
  measure: ({ parameters }, tally, care) => {
    // Plain SGD steps by η·g, whose norm the update ratio needs too: one pass gives both.
    if (care === 'plain' && parameters.every(({ proportional }) => proportional)) {
      const step = euclideanNorm(
        parameters.map(({ decrement }) => decrement),
        tally,
        care,
      );
      return {
        gradientNorm: { ...step, finish: (sums, run) => step.finish(sums, run) / run.learningRate },
      };
    }
    return {
      gradientNorm: euclideanNorm(
        parameters.map(({ gradient }) => gradient),
        tally,
        care,
      ),
    };
  },
};
