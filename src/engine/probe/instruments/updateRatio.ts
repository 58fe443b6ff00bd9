import { div, sub } from '../../tensor';
import type { ModuleInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** ‖Δw‖/‖w‖ of a module's own parameters together: the step that the optimizer takes, against the weights before it. */
export const updateRatio: ModuleInstrument<'updateRatio'> = {
  quantities: ['updateRatio'],
  measure: ({ parameters }) => ({
    updateRatio: div(
      euclideanNorm(parameters.map(({ value, next }) => sub(next, value))),
      euclideanNorm(parameters.map(({ value }) => value)),
    ),
  }),
};
