import { findLayer, type Role } from '../layers';
import { bindShape, type Call, elementCount, moduleParameters, type Network, valueShapes } from '../network';
import type { Quantity } from './instruments';
import type { Measurements, Series } from './measurements';

/** What was measured at one layer (a module, or a function's call): medians over seeds at step 0, and the first seed's history. */
export interface LayerFigures {
  readonly id: string;
  readonly role: Role | 'container';
  readonly gradientNorm?: number;
  readonly gradientRms?: number;
  readonly weightNorm?: number;
  readonly outputGradientRms?: number;
  readonly activationMean?: number;
  readonly activationStd?: number;
  readonly saturationLow?: number;
  readonly saturationHigh?: number;
  readonly inactive?: number;
  readonly dead?: { readonly share: number; readonly channels: number; readonly samples: number };
  /** At initialization, median over seeds; of the call with the lowest. */
  readonly effectiveRank?: { readonly value: number; readonly most: number; readonly betweenSamples: number };
  readonly updateRatio?: number;
  /** By step, median over seeds. */
  readonly history: Partial<Readonly<Record<Quantity, Series>>>;
}

/** The median; NaN where any value is, so that no failure hides behind the other seeds. */
export function median(values: readonly number[]): number {
  if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median over the first axis, step by step. */
const medianSeries = (runs: readonly Series[]): Series =>
  Array.from({ length: Math.min(...runs.map((run) => run.length)) }, (_, step) =>
    median(runs.map((run) => run[step]!)),
  );

/** Quantities of a module, not of its calls. */
const ofModules: ReadonlySet<Quantity> = new Set(['gradientNorm', 'weightNorm', 'updateRatio']);

/** How one quantity of several calls of one module becomes one figure of the module. */
const pooling: Record<Quantity, (values: readonly number[], weights: readonly number[]) => number> = (() => {
  const weightedMean = (values: readonly number[], weights: readonly number[]) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
  };
  const rootMeanSquare = (values: readonly number[], weights: readonly number[]) => {
    // By the largest value, so that small ones do not square to zero.
    const largest = Math.max(...values.map(Math.abs));
    if (!(largest > 0) || !Number.isFinite(largest)) return largest;
    return (
      largest *
      Math.sqrt(
        weightedMean(
          values.map((value) => (value / largest) ** 2),
          weights,
        ),
      )
    );
  };
  const only = (values: readonly number[]) => values[0]!;
  return {
    outputGradientRms: rootMeanSquare,
    activationMean: weightedMean,
    activationStd: rootMeanSquare,
    saturationLow: weightedMean,
    saturationHigh: weightedMean,
    inactive: weightedMean,
    gradientNorm: only,
    weightNorm: only,
    updateRatio: only,
  };
})();

/**
 * Figures of every layer, in the order of the report: a module's calls are pooled by their numbers of elements (dead:
 * the call with the most), runs by their median.
 */
export function layerFigures(
  network: Network,
  batch: number,
  runs: readonly Measurements[],
): Map<string, LayerFigures> {
  const shapes = valueShapes(network);
  const byLayer = new Map<string, Call[]>();
  for (const call of network.calls) {
    const layer = call.module ?? call.id;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), call]);
  }
  const counts = parameterCounts(network);
  const ids = [...new Set([...network.modules.map(({ id }) => id), ...byLayer.keys()])];
  const containers = new Set(network.modules.filter(({ container }) => container).map(({ id }) => id));
  const kinds = new Map(network.modules.map(({ id, kind }) => [id, kind]));

  return new Map(
    ids.map((id) => {
      const calls = byLayer.get(id) ?? [];
      const weights = calls.map((call) => elementCount(bindShape(shapes.get(call.id)!, batch)));
      const history: Partial<Record<Quantity, Series>> = {};
      for (const quantity of Object.keys(pooling) as Quantity[]) {
        const perRun = runs.flatMap((run) => {
          const own = ofModules.has(quantity) ? [id] : calls.map((call) => call.id);
          const series = own.flatMap((owner) => {
            const values = run.series.get(owner)?.[quantity];
            return values ? [values] : [];
          });
          if (series.length === 0) return [];
          const steps = Array.from({ length: series[0]!.length }, (_, step) => step);
          return [
            steps.map((step) =>
              pooling[quantity](
                series.map((values) => values[step]!),
                weights,
              ),
            ),
          ];
        });
        if (perRun.length > 0) history[quantity] = medianSeries(perRun);
      }
      const kind = calls[0]?.kind ?? kinds.get(id);
      const role = containers.has(id) || kind === undefined ? 'container' : (findLayer(kind)?.role ?? 'container');
      const at = (quantity: Quantity) => history[quantity]?.[0];
      const gradientNorm = at('gradientNorm');
      const dead = deadOf(calls, runs);
      const effectiveRank = effectiveRankOf(calls, runs);
      const figures: LayerFigures = {
        id,
        role,
        history,
        ...pick('gradientNorm', gradientNorm),
        ...pick('gradientRms', gradientNorm === undefined ? undefined : gradientNorm / Math.sqrt(counts.get(id)!)),
        ...pick('weightNorm', at('weightNorm')),
        ...pick('outputGradientRms', at('outputGradientRms')),
        ...pick('activationMean', at('activationMean')),
        ...pick('activationStd', at('activationStd')),
        ...pick('saturationLow', at('saturationLow')),
        ...pick('saturationHigh', at('saturationHigh')),
        ...pick('inactive', at('inactive')),
        ...pick('updateRatio', at('updateRatio')),
        ...(dead && { dead }),
        ...(effectiveRank && { effectiveRank }),
      };
      return [id, figures];
    }),
  );
}

const pick = <K extends string>(name: K, value: number | undefined): { [P in K]?: number } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]: number });

/** How many trainable values each module owns itself. */
export function parameterCounts(network: Network): Map<string, number> {
  const parameters = new Map(network.parameters.map((parameter) => [parameter.id, parameter]));
  return new Map(
    [...moduleParameters(network)].map(([id, own]) => [
      id,
      own.reduce((sum, name) => {
        const parameter = parameters.get(name);
        return parameter?.trainable ? sum + elementCount(parameter.shape) : sum;
      }, 0),
    ]),
  );
}

function effectiveRankOf(calls: readonly Call[], runs: readonly Measurements[]): LayerFigures['effectiveRank'] {
  let lowest: LayerFigures['effectiveRank'];
  for (const call of calls) {
    const seen = runs.flatMap(({ initial }) => initial?.representations.filter((site) => site.call === call.id) ?? []);
    const [first] = seen;
    if (!first) continue;
    const value = median(seen.map(({ effectiveRank }) => effectiveRank));
    const betweenSamples = median(seen.map((site) => site.betweenSamples));
    if (!lowest || value < lowest.value) lowest = { value, most: first.most, betweenSamples };
  }
  return lowest;
}

function deadOf(calls: readonly Call[], runs: readonly Measurements[]): LayerFigures['dead'] {
  let worst: LayerFigures['dead'];
  for (const call of calls) {
    const sites = runs.flatMap((run) => (run.initial?.dead ?? []).filter((site) => site.call === call.id));
    if (sites.length === 0) continue;
    const share = median(sites.map((site) => site.deadChannels / site.channels));
    const samples = runs.find(({ initial }) => initial)!.initial!.samples;
    if (!worst || share > worst.share) worst = { share, channels: sites[0]!.channels, samples };
  }
  return worst;
}
