import type { SiteNoiseTable, SitePlan, VariantFigures } from '../../../src/engine/report/advice';
import type { Report } from '../../../src/engine/report/report';

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];
const say = (text: string) => ({ id: 'fixture', args: {}, text });

/** A variant's figures: `decay` by which its gradient falls from one layer back to the one before. */
function variantFigures(report: Report, decay: number, shift: number): VariantFigures {
  const layers = report.layers.filter(({ gradientNorm }) => gradientNorm !== null);
  const losses = Array.from({ length: 12 }, (_, step) => 1.4 * Math.exp(-step / (8 + shift)) + 0.1 * shift);
  return {
    evaluation: [0.5 + 0.1 * shift, 0.52 + 0.1 * shift],
    difference:
      shift === 0 ? null : { median: -0.1 * shift, low: -0.2 * shift, high: 0.05, level: 0.95, equal: shift < 2 },
    lossBand: { low: losses.map((loss) => 0.9 * loss), high: losses.map((loss) => 1.1 * loss) },
    gradientByDepth: layers.map(({ id }, index) => ({ layer: id, value: decay ** (layers.length - index) })),
    gradientRatio: decay ** layers.length,
    saturated: null,
    dead: 0.02 * shift,
    effectiveRank: 0.6 - 0.1 * shift,
    learningRates: [0.0001, 0.001, 0.01].map((rate, index) => ({
      rate,
      loss: index === 2 && shift === 3 ? 'NaN' : 1.2 - 0.2 * index + 0.1 * shift,
      reachedAt: index === 0 ? null : 9 - 2 * index,
    })),
    reach: 1,
    initScale: [0.1, 1, 10].map((scale) => ({ scale, loss: 0.7 + 0.05 * shift * Math.abs(Math.log10(scale)) })),
    memoryBytes: 48 * 2 ** 20,
  };
}

/** Noise that follows √(2/(m−1)) at some sites and lies above it at others. */
function siteNoise(report: Report, sites: number): SiteNoiseTable {
  const { layers } = report;
  return {
    samples: 256,
    sites: Array.from({ length: sites }, (_, index) => {
      const layer = layers[Math.floor((index * layers.length) / sites)]!;
      const valuesPerSample = Math.max(1, 256 >> index);
      return {
        layer: layer.id,
        source: layer.source,
        valuesPerSample,
        noise: BATCHES.map((batch) => {
          const values = batch * valuesPerSample;
          const theory = values > 1 ? Math.sqrt(2 / (values - 1)) : ('Infinity' as const);
          const spread = (typeof theory === 'number' ? theory : 1) * (1 + index / 4);
          return { batch, mean: spread / Math.SQRT2, variance: spread, theory };
        }),
      };
    }),
  };
}

/** A real report with everything that the advice may say added: made-up figures in the contract's form. */
export function advised(report: Report): Report {
  const { recommendation } = report;
  if (recommendation === null) throw new Error('the report recommends nothing');
  const norms = report.layers.filter(({ kind }) => /Norm\d?d?$/.test(kind));
  const some = norms.length > 0 ? norms : report.layers.filter(({ gradientNorm }) => gradientNorm !== null);
  const places = some.map(
    (layer, index): SitePlan => ({
      layer: layer.id,
      source: layer.source,
      place: index === some.length - 1 ? 'final' : 'before-activation',
      now: norms.length > 0 ? layer.kind : null,
      action: norms.length > 0 ? 'replace' : index === some.length - 1 ? 'leave' : 'add',
      norm: index === some.length - 1 && norms.length === 0 ? null : recommendation.norm,
      reason: say('Its statistics are of two samples.'),
    }),
  );
  return {
    ...report,
    probe: { ...report.probe, siteNoise: siteNoise(report, 8) },
    recommendation: {
      ...recommendation,
      family: {
        kind: 'detection and segmentation',
        fineTuned: false,
        because: say('its output has the input’s resolution.'),
      },
      known: [
        {
          norms: ['GroupNorm', 'BatchNorm'],
          message: say('Mask R-CNN with 2 images a GPU gains 0.7 box AP.'),
          source: 'Wu & He 2018, "Group Normalization", arxiv.org/abs/1803.08494',
        },
      ],
      disagreement: say(
        'Measured here BatchNorm ends lower; published results at batch 2 say GroupNorm. Published results were followed.',
      ),
      places,
      figures: variantFigures(report, 0.95, 1),
      current: variantFigures(report, 0.7, 0),
      alternatives: recommendation.alternatives.map((each, index) => ({
        ...each,
        ...(each.tried &&
          each.label !== 'as it is' && { figures: variantFigures(report, 0.9 - 0.1 * index, index + 1) }),
      })),
    },
  };
}
