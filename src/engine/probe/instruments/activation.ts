import { elementCount } from '../../network';
import { mean, mul, sqrt, sub, sumSquare } from '../../tensor';
import type { CallInstrument } from './instrument';

/** Mean and (biased) standard deviation of a call's first output over batch, channels and positions. */
export const activation: CallInstrument<'activationMean' | 'activationStd'> = {
  quantities: ['activationMean', 'activationStd'],
  measure: ({ forward }) => {
    const output = forward.outputs[0]!;
    const average = mean(output);
    // In two passes: E[x²] − E[x]² loses all digits where the mean is large.
    const variance = mul(sumSquare(sub(output, average)), 1 / elementCount(output.shape));
    return { activationMean: average, activationStd: sqrt(variance) };
  },
};
