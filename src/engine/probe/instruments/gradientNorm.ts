import { isZeros } from '../../tensor';
import type { ModuleInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** L2 norm of the loss's gradient by a module's own parameters, weights and bias together. */
export const gradientNorm: ModuleInstrument<'gradientNorm'> = {
  quantities: ['gradientNorm'],
  measure: ({ parameters: own }, tally, care) => {
    // What no loss depends on is told by the gradient itself: η times it is a product like any other.
    const parameters = own.filter(({ gradient }) => !isZeros(gradient));
    const scaled = parameters.flatMap(({ scaledGradient }) => scaledGradient ?? []);
    // SGD computes η·g anyway, mostly without g itself; plain SGD's update ratio needs its norm too.
    if (care === 'plain' && scaled.length > 0 && scaled.length === parameters.length) {
      const step = euclideanNorm(scaled, tally, care);
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
