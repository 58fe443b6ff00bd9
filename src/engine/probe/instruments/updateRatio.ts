import { div } from '../../tensor';
import type { ModuleInstrument } from './instrument';
import { plainNorm } from './norm';

/**
 * ‖Δw‖/‖w‖ of a module's own parameters together: the step that the optimizer takes, against the weights before it.
 * Steps below 1e-19 count as none: no float32 weight would notice.
 */
export const updateRatio: ModuleInstrument<'updateRatio'> = {
  quantities: ['updateRatio'],
  measure: ({ parameters }) => ({
    updateRatio: div(
      plainNorm(parameters.map(({ decrement }) => decrement)),
      plainNorm(parameters.map(({ value }) => value)),
    ),
  }),
};
