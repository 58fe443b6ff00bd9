import { findLayer } from '../layers';
import { type Message, message, type Network, type Span } from '../network';
import { type Measurements, median } from '../probe';
import type { Alternative, BatchNoise, Evidence, Recommendation, ReportSource } from '../report';
import { figure } from '../report';
import { inWords, percent } from '../rules';
import type { Runtime } from '../runtime';
import { NOISE_BATCHES, type SiteNoise, worstNoise } from './batchNoise';
import { type Candidate, candidatesFor } from './candidates';
import { BAND, type BatchVerdict, decide, gradientInOrder, judgeBatch, LEAST_BATCH, MOST_NOISE } from './decide';
import { publishedAt, WU_HE_SOURCE } from './published';
import { type Family, familyOf, findSites, type Site } from './sites';
import { trainVariant, type Variant, type VariantPlan } from './variant';

/** What the advisor works with. */
export interface AdviceRequest {
  readonly network: Network;
  readonly plan: VariantPlan;
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly toSource: (span: Span) => ReportSource;
  /** Told after each training run. */
  progress?(done: number, total: number): void;
}

export interface Advice {
  /** null where the network has no place for a norm. */
  readonly recommendation: Recommendation | null;
  readonly batchNoise: readonly BatchNoise[];
}

/** How many variants an analysis of the network trains, itself included: what the plan must pay for. */
export function countVariants(network: Network): number {
  const sites = findSites(network);
  return sites.length === 0 ? 0 : 1 + tried(network, sites).length;
}

/** The candidates to train: possible ones that are not the network as it is. */
function tried(network: Network, sites: readonly Site[]): Candidate[] {
  return candidatesFor(sites, familyOf(network)).filter(
    (candidate) => !candidate.impossible && !isCurrent(candidate, network),
  );
}

/** Whether every change of the candidate would put what stands there already. */
const isCurrent = (candidate: Candidate, network: Network): boolean =>
  candidate.changes.every((change) => {
    if (change.operation !== 'replace') return false;
    const call = network.calls.find(({ id }) => id === change.site);
    return (
      call?.kind === change.layer.kind &&
      Object.entries(change.layer.attributes).every(
        ([name, value]) => JSON.stringify(call.attributes[name]) === JSON.stringify(value),
      )
    );
  });

const usesBatchNorm = ({ network }: Variant): boolean =>
  network.calls.some(({ kind, attributes }) => findLayer(kind)?.batchStatistics?.(attributes) ?? false);

/** The norm that a network has, by PyTorch's name without its dimension; the commonest where there are several. */
function normOf(network: Network, sites: readonly Site[]): { norm: string; groups: number | null } {
  const counts = new Map<string, number>();
  for (const { call, existing } of sites) {
    if (!existing) continue;
    const norm = call.kind.replace(/\dd$/, '');
    counts.set(norm, (counts.get(norm) ?? 0) + 1);
  }
  const norm = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
  const groups = network.calls.find(({ kind }) => kind === 'GroupNorm')?.attributes.num_groups;
  return { norm, groups: norm === 'GroupNorm' && typeof groups === 'number' ? groups : null };
}

/**
 * Trains the network as it is and with each candidate norm, on the same data, seeds and learning rates, and decides.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function advise(request: AdviceRequest): Promise<Advice> {
  const { network, plan, runtime, signal } = request;
  const sites = findSites(network);
  if (sites.length === 0) return { recommendation: null, batchNoise: [] };
  const family = familyOf(network);
  const all = candidatesFor(sites, family);
  const current: Candidate = { ...normOf(network, sites), label: 'as it is', changes: [] };
  const candidates = [current, ...tried(network, sites)];
  const total = candidates.length * plan.learningRates.length * plan.seeds.length;
  let done = 0;
  const tick = (runs: number) => {
    done += runs;
    request.progress?.(done, total);
  };
  // As many at a time as the runtime has slots; results stay in the candidates' order.
  const variants = await Promise.all(
    candidates.map((candidate) => trainVariant(network, candidate, plan, runtime, signal, tick)),
  );
  const [asItIs, ...others] = variants as [Variant, ...Variant[]];

  const noise = batchNoiseOf(
    variants,
    [...new Set([...NOISE_BATCHES, plan.batch])].sort((a, b) => a - b),
    plan.seeds[0]!,
  );
  const here = noise.find(({ batch }) => batch === plan.batch);
  const verdict = judgeBatch(plan.batch, here?.variance);
  const initialLoss = median(asItIs.runs.map((run) => run.losses[0]!));
  const decision = decide(asItIs, others, usesBatchNorm, family, verdict, initialLoss);
  const { chosen } = decision;

  const recommendation: Recommendation = {
    action: decision.keep ? 'keep' : actionOf(chosen.candidate, sites),
    norm: chosen.candidate.norm,
    groups: chosen.candidate.groups,
    placement: decision.keep ? 'as-is' : chosen.candidate.norm === 'none' ? 'none' : 'before-activation',
    sites: decision.keep ? [] : describeSites(chosen.candidate, network, request.toSource),
    confidence: decision.confidence,
    reasons: [
      ...lossReason(chosen, asItIs, decision.keep, plan, bestOther(others, verdict)),
      ...gradientReason(chosen, asItIs, decision.keep),
      ...batchReasons(verdict, here, family, chosen, asItIs),
    ],
    alternatives: alternatives(all, variants, chosen, verdict, plan),
    wouldChange: wouldChange(verdict, family, usesBatchNorm(chosen), sites),
  };
  return {
    recommendation,
    batchNoise: noise.map(({ batch, call, mean, variance }) => ({
      batch,
      site: call,
      mean: figure(mean),
      variance: figure(variance),
    })),
  };
}

const actionOf = (candidate: Candidate, sites: readonly Site[]): Recommendation['action'] => {
  if (candidate.norm === 'none') return 'remove';
  return sites.some(({ existing }) => existing) ? 'replace' : 'add';
};

/** Noise at the sites of the variant that has batch norms: the network itself, or the network with them. */
function batchNoiseOf(variants: readonly Variant[], batches: readonly number[], seed: number): SiteNoise[] {
  const withBatchNorm = variants.find((variant) => usesBatchNorm(variant));
  return withBatchNorm ? worstNoise(withBatchNorm.runs[0]!.initial.moments, batches, seed) : [];
}

function describeSites(candidate: Candidate, network: Network, toSource: (span: Span) => ReportSource) {
  return candidate.changes.map((change) => {
    const call = network.calls.find(({ id }) => id === change.site)!;
    const module = network.modules.find(({ id }) => id === call.module);
    const written = 'layer' in change ? describeLayer(change.layer) : '';
    const text = {
      insert: `add ${written} behind it`,
      replace: `put ${written} in its place`,
      remove: 'remove it',
    }[change.operation];
    return { layer: call.module ?? call.id, source: toSource((module ?? call).source), change: text };
  });
}

/** A layer as PyTorch would write it: `GroupNorm(32, 64)`. */
const describeLayer = ({ kind, attributes }: { kind: string; attributes: object }): string =>
  `${kind}(${Object.values(attributes)
    .map((value) => (Array.isArray(value) ? value.join(', ') : String(value)))
    .join(', ')})`;

const bestOther = (others: readonly Variant[], verdict: BatchVerdict): Variant | undefined =>
  others
    .filter((variant) => verdict.admissible || !usesBatchNorm(variant))
    .reduce<Variant | undefined>((a, b) => (a && a.score <= b.score ? a : b), undefined);

type Reason = Recommendation['reasons'][number];
const HERE = 'measured here, on synthetic data';

const scoreEvidence = (variant: Variant): Evidence => ({
  quantity: `evaluation loss, ${variant.candidate.label}`,
  value: figure(variant.score),
  unit: 'loss',
});

function lossReason(
  chosen: Variant,
  current: Variant,
  keep: boolean,
  plan: VariantPlan,
  rival: Variant | undefined,
): Reason[] {
  const settings = { steps: plan.steps, seeds: plan.seeds.length, band: percent(BAND) };
  if (keep) {
    if (!rival) return [];
    return [
      {
        message: message(
          'reason-no-difference',
          'After {steps} steps, each variant at its best learning rate, the evaluation loss is {loss} as it is and {other} with the best other ({label}): no difference that holds in all of {seeds} seeds and exceeds {band} of the loss at the start.',
          { ...settings, loss: inWords(current.score), other: inWords(rival.score), label: rival.candidate.label },
        ),
        evidence: [scoreEvidence(current), scoreEvidence(rival)],
        source: HERE,
      },
    ];
  }
  return [
    {
      message: message(
        'reason-loss',
        'After {steps} steps, each variant at its best learning rate, the evaluation loss is {loss} with {label} and {other} as it is (median of {seeds} seeds).',
        { ...settings, loss: inWords(chosen.score), label: chosen.candidate.label, other: inWords(current.score) },
      ),
      evidence: [scoreEvidence(chosen), scoreEvidence(current)],
      source: HERE,
    },
  ];
}

function gradientReason(chosen: Variant, current: Variant, keep: boolean): Reason[] {
  const evidence = (variant: Variant): Evidence => ({
    quantity: `output gradient RMS, first layer over last, ${variant.candidate.label}`,
    value: figure(variant.gradientRatio),
    unit: 'ratio',
  });
  if (keep) {
    return [
      {
        message: message(
          gradientInOrder(current) ? 'reason-gradient-fine' : 'reason-gradient-unmended',
          gradientInOrder(current)
            ? 'The gradient reaches the first layer: there it is {ratio} times that at the last.'
            : 'The gradient at the first layer is {ratio} times that at the last, and no variant tried here mends that.',
          { ratio: inWords(current.gradientRatio) },
        ),
        evidence: [evidence(current)],
        source: HERE,
      },
    ];
  }
  return [
    {
      message: message(
        'reason-gradient',
        'The gradient at the first layer is {ratio} times that at the last with {label}, and {other} times as it is.',
        {
          ratio: inWords(chosen.gradientRatio),
          label: chosen.candidate.label,
          other: inWords(current.gradientRatio),
        },
      ),
      evidence: [evidence(chosen), evidence(current)],
      source: HERE,
    },
  ];
}

function batchReasons(
  verdict: BatchVerdict,
  noise: SiteNoise | undefined,
  family: Family,
  chosen: Variant,
  current: Variant,
): Reason[] {
  const reasons: Reason[] = [];
  if (noise) {
    reasons.push({
      message: message(
        'reason-batch-noise',
        "At batch {batch} BatchNorm's own variance scatters by {spread} from batch to batch at its noisiest place ({site}); {verdict}",
        {
          batch: verdict.batch,
          spread: percent(noise.variance),
          site: noise.call.replace('+norm', ''),
          verdict: verdict.admissible
            ? 'that is little enough.'
            : 'that is too much, or the batch too small, for BatchNorm.',
        },
      ),
      evidence: [
        {
          quantity: 'spread of the batch variance',
          value: figure(noise.variance),
          unit: 'of the variance',
          threshold: MOST_NOISE,
          thresholdSource: 'NormScope: independent values of a batch of 8 scatter by √(2/7) = 53 %',
        },
      ],
      source: HERE,
    });
  }
  const concerned = usesBatchNorm(chosen) || usesBatchNorm(current) || !verdict.admissible;
  if (concerned && family !== 'sequence') {
    const row = publishedAt(verdict.batch);
    reasons.push({
      message: message(
        'reason-published-batch',
        'Published, ResNet-50 on ImageNet: at {batch} images a device BatchNorm errs in {bn} % and GroupNorm in {gn} % of cases{scope}.',
        {
          batch: row.batch,
          bn: row.BatchNorm,
          gn: row.GroupNorm,
          scope: family === 'image' ? '' : ' (images; taken as a hint for other data)',
        },
      ),
      evidence: [
        { quantity: 'validation error with BatchNorm', value: row.BatchNorm, unit: '%' },
        { quantity: 'validation error with GroupNorm', value: row.GroupNorm, unit: '%' },
      ],
      source: WU_HE_SOURCE,
    });
  }
  return reasons;
}

/** Everything that was not chosen, with its figures or with why it was not tried. */
function alternatives(
  all: readonly Candidate[],
  variants: readonly Variant[],
  chosen: Variant,
  verdict: BatchVerdict,
  plan: VariantPlan,
): Alternative[] {
  const trained = variants
    .filter((variant) => variant !== chosen)
    .map((variant): Alternative => {
      const { norm, groups, label } = variant.candidate;
      const refused = usesBatchNorm(variant) && !verdict.admissible;
      return {
        norm,
        groups,
        label,
        tried: true,
        reason: refused
          ? message('alternative-refused-batch', 'Not at batch {batch}: its statistics are too noisy.', {
              batch: verdict.batch,
            })
          : message('alternative-loss', 'Evaluation loss {loss} after {steps} steps; first-to-last gradient {ratio}.', {
              loss: inWords(variant.score),
              steps: plan.steps,
              ratio: inWords(variant.gradientRatio),
            }),
        evidence: [scoreEvidence(variant)],
        losses: medianLosses(variant.runs),
        learningRate: variant.learningRate,
      };
    });
  const untried = all.flatMap(({ norm, label, impossible }): Alternative[] =>
    impossible
      ? [
          {
            norm,
            groups: null,
            label,
            tried: false,
            reason: impossible,
            evidence: [],
            losses: null,
            learningRate: null,
          },
        ]
      : [],
  );
  return [...trained, ...untried];
}

const medianLosses = (runs: readonly Measurements[]) =>
  (runs[0]?.losses ?? []).map((_, step) => figure(median(runs.map((run) => run.losses[step]!))));

function wouldChange(
  verdict: BatchVerdict,
  family: Family,
  choseBatchNorm: boolean,
  sites: readonly Site[],
): Message[] {
  if (family === 'sequence') return [];
  const small = family === 'image' ? 'GroupNorm' : 'LayerNorm';
  if (choseBatchNorm) {
    return [
      message('would-change-smaller-batch', 'Below {batch} samples a device: {norm}.', {
        batch: LEAST_BATCH,
        norm: small,
      }),
    ];
  }
  if (verdict.admissible || sites.length === 0) return [];
  return [
    message('would-change-larger-batch', 'At {batch} samples a device or more: BatchNorm.', { batch: 2 * LEAST_BATCH }),
  ];
}
