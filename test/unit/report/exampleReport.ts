import type { Message } from '../../../src/engine/network';
import type { Evidence, LayerHistory, MeasuredLayer, Report, ReportSource } from '../../../src/engine/report';

const say = (text: string): Message => ({ id: 'test', args: {}, text });

const history: LayerHistory = {
  gradientNorm: [1e-6, 'NaN'],
  gradientRms: null,
  outputGradientRms: [0.5, 'Infinity'],
  activationMean: null,
  activationStd: null,
  saturation: null,
  inactive: null,
  updateRatio: null,
};

/** What a model file could have put into a report, each made into any text a test likes. */
export interface ModelText {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly sentence: string;
}

export const PLAIN: ModelText = {
  id: 'layers.0',
  kind: 'Linear',
  file: 'net.py',
  sentence: 'The gradient vanishes here.',
};

/** A report with something in every field that a renderer shows. */
export function exampleReport(model: ModelText = PLAIN): Report {
  const source = (line: number): ReportSource => ({ file: model.file, line, column: 9 });
  const evidence: Evidence = {
    quantity: model.sentence,
    value: 1.5e-9,
    unit: model.sentence,
    threshold: 1e-7,
    thresholdSource: model.sentence,
  };
  const layer = (id: string, figures: Partial<MeasuredLayer>): MeasuredLayer => ({
    id,
    kind: model.kind,
    type: 'module',
    inputs: [model.id],
    outputShape: [64, 256],
    parameters: 1000,
    attributes: { [model.id]: model.sentence },
    source: source(12),
    callSite: source(20),
    gradientNorm: null,
    gradientRms: null,
    outputGradientRms: null,
    activation: null,
    saturation: null,
    inactive: null,
    dead: null,
    deadOf: null,
    effectiveRank: null,
    updateRatio: null,
    history: null,
    ...figures,
  });
  return {
    schema: 'normscope/report@1',
    status: 'partial',
    engine: { name: 'normscope', version: '0.1.0', runtime: 'onnxruntime-node 1.30.0', note: null },
    network: {
      name: model.id,
      source: source(3),
      inputs: [{ name: model.id, shape: [64, 784], dtype: 'float32', origin: model.sentence }],
      batch: { size: 64, origin: model.sentence },
      parameters: { total: 1234567, trainable: 1234000 },
      unmodelled: [{ what: model.sentence, why: model.sentence, source: source(30) }],
    },
    probe: {
      batch: 64,
      steps: 2,
      seed: 0,
      seeds: 3,
      optimizer: { kind: 'SGD', settings: { lr: 0.1, momentum: 0 }, origin: model.sentence },
      data: { kind: 'synthetic', generator: 'prototypes@2', training: 512, evaluation: 256 },
      reduced: [say(model.sentence)],
      loss: {
        kind: 'CrossEntropyLoss',
        origin: model.sentence,
        initial: 2.3,
        training: [2.3, 2.2],
        evaluation: { trainMode: 2.25, running: 'NaN', recomputed: 2.2 },
      },
      batchNoise: [{ batch: 2, site: model.id, mean: 0.7, variance: 1.4 }],
      notes: [say(model.sentence)],
    },
    layers: [
      layer(model.id, { type: 'container', gradientNorm: 9 }),
      layer(model.id, {
        gradientNorm: 1.25e-6,
        outputGradientRms: 2e-7,
        activation: { mean: 0.5, std: 0.01 },
        updateRatio: 1e-4,
        history,
      }),
      layer(model.id, {
        outputGradientRms: 0,
        activation: { mean: -1234.5, std: 'Infinity' },
        saturation: { low: 0.95, high: 0.0004, total: 0.9504 },
        inactive: 0.5,
        dead: 0.125,
        deadOf: { channels: 8, samples: 64 },
      }),
      layer(model.id, { gradientNorm: 'NaN', outputGradientRms: 0.003 }),
      layer(model.id, { gradientNorm: 0.5, outputGradientRms: 0.1 }),
    ],
    findings: [
      {
        rule: 'unused-layer',
        severity: 'note',
        layer: null,
        message: say(model.sentence),
        source: source(40),
        evidence: [],
        causes: [],
        fix: null,
      },
      {
        rule: 'vanishing-gradient',
        severity: 'error',
        layer: model.id,
        message: say(model.sentence),
        source: source(12),
        evidence: [evidence],
        causes: [{ layer: model.id, source: source(13), rule: 'saturated-activation', evidence: [evidence] }],
        fix: {
          title: model.sentence,
          edits: [
            {
              file: model.file,
              hash: '0123456789abcdef',
              range: { start: { line: 12, column: 9 }, end: { line: 12, column: 9 } },
              newText: model.sentence,
            },
          ],
        },
      },
    ],
    recommendation: {
      action: 'add',
      norm: 'GroupNorm',
      groups: 8,
      placement: 'before-activation',
      sites: [{ layer: model.id, source: source(12), change: model.sentence }],
      confidence: 'strong',
      reasons: [{ message: say(model.sentence), evidence: [evidence], source: model.sentence }],
      alternatives: [
        {
          norm: 'BatchNorm',
          groups: null,
          label: model.sentence,
          tried: true,
          reason: say(model.sentence),
          evidence: [evidence],
          losses: [2.3, 2.1],
          learningRate: 0.1,
        },
        {
          norm: 'InstanceNorm',
          groups: null,
          label: '',
          tried: false,
          reason: say(model.sentence),
          evidence: [],
          losses: null,
          learningRate: null,
        },
      ],
      losses: [2.3, 0.5],
      learningRate: 0.01,
      published: {
        quantity: model.sentence,
        unit: '%',
        source: model.sentence,
        rows: [{ batch: 2, errors: { BatchNorm: 34.7, GroupNorm: 24.1 } }],
      },
      wouldChange: [say(model.sentence)],
    },
    timings: { read: 12, probe: 1800 },
  };
}
