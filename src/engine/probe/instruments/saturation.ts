import { cast, mean } from '../../tensor';
import type { CallInstrument } from './instrument';

/** Share of a bounded function's inputs on its low and its high flat side, |φ′(z)| < 0.1·max|φ′|. */
export const saturation: CallInstrument<'saturationLow' | 'saturationHigh'> = {
  quantities: ['saturationLow', 'saturationHigh'],
  measure: ({ forward: { saturated } }) =>
    saturated
      ? { saturationLow: mean(cast(saturated.low, 'float32')), saturationHigh: mean(cast(saturated.high, 'float32')) }
      : {},
};
