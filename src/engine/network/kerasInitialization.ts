import {
  constant,
  eye,
  type Fans,
  type Initialization,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
} from './initialization';

/** The standard deviation of N(0, 1) between −2 and 2, which Keras divides by. */
const TRUNCATED_STD = 0.87962566103423978;
/** Of RandomNormal and TruncatedNormal, and the bound of RandomUniform. */
const SPREAD = 0.05;

/** Cut at two of its own deviations. */
const truncated = (std: number): Initialization => truncatedNormal(0, std, -2 * std, 2 * std);

/** VarianceScaling of a variance: truncated normal, or uniform with √3 times the deviation as its bound. */
const scaledNormal = (variance: number): Initialization => truncated(Math.sqrt(variance) / TRUNCATED_STD);
const scaledUniform = (variance: number): Initialization => uniform(-Math.sqrt(3 * variance), Math.sqrt(3 * variance));

const glorot = ({ fanIn, fanOut }: Fans): number => 2 / Math.max(1, fanIn + fanOut);
const he = ({ fanIn }: Fans): number => 2 / Math.max(1, fanIn);
const lecun = ({ fanIn }: Fans): number => 1 / Math.max(1, fanIn);

/**
 * Keras's initializers by their names, with their default arguments. Fans are the layer's, whatever the layout of its
 * kernel: for a convolution the channels times the receptive field.
 */
export const kerasInitializations: Readonly<Record<string, (fans: Fans) => Initialization>> = {
  zeros: () => constant(0),
  ones: () => constant(1),
  identity: () => eye(),
  orthogonal: () => orthogonal(),
  random_normal: () => normal(0, SPREAD),
  random_uniform: () => uniform(-SPREAD, SPREAD),
  truncated_normal: () => truncated(SPREAD),
  glorot_uniform: (fans) => scaledUniform(glorot(fans)),
  glorot_normal: (fans) => scaledNormal(glorot(fans)),
  he_uniform: (fans) => scaledUniform(he(fans)),
  he_normal: (fans) => scaledNormal(he(fans)),
  lecun_uniform: (fans) => scaledUniform(lecun(fans)),
  lecun_normal: (fans) => scaledNormal(lecun(fans)),
};
