import type { Measurements } from '../probe';
import { figure, type VariantFigures } from '../report';
import type { Comparison } from './compare';
import { scoreOf, type Variant } from './variant';

/** The part of the way from the first loss to the lowest last one that `reachedAt` asks for. */
const REACH = 0.5;

const least = (values: readonly number[]): number => Math.min(...values.filter(Number.isFinite));

/**
 * The training loss that learning rates are judged by: half of the way from the network's own first loss to the lowest last
 * loss of any variant at any rate, with the first seed. NaN where nothing learned.
 */
export function reachOf(variants: readonly Variant[]): number {
  const first = variants.map(({ sweep }) => sweep[0]?.losses[0] ?? Number.NaN);
  const start = Number.isFinite(first[0]) ? first[0]! : least(first);
  const end = least(variants.flatMap(({ sweep }) => sweep.map(({ losses }) => losses.at(-1) ?? Number.NaN)));
  return end < start ? start - REACH * (start - end) : Number.NaN;
}

/** How many updates it took until a step's loss was `reach` or less; null where none was. */
function reachedAt({ losses }: Measurements, reach: number): number | null {
  const step = losses.findIndex((loss) => loss <= reach);
  return step < 0 ? null : step;
}

/** What a variant's trainings showed, for the report. `comparison` is undefined for the network as it is. */
export function variantFigures(variant: Variant, comparison: Comparison | undefined, reach: number): VariantFigures {
  const { runs, sweep, layers, network, initScale } = variant;
  const steps = runs[0]?.losses.length ?? 0;
  const byStep = (pick: (losses: readonly number[]) => number) =>
    Array.from({ length: steps }, (_, step) => figure(pick(runs.map(({ losses }) => losses[step]!))));
  const order = [...new Set(network.calls.map(({ module, id }) => module ?? id))];
  const inOrder = order.flatMap((id) => layers.get(id) ?? []);
  const bounded = inOrder.flatMap(({ role, saturationLow, saturationHigh }) =>
    role === 'activation' && saturationLow !== undefined && saturationHigh !== undefined
      ? [saturationLow + saturationHigh]
      : [],
  );
  const dead = inOrder.flatMap((layer) => layer.dead ?? []);
  const channels = dead.reduce((sum, { channels: own }) => sum + own, 0);
  const ranks = inOrder.flatMap(({ effectiveRank }) =>
    effectiveRank && effectiveRank.most > 1 && Number.isFinite(effectiveRank.value)
      ? [effectiveRank.value / effectiveRank.most]
      : [],
  );
  return {
    evaluation: variant.scores.map(figure),
    difference: comparison
      ? {
          median: figure(comparison.median),
          low: figure(comparison.low),
          high: figure(comparison.high),
          level: comparison.level,
          equal: comparison.verdict === 'equal',
        }
      : null,
    // A loss that is no number at one seed is none for the band.
    lossBand: { low: byStep((losses) => Math.min(...losses)), high: byStep((losses) => Math.max(...losses)) },
    gradientByDepth: inOrder.flatMap(({ id, role, gradientNorm, weightNorm }) =>
      role !== 'norm' && gradientNorm !== undefined && weightNorm !== undefined
        ? [{ layer: id, value: figure(gradientNorm * weightNorm) }]
        : [],
    ),
    gradientRatio: figure(variant.gradientRatio),
    saturated: bounded.length > 0 ? figure(bounded.reduce((sum, share) => sum + share, 0) / bounded.length) : null,
    dead: channels > 0 ? figure(dead.reduce((sum, { share, channels: own }) => sum + share * own, 0) / channels) : null,
    effectiveRank: ranks.length > 0 ? figure(Math.min(...ranks)) : null,
    learningRates: sweep.map((run) => ({
      rate: run.learningRate,
      loss: figure(scoreOf(run)),
      reachedAt: reachedAt(run, reach),
    })),
    reach: figure(reach),
    initScale: initScale.map(({ scale, loss }) => ({ scale, loss: figure(loss) })),
    memoryBytes: variant.memoryBytes,
  };
}
