import type { ModuleInstrument } from './instrument';
import { normOf } from './norm';

/**
 * ‖Δw‖/‖w‖ of a module's own parameters together: the step that the optimizer takes, against the weights before it.
 * Steps below 1e-19 count as none: no float32 weight would notice.
 */
export const updateRatio: ModuleInstrument<'updateRatio'> = {
  quantities: ['updateRatio'],
  measure: ({ parameters }, tally) => ({
    updateRatio: {
      from: [
        ...parameters.map(({ decrement }) => tally.sumSquare(decrement)),
        ...parameters.map(({ value }) => tally.sumSquare(value)),
      ],
      finish: (sums) => normOf(sums.slice(0, parameters.length)) / normOf(sums.slice(parameters.length)),
    },
  }),
};
