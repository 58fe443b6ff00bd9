import type { NoiseReport } from './advisor';
import type { AnalyzeOptions } from './analyzeOptions';
import { findingRecords, ignoredRecords } from './findingRecord';
import { describeWrittenNorm, type Message, message, type Network, type OptimizerChoice, type Span } from './network';
import { type CompiledProbe, GENERATOR, type LayerFigures, type Measurements, median, type ProbePlan } from './probe';
import {
  figure,
  type LayerHistory,
  type MeasuredLayer,
  networkRecord,
  type ProbeRecord,
  REPORT_SCHEMA,
  type Recommendation,
  type Report,
  type ReportSource,
} from './report';
import type { Found } from './rules';
import type { BuildDescription } from './runtime';
import type { Ignored } from './suppression';
import { learningRateOf } from './training';
import { version } from './version';

/** Samples that a split usually holds at least. */
const USUAL_SAMPLES = 256;

/** What the analysis concluded. */
export interface Findings {
  readonly layers: ReadonlyMap<string, LayerFigures>;
  readonly found: readonly Found[];
  /** What comments in the source leave out. */
  readonly ignored: readonly Ignored[];
  readonly recommendation: Recommendation | null;
  readonly noise: NoiseReport;
}

/** Everything that a report is put together from. */
export interface ReportParts {
  readonly network: Network;
  readonly options: AnalyzeOptions;
  readonly plan: ProbePlan;
  readonly runs: readonly Measurements[];
  readonly probe: CompiledProbe;
  readonly status: Report['status'];
  /** What failed after something was measured. */
  readonly failure?: string;
  readonly build: BuildDescription;
  readonly toSource: (span: Span) => ReportSource;
  readonly timings: Readonly<Record<string, number>>;
  readonly findings: Findings;
}

/** The report: figures put beside their layers, findings beside their sources. Computes nothing new. */
export function assembleReport(parts: ReportParts): Report {
  const { network, status, failure, build, toSource, timings, findings } = parts;
  const { layers, ...record } = networkRecord(network, network.batch.size, toSource);
  return {
    schema: REPORT_SCHEMA,
    status,
    ...(failure !== undefined && { failure }),
    engine: { name: 'normscope', version, runtime: build.name, note: buildNote(build) },
    network: record,
    probe: probeRecord(parts),
    layers: layers.map((layer): MeasuredLayer => ({ ...layer, ...measured(findings.layers.get(layer.id)) })),
    findings: findingRecords(network, findings.found, toSource),
    ...(findings.ignored.length > 0 && { suppressed: ignoredRecords(network, findings.ignored, toSource) }),
    recommendation: findings.recommendation,
    timings,
  };
}

type MeasuredPart = Omit<MeasuredLayer, keyof ReturnType<typeof networkRecord>['layers'][number]>;

const orNull = (value: number | undefined) => (value === undefined ? null : figure(value));
const seriesOrNull = (series: readonly number[] | undefined) => series?.map(figure) ?? null;

function measured(figures: LayerFigures | undefined): MeasuredPart {
  const history = figures?.history ?? {};
  const { saturationLow, saturationHigh } = figures ?? {};
  const lows = history.saturationLow;
  const highs = history.saturationHigh;
  const byStep: LayerHistory = {
    gradientNorm: seriesOrNull(history.gradientNorm),
    gradientRms: figures?.gradientNorm
      ? seriesOrNull(history.gradientNorm?.map((norm) => (norm * figures.gradientRms!) / figures.gradientNorm!))
      : null,
    outputGradientRms: seriesOrNull(history.outputGradientRms),
    activationMean: seriesOrNull(history.activationMean),
    activationStd: seriesOrNull(history.activationStd),
    saturation: lows && highs ? lows.map((low, step) => figure(low + highs[step]!)) : null,
    inactive: seriesOrNull(history.inactive),
    updateRatio: seriesOrNull(history.updateRatio),
  };
  return {
    gradientNorm: orNull(figures?.gradientNorm),
    gradientRms: orNull(figures?.gradientRms),
    outputGradientRms: orNull(figures?.outputGradientRms),
    activation:
      figures?.activationMean === undefined || figures.activationStd === undefined
        ? null
        : { mean: figure(figures.activationMean), std: figure(figures.activationStd) },
    saturation:
      saturationLow === undefined || saturationHigh === undefined
        ? null
        : { low: figure(saturationLow), high: figure(saturationHigh), total: figure(saturationLow + saturationHigh) },
    inactive: orNull(figures?.inactive),
    dead: orNull(figures?.dead?.share),
    deadOf: figures?.dead ? { channels: figures.dead.channels, samples: figures.dead.samples } : null,
    effectiveRank: figures?.effectiveRank
      ? {
          value: figure(figures.effectiveRank.value),
          most: figures.effectiveRank.most,
          betweenSamples: figure(figures.effectiveRank.betweenSamples),
        }
      : null,
    updateRatio: orNull(figures?.updateRatio),
    history: Object.values(byStep).every((series) => series === null) ? null : byStep,
  };
}

function probeRecord({ network, build, options, plan, runs, probe, findings }: ReportParts): ProbeRecord {
  const finals = runs.flatMap(({ final }) => final ?? []);
  const firstLosses = runs.map(({ losses }) => losses);
  const medianOf = (values: readonly number[]) => figure(median(values));
  const atStart = runs.flatMap(({ initial }) => initial?.loss ?? []);
  return {
    batch: probe.batch,
    steps: plan.steps,
    seed: options.seed,
    seeds: runs.length,
    optimizer: optimizerRecord(network.optimizer),
    data: {
      ...(probe.own
        ? { kind: 'own', generator: 'files', files: probe.own.files, samples: probe.own.samples }
        : { kind: 'synthetic', generator: GENERATOR }),
      training: probe.samples.training,
      evaluation: probe.samples.evaluation,
    },
    reduced: [...plan.reduced, ...(probe.samples.limited ? [fewerSamples(probe)] : [])],
    loss: {
      kind: network.task.targets === 'none' ? 'output' : network.task.loss,
      origin: network.task.origin,
      ...(network.task.lossSettings && { settings: network.task.lossSettings }),
      training: (firstLosses[0] ?? []).map((_, step) => medianOf(firstLosses.map((losses) => losses[step]!))),
      initial: atStart.length > 0 ? medianOf(atStart) : null,
      evaluation:
        finals.length === 0
          ? null
          : {
              trainMode: medianOf(finals.flatMap(({ trainMode }) => trainMode ?? [])),
              running: medianOf(finals.flatMap(({ running }) => running ?? [])),
              recomputed: medianOf(finals.map(({ recomputed }) => recomputed)),
            },
    },
    ...findings.noise,
    notes: notes(network, build, probe, options.weights),
  };
}

function optimizerRecord({ kind, settings, groups, clipping, origin }: OptimizerChoice): ProbeRecord['optimizer'] {
  return {
    kind,
    settings: { lr: learningRateOf({ kind, settings, origin }), ...settings },
    ...(groups && { groups: groups.map((group) => ({ ...group, parameters: group.parameters.length })) }),
    ...(clipping && {
      clipping: clipping.kind === 'norm' ? { ...clipping, type: figure(clipping.type) } : clipping,
    }),
    origin,
  };
}

const fewerSamples = ({ own, samples: { evaluation } }: CompiledProbe): Message =>
  own && own.samples < 2 * USUAL_SAMPLES
    ? message(
        'reduced-own-samples',
        'Evaluation samples: {samples}, half of your {all}. Dead channels and batch noise are judged on these.',
        { samples: evaluation, all: own.samples },
      )
    : message(
        'reduced-samples',
        'Evaluation samples: {samples}, because one sample is large. Dead channels and batch noise are judged on these.',
        { samples: evaluation },
      );

/** Why another build than the native one ran, where that was to be preferred. */
const buildNote = ({ nativeMissing }: BuildDescription): Message | null =>
  nativeMissing === undefined
    ? null
    : message(
        'runtime-fallback',
        'The native build of onnxruntime could not be loaded ({why}): its WebAssembly build ran instead, several times slower.',
        { why: nativeMissing },
      );

/** Whether values are near what networks are usually fed: mean 0, deviation 1; from 0 to 1 is near enough. */
const isStandardized = ({ mean, std }: { mean: number; std: number }): boolean =>
  Math.abs(mean) <= 3 && std >= 0.1 && std <= 10;

const unstandardized = ([input, { mean, std }]: readonly [string, { mean: number; std: number }]): Message =>
  message(
    'note-unstandardized',
    'Values of {input} have the mean {mean} and the standard deviation {std}: if your training standardizes them first, save them so.',
    { input, mean: Number(mean.toPrecision(3)), std: Number(std.toPrecision(3)) },
  );

/** Which weights a network begins with whose file holds some. */
const weightsNote = ({ name }: Network, weights: 'file' | 'drawn'): Message =>
  weights === 'file'
    ? message('note-weights-file', 'Training begins with the weights that the file of {name} holds.', { name })
    : message(
        'note-weights-drawn',
        'Training begins with weights drawn anew, as new layers have them; those in the file of {name} were not used.',
        { name },
      );

/** Norms that the forward computes by hand, each kind of them once, with where it first stands. */
function writtenNormNotes({ writtenNorms = [] }: Network): Message[] {
  const found = new Map<string, { line: number; count: number }>();
  for (const norm of writtenNorms) {
    const words = describeWrittenNorm(norm);
    const before = found.get(words);
    if (before) before.count++;
    else found.set(words, { line: norm.source.start.line, count: 1 });
  }
  return [...found].map(([norm, { line, count }]) =>
    message('note-written-norm', 'Line {line} computes {norm} ({count} in all).', { line, norm, count }),
  );
}

/** What the script says of its training that a probe does otherwise. */
function surroundingsNotes({ surroundings }: Network): Message[] {
  const { precision, accumulation } = surroundings ?? {};
  return [
    ...(precision
      ? [
          message('note-precision', 'Line {line} trains in {type}; figures are of float32.', {
            line: precision.source.start.line,
            type: precision.value.type,
          }),
        ]
      : []),
    ...(accumulation
      ? [
          message(
            'note-accumulation',
            'Line {line} adds the gradients of {count} batches before a step; a probe steps after each.',
            { line: accumulation.source.start.line, count: accumulation.value },
          ),
        ]
      : []),
    ...(surroundings?.assumptions ?? []).map(({ what, why }) =>
      message('note-assumption', '{what}: {why}.', { what, why }),
    ),
  ];
}

/** What was assumed, where the figures stand. */
function notes(
  network: Network,
  build: BuildDescription,
  { own }: CompiledProbe,
  weights: AnalyzeOptions['weights'],
): Message[] {
  return [
    own
      ? message(
          'note-own-data',
          'Figures are of {name} at initialization and in its first steps, on your own data as its files hold it; it was read here and sent nowhere.',
          { name: network.name },
        )
      : message(
          'note-synthetic',
          'Figures are of {name} at initialization and in its first steps, on synthetic data of its input shape.',
          { name: network.name },
        ),
    ...(weights ? [weightsNote(network, weights)] : []),
    ...[...(own?.moments ?? [])].filter(([, moments]) => !isStandardized(moments)).map(unstandardized),
    build.kind === 'native'
      ? message('note-denormals', 'Values below 1.2e-38 count as zero.')
      : message(
          'note-denormals-kept',
          'Values below 1.2e-38 lose digits, and below 1.4e-45 count as zero; on some processors they are slow.',
        ),
    ...surroundingsNotes(network),
    ...writtenNormNotes(network),
    ...(network.unmodelled.length > 0
      ? [
          message(
            'note-unmodelled',
            'Not all of the file was modelled: what was not is listed with its line ({count}).',
            { count: network.unmodelled.length },
          ),
        ]
      : []),
  ];
}
