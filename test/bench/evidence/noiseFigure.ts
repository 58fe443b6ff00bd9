import { gaussianVarianceNoise, noiseBySize } from '../../../src/engine/advisor/batchNoise';
import { WU_HE } from '../../../src/engine/advisor/published';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { noiseCases, noiseMoments } from '../../noiseCases';
import { drawing, type Line, type Plot } from './drawing';

const BATCHES = [2, 4, 8, 16, 32, 64, 128] as const;
const COLORS = ['#0969da', '#1a7f37', '#8250df', '#9a6700', '#bc4c00', '#cf222e'] as const;
const MOST_VALUES = 2 ** 15;

/**
 * The spread of BatchNorm's variance as the probe measures it, against √(2/(m − 1)), and beside it what small batches cost a
 * full training by publication.
 */
export async function noiseFigure(): Promise<string> {
  const runtime = new ProcessRuntime();
  const measured: Line[] = [];
  try {
    for (const [i, noiseCase] of noiseCases.entries()) {
      const at = noiseBySize(await noiseMoments(runtime, noiseCase));
      const ratio =
        noiseCase.ratio === undefined ? 'no prediction' : `predicted: ${noiseCase.ratio.toFixed(2)} × theory`;
      measured.push({
        name: `${noiseCase.name} (${ratio})`,
        color: COLORS[i]!,
        points: BATCHES.map((batch) => [batch * noiseCase.positions, at(batch).variance]),
        style: 'marks',
      });
    }
  } finally {
    runtime.dispose();
  }
  const values = Array.from({ length: 15 }, (_, i) => 2 ** (i + 1));
  const noise: Plot = {
    title: 'Measured: spread of the batch variance',
    xTitle: 'm, values a channel in a batch (batch × positions)',
    yTitle: 'standard deviation of s² over σ²',
    x: [2, MOST_VALUES],
    y: [0.005, 3],
    yScale: 'log',
    xTicks: [2, 8, 32, 128, 512, 2048, 8192, MOST_VALUES],
    yTicks: [0.01, 0.03, 0.1, 0.3, 1, 3],
    formatY: String,
    lines: [
      {
        name: '√(2/(m − 1)), independent Gaussian values',
        color: '#57606a',
        points: values.map((m) => [m, gaussianVarianceNoise(m)]),
        style: 'dashed',
      },
      ...measured,
    ],
    notes: ['Batches of 2 to 128 out of 256 samples, at initialization; root mean square over channels.'],
  };
  const errors: Plot = {
    title: 'Published: ResNet-50 on ImageNet, validation error',
    xTitle: 'images a GPU',
    yTitle: 'error, %',
    x: [2, 32],
    y: [22, 36],
    yScale: 'linear',
    xTicks: WU_HE.map(({ batch }) => batch),
    yTicks: [22, 24, 26, 28, 30, 32, 34, 36],
    formatY: String,
    lines: (['BatchNorm', 'GroupNorm'] as const).map((norm, i) => ({
      name: norm,
      color: COLORS[i]!,
      points: WU_HE.map((row) => [row.batch, row[norm]] as const),
      style: 'line',
    })),
    notes: ['Wu & He 2018, “Group Normalization”, table 2, arxiv.org/abs/1803.08494.', 'Not measured here.'],
  };
  return drawing(
    [noise, errors],
    'Noise of BatchNorm’s statistics by the number of values, and published error by batch size',
    'Left: for vectors and for 1 × 1 convolutions of white images the measured spread lies on √(2/(m − 1)); repeated and smooth images lie far above it, because their values are not independent. Right: BatchNorm’s published error rises from 23.6 % at 32 images a GPU to 34.7 % at 2; GroupNorm’s stays at 24 %.',
  );
}
