import { convolvedDimensions, roleOf, shapeOf, sizesIn } from '../view';
import type { Situation } from './practice';

/** Depthwise convolutions of large windows that narrow layers widen, with GELU: ConvNeXt's blocks and their like. */
export const hasLargeDepthwise = ({ traits: { affine } }: Situation): boolean =>
  affine.some((call) => {
    const groups = call.attributes.groups;
    const channels = shapeOf(call)[1];
    return (
      (convolvedDimensions(call) ?? 0) >= 2 &&
      typeof groups === 'number' &&
      groups > 1 &&
      groups === channels &&
      sizesIn(call, 'kernel_size').some((size) => size >= 7)
    );
  });

/** GELU as the activation between most layers. */
export const usesGelu = ({ traits: { activations } }: Situation): boolean =>
  activations.length > 0 && 2 * activations.filter(({ kind }) => kind === 'GELU').length >= activations.length;

/** Transformers whose linear layers have no bias, or whose feed-forward part is gated: LLaMA, T5, and what followed them. */
export const isBiasFree = ({ traits: { affine } }: Situation): boolean => {
  const linear = affine.filter(({ kind }) => kind === 'Linear');
  return (
    linear.length >= 4 && 4 * linear.filter(({ attributes }) => attributes.bias === false).length >= 3 * linear.length
  );
};

/** Convolutions along time that look back ever further. */
export const isDilated = ({ traits: { affine } }: Situation): boolean =>
  affine.some((call) => convolvedDimensions(call) === 1 && sizesIn(call, 'dilation').some((size) => size > 1));

/** Most channels of a wave. */
const WAVES = 2;

/** Waves are made by layers that make a signal longer. */
const wavesComeOut = ({ traits: { up, outputSize, convolved } }: Situation): boolean =>
  up && convolved === 1 && outputSize !== undefined && outputSize.channels <= WAVES;

const wavesGoIn = ({ traits: { inputSize } }: Situation): boolean => (inputSize?.channels ?? WAVES + 1) <= WAVES;

/** Waves are made of frames. */
export const makesWaves = (situation: Situation): boolean => wavesComeOut(situation) && !wavesGoIn(situation);

/** Waves are made of a wave: sources are told apart, noise is taken out. */
export const separatesWaves = (situation: Situation): boolean => wavesComeOut(situation) && wavesGoIn(situation);

/** Three dimensions, or few samples: as volumes of medicine are segmented. */
export const isVolume = ({ traits: { convolved, data } }: Situation): boolean => convolved === 3 || data === 'volume';

/** A time step is given beside the image: a diffusion. */
export const takesTime = ({ traits: { view, input } }: Situation): boolean =>
  view.network.inputs.some(
    (other) => other !== input && (other.shape.length === 1 || (other.shape.length === 2 && other.shape[1] === 1)),
  );

/** At every step of time another layer with weights, written out. */
export const has =
  (pattern: RegExp) =>
  ({ traits: { view } }: Situation): boolean =>
    view.network.calls.some(({ kind }) => pattern.test(kind));

/** Layers with weights behind one another, from input to output, about: those that are not the head. */
export const isDeep = ({ traits: { affine } }: Situation): boolean => affine.length > 5;

/** Attention beside convolutions of a length, depthwise: Conformer's module. */
export const hasConvolutionModule = ({ traits: { affine, attention } }: Situation): boolean =>
  attention && affine.some((call) => convolvedDimensions(call) === 1 && Number(call.attributes.groups ?? 1) > 1);

/** Whether norms stand in it already. */
export const hasNorms = ({ traits: { view } }: Situation): boolean =>
  view.network.calls.some((call) => roleOf(call) === 'norm');

/** Sigmoids or hyperbolic tangents between most layers. */
export const saturates = ({ traits: { activations } }: Situation): boolean =>
  2 * activations.filter(({ kind }) => /^(Sigmoid|Tanh|Hardsigmoid|Hardtanh|Softsign)$/.test(kind)).length >
  activations.length;
