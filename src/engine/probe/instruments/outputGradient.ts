import { elementCount } from '../../network';
import type { CallInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** RMS of ∂L/∂output, times the batch because the loss is a batch mean: the gradient of one sample's own loss. */
export const outputGradient: CallInstrument<'outputGradientRms'> = {
  quantities: ['outputGradientRms'],
  measure: ({ outputGradient: gradient, batch }, tally, care) => {
    const norm = euclideanNorm([gradient], tally, care);
    const factor = batch / Math.sqrt(elementCount(gradient.shape));
    return { outputGradientRms: { ...norm, finish: (sums, run) => factor * norm.finish(sums, run) } };
  },
};
