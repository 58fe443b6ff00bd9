import * as v from 'valibot';
import type { MeasuredLayer, Report } from '../src/engine/report/report';

const text = v.string();
const texts = v.array(text);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const figure = v.union([v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])]);
const figureOrNone = v.nullable(figure);
const source = v.object({ file: text, line: v.number(), column: v.number() });
const shape = v.array(v.number());
const message = v.object({ id: text, args: v.record(text, v.union([text, v.number()])), text });
const evidence = v.object({
  quantity: text,
  value: figure,
  unit: text,
  threshold: v.optional(figure),
  thresholdSource: v.optional(text),
});

const layer: v.GenericSchema<unknown, MeasuredLayer> = v.object({
  id: text,
  kind: text,
  type: v.picklist(['container', 'module', 'function']),
  inputs: texts,
  outputShape: v.nullable(v.union([shape, v.array(shape)])),
  parameters: count,
  // What no page shows does not cross: see `reportForView`.
  attributes: v.object({}),
  history: v.null(),
  source,
  callSite: v.nullable(source),
  gradientNorm: figureOrNone,
  gradientRms: figureOrNone,
  outputGradientRms: figureOrNone,
  activation: v.nullable(v.object({ mean: figure, std: figure })),
  saturation: v.nullable(v.object({ low: figure, high: figure, total: figure })),
  inactive: figureOrNone,
  dead: figureOrNone,
  deadOf: v.nullable(v.object({ channels: count, samples: count })),
  effectiveRank: v.nullable(v.object({ value: figure, most: count, betweenSamples: figure })),
  updateRatio: figureOrNone,
});

const position = v.object({ line: v.number(), column: v.number() });

const fix = v.object({
  title: text,
  edits: v.array(
    v.object({ file: text, hash: text, range: v.object({ start: position, end: position }), newText: text }),
  ),
});

const finding = v.object({
  rule: text,
  severity: v.picklist(['error', 'warning', 'note']),
  layer: v.nullable(text),
  message,
  source,
  evidence: v.array(evidence),
  causes: v.array(v.object({ layer: text, source, rule: text, evidence: v.array(evidence) })),
  fix: v.nullable(fix),
});

const figures = v.array(figure);

const variant = v.object({
  evaluation: figures,
  difference: v.nullable(
    v.object({ median: figure, low: figure, high: figure, level: v.number(), equal: v.boolean() }),
  ),
  lossBand: v.object({ low: figures, high: figures }),
  gradientByDepth: v.array(v.object({ layer: text, value: figure })),
  gradientRatio: figure,
  saturated: figureOrNone,
  dead: figureOrNone,
  effectiveRank: figureOrNone,
  learningRates: v.array(v.object({ rate: v.number(), loss: figure, reachedAt: v.nullable(v.number()) })),
  reach: figure,
  initScale: v.array(v.object({ scale: v.number(), loss: figure })),
  memoryBytes: v.number(),
});

const place = v.object({
  layer: text,
  source,
  place: v.picklist([
    'before-activation',
    'after-activation',
    'branch-start',
    'branch-end',
    'pre-block',
    'post-block',
    'recurrence',
    'input',
    'final',
    'between',
  ]),
  now: v.nullable(text),
  action: v.picklist(['add', 'replace', 'remove', 'keep', 'leave']),
  norm: v.nullable(text),
  reason: message,
});

const family = v.object({
  kind: v.picklist([
    'image classification',
    'detection and segmentation',
    'generative image',
    'style',
    'super-resolution',
    'sequence',
    'language',
    'speech',
    'time series',
    'graph',
    'point cloud',
    'reinforcement learning',
    'critic',
    'implicit field',
    'vector',
  ]),
  fineTuned: v.boolean(),
  because: message,
});

const recommendation = v.object({
  action: v.picklist(['add', 'replace', 'keep', 'remove']),
  norm: text,
  groups: v.nullable(count),
  placement: v.picklist(['before-activation', 'after-activation', 'as-is', 'none']),
  sites: v.array(v.object({ layer: text, source, change: text })),
  confidence: v.picklist(['strong', 'moderate', 'weak']),
  reasons: v.array(v.object({ message, evidence: v.array(evidence), source: text })),
  losses: v.nullable(v.array(figure)),
  learningRate: v.nullable(v.number()),
  alternatives: v.array(
    v.object({
      norm: text,
      groups: v.nullable(count),
      label: text,
      tried: v.boolean(),
      reason: message,
      evidence: v.array(evidence),
      losses: v.nullable(v.array(figure)),
      learningRate: v.nullable(v.number()),
      figures: v.optional(variant),
    }),
  ),
  published: v.nullable(
    v.object({
      quantity: text,
      unit: text,
      source: text,
      rows: v.array(v.object({ batch: v.number(), errors: v.record(text, v.number()) })),
    }),
  ),
  wouldChange: v.array(message),
  family: v.optional(family),
  known: v.optional(v.array(v.object({ norms: texts, message, source: text }))),
  disagreement: v.optional(message),
  places: v.optional(v.array(place)),
  figures: v.optional(variant),
  current: v.optional(variant),
  edit: v.optional(fix),
  noEdit: v.optional(message),
});

const settings = v.record(text, v.union([v.number(), v.boolean()]));
const lossSetting = v.union([v.number(), v.boolean(), text, v.null(), v.array(v.number())]);

const probe = v.object({
  batch: count,
  steps: count,
  seed: v.number(),
  seeds: count,
  optimizer: v.object({
    kind: text,
    settings,
    groups: v.optional(v.array(v.object({ parameters: count, settings }))),
    clipping: v.optional(v.object({ kind: v.picklist(['norm', 'value']), max: v.number(), type: v.optional(figure) })),
    origin: text,
  }),
  data: v.object({
    kind: text,
    generator: text,
    files: v.optional(v.array(text)),
    samples: v.optional(count),
    training: count,
    evaluation: count,
  }),
  reduced: v.array(message),
  loss: v.nullable(
    v.object({
      kind: text,
      origin: text,
      settings: v.optional(v.record(text, lossSetting)),
      training: v.array(figure),
      evaluation: v.nullable(v.object({ trainMode: figure, running: figure, recomputed: figure })),
      initial: figure,
    }),
  ),
  batchNoise: v.array(v.object({ batch: count, site: text, mean: figure, variance: figure })),
  siteNoise: v.optional(
    v.object({
      samples: count,
      sites: v.array(
        v.object({
          layer: text,
          source,
          valuesPerSample: v.number(),
          noise: v.array(v.object({ batch: count, mean: figure, variance: figure, theory: figure })),
        }),
      ),
    }),
  ),
  notes: v.array(message),
});

/** A Report as a page takes it; what it does not know is left out. */
export const reportSchema: v.GenericSchema<unknown, Report> = v.object({
  schema: v.literal('normscope/report@1'),
  status: v.picklist(['complete', 'partial', 'cancelled']),
  failure: v.optional(text),
  engine: v.object({ name: v.literal('normscope'), version: text, runtime: text, note: v.nullable(message) }),
  network: v.object({
    name: text,
    source,
    inputs: v.array(v.object({ name: text, shape, dtype: text, origin: text })),
    batch: v.object({ size: count, origin: text }),
    parameters: v.object({ total: count, trainable: count }),
    unmodelled: v.array(v.object({ what: text, why: text, source })),
  }),
  probe,
  layers: v.array(layer),
  findings: v.array(finding),
  recommendation: v.nullable(recommendation),
  timings: v.record(text, v.number()),
});

/** The part of a Report that pages show: without each layer's history by step and its attributes. */
export const reportForView = (report: Report): Report => ({
  ...report,
  layers: report.layers.map((each) => ({ ...each, attributes: {}, history: null })),
});
