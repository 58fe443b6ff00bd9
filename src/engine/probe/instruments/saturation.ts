import type { CallInstrument } from './instrument';
import { shareOf } from './share';

/** Share of a bounded function's inputs on its low and its high flat side, |φ′(z)| < 0.1·max|φ′|. */
export const saturation: CallInstrument<'saturationLow' | 'saturationHigh'> = {
  quantities: ['saturationLow', 'saturationHigh'],
  measure: ({ forward: { saturated } }, tally) =>
    saturated ? { saturationLow: shareOf(saturated.low, tally), saturationHigh: shareOf(saturated.high, tally) } : {},
};
