import type { Network } from '../src/engine/network';
import { CompiledProbe, fitData, measureMoments, type SampleMoments } from '../src/engine/probe';
import { fillNormal, Purpose } from '../src/engine/probe/data/philox';
import type { Runtime } from '../src/engine/runtime';
import { networkOf } from './measure';

/** A network whose noise theory predicts, and what it is fed. */
export interface NoiseCase {
  readonly name: string;
  /** One sample. */
  readonly input: readonly number[];
  readonly layers: readonly unknown[];
  /** Independent normal numbers, or the probe's own synthetic data, which is smooth over positions. */
  readonly data: 'white' | 'synthetic';
  /** Values a channel that one sample gives its BatchNorm. */
  readonly positions: number;
  /** The spread over √(2/(m − 1)) at larger batches: 1 where values are independent and Gaussian; undefined: no prediction. */
  readonly ratio: number | undefined;
}

const pointwise = { Conv2d: { out_channels: 64, kernel_size: 1 } };

/** Kurtosis of max(z, 0) for a normal z: moments 1/√(2π), 1/2, 2/√(2π), 3/2 about zero. */
const RECTIFIED_KURTOSIS = (() => {
  const mean = 1 / Math.sqrt(2 * Math.PI);
  const [second, third, fourth] = [1 / 2, 2 * mean, 3 / 2];
  const variance = second - mean ** 2;
  return (fourth - 4 * mean * third + 6 * mean ** 2 * second - 3 * mean ** 4) / variance ** 2;
})();

/** From every value by itself to values that go together. */
export const noiseCases: readonly NoiseCase[] = [
  {
    name: 'vectors',
    input: [64],
    layers: [{ Linear: { out_features: 256 } }, 'BatchNorm1d'],
    data: 'white',
    positions: 1,
    ratio: 1,
  },
  {
    name: 'white images, 1 × 1 convolution',
    input: [8, 16, 16],
    layers: [pointwise, 'BatchNorm2d'],
    data: 'white',
    positions: 256,
    ratio: 1,
  },
  {
    // Neighbours share inputs: the squared correlations of a random 3 × 3 kernel over 8 channels sum to 72/(81·8).
    name: 'white images, 3 × 3 convolution',
    input: [8, 16, 16],
    layers: [{ Conv2d: { out_channels: 64, kernel_size: 3, padding: 1 } }, 'BatchNorm2d'],
    data: 'white',
    positions: 256,
    ratio: Math.sqrt(1 + 72 / (81 * 8)),
  },
  {
    // Not correlated, but not Gaussian: the spread of s² is √((κ − 1)/m).
    name: 'vectors behind a ReLU',
    input: [64],
    layers: [{ Linear: { out_features: 256, bias: false } }, 'ReLU', 'BatchNorm1d'],
    data: 'white',
    positions: 1,
    ratio: Math.sqrt((RECTIFIED_KURTOSIS - 1) / 2),
  },
  {
    // One value in 16 is its own.
    name: 'white 4 × 4 images, repeated to 16 × 16',
    input: [8, 4, 4],
    layers: [{ Upsample: { scale_factor: 4, mode: 'nearest' } }, pointwise, 'BatchNorm2d'],
    data: 'white',
    positions: 256,
    ratio: 4,
  },
  {
    name: 'smooth images (the probe’s own data), 3 × 3 convolution',
    input: [3, 16, 16],
    layers: [{ Conv2d: { out_channels: 64, kernel_size: 3, padding: 1 } }, 'BatchNorm2d'],
    data: 'synthetic',
    positions: 256,
    ratio: undefined,
  },
];

const SAMPLES = 512;
const CLASSES = 4;

function white(network: Network, input: readonly number[]) {
  const values = input.reduce((product, dim) => product * dim, SAMPLES);
  return fitData(network, {
    inputs: [
      {
        place: 'x.npy',
        shape: [SAMPLES, ...input],
        values: fillNormal(new Float32Array(values), { seed: 1, purpose: Purpose.samples, index: 0 }),
      },
    ],
    target: {
      place: 'y.npy',
      shape: [SAMPLES],
      values: BigInt64Array.from({ length: SAMPLES }, (_, n) => BigInt(n % CLASSES)),
    },
    files: ['x.npy', 'y.npy'],
  });
}

/** What the case's BatchNorm sees, over 256 samples, by the probe's own forward passes. */
export async function noiseMoments(runtime: Runtime, { input, layers, data }: NoiseCase): Promise<SampleMoments> {
  const images = input.length === 3;
  const given = networkOf({
    input,
    batch: 32,
    layers: [
      ...layers,
      ...(images ? [{ AdaptiveAvgPool2d: { output_size: 1 } }, 'Flatten'] : []),
      { Linear: { out_features: CLASSES } },
    ],
  });
  const { network, own } = data === 'white' ? white(given, input) : { network: given, own: undefined };
  const slot = await runtime.lease();
  try {
    const [site] = await measureMoments(slot, new CompiledProbe(network, 32, 1, own), 0);
    return site!;
  } finally {
    slot.release();
  }
}
