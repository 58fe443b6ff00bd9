import { elementCount } from '../../network';
import { mul } from '../../tensor';
import type { CallInstrument } from './instrument';
import { euclideanNorm } from './norm';

/** RMS of ∂L/∂output, times the batch because the loss is a batch mean: the gradient of one sample's own loss. */
export const outputGradient: CallInstrument<'outputGradientRms'> = {
  quantities: ['outputGradientRms'],
  measure: ({ outputGradient: gradient, batch }) => ({
    outputGradientRms: mul(euclideanNorm([gradient]), batch / Math.sqrt(elementCount(gradient.shape))),
  }),
};
