import type { Change } from '../change';
import { findLayer } from '../layers';
import { type Attributes, message, type Network, type Span } from '../network';
import { median, type SampleMoments } from '../probe';
import type { Recommendation, ReportSource } from '../report';
import type { Runtime } from '../runtime';
import { alternatives, medianLosses, wouldChange } from './alternatives';
import { worstNoise } from './batchNoise';
import { type Candidate, candidatesFor } from './candidates';
import { decide, judgeBatch, preferenceOrder } from './decide';
import { taskFamily } from './family';
import { type NoiseReport, noiseReport } from './noiseReport';
import { sitePlans } from './places';
import { practicesFor, publishedErrors } from './published';
import { reasonsFor } from './reasons';
import { familyOf, findSites, type Site } from './sites';
import { traitsOf } from './traits';
import {
  type AlreadyMeasured,
  trainingRuns,
  trainVariant,
  untrainedMoments,
  usesBatchNorm,
  type Variant,
  type VariantPlan,
} from './variant';
import { reachOf, variantFigures } from './variantFigures';

/** What the advisor works with. */
export interface AdviceRequest {
  readonly network: Network;
  /** What is trained for it: itself, or the same with fewer channels. */
  readonly trained: Network;
  readonly plan: VariantPlan;
  readonly runtime: Runtime;
  /** How many variants the memory allows at a time. */
  readonly atOnce: number;
  /** Trainings of the network as it is, at the variants' batch and steps; absent where there are none at that batch. */
  readonly measured?: AlreadyMeasured;
  readonly signal?: AbortSignal;
  readonly toSource: (span: Span) => ReportSource;
  /** Told after each training run. */
  progress?(done: number, total: number): void;
}

export interface Advice {
  /** null where the network has no place for a norm. */
  readonly recommendation: Recommendation | null;
  readonly noise: NoiseReport;
  /** What a training step took, by the variant's label: for `timings`. */
  readonly stepMilliseconds: ReadonlyMap<string, number>;
  /** What is to be changed for the recommendation, and for each candidate that was tried, by its label. */
  readonly changes: {
    readonly recommended: readonly Change[];
    readonly alternatives: ReadonlyMap<string, readonly Change[]>;
  };
}

const NO_CHANGES: Advice['changes'] = { recommended: [], alternatives: new Map() };

/** How many variants an analysis of the network trains, itself included: what the plan must pay for. */
export function countVariants(network: Network): number {
  const sites = findSites(network);
  return sites.length === 0 ? 0 : 1 + tried(network, sites).length;
}

/** The candidates to train: possible ones that are not the network as it is, with the changes that change something. */
const tried = (network: Network, sites: readonly Site[]): Candidate[] =>
  candidatesFor(sites, familyOf(network))
    .map((candidate) => ({
      ...candidate,
      changes: candidate.changes.filter((change) => !standsAlready(change, network)),
    }))
    .filter(({ changes }) => changes.length > 0);

const NOT_TRIED = message('norm-not-tried', 'Not tried: the time allowed for fewer variants.');

const isNormOf =
  ({ norm }: Candidate) =>
  (other: Candidate): boolean =>
    other.norm === norm;

/** So many candidates, the most usual norms first to stay; in their own order. */
function mostUsual(candidates: readonly Candidate[], most: number, order: readonly string[]): readonly Candidate[] {
  const rank = ({ norm }: Candidate) => (order.includes(norm) ? order.indexOf(norm) : order.length);
  const stay = new Set([...candidates].sort((a, b) => rank(a) - rank(b)).slice(0, most));
  return candidates.filter((candidate) => stay.has(candidate));
}

/** A norm's kind as reports name it: without its dimension, Keras's by PyTorch's name. On one device SyncBatchNorm is BatchNorm. */
const normName = (kind: string): string =>
  kind
    .replace(/\dd$/, '')
    .replace(/^Sync(?=BatchNorm$)/, '')
    .replace(/^Keras(\w+)Normalization$/, '$1Norm');

/** Whether a change would put what stands there already. */
function standsAlready(change: Change, network: Network): boolean {
  if (change.operation !== 'replace') return false;
  const call = network.calls.find(({ id }) => id === change.site);
  return (
    call !== undefined &&
    normName(call.kind) === normName(change.layer.kind) &&
    Object.entries(change.layer.attributes).every(
      ([name, value]) => JSON.stringify(call.attributes[name]) === JSON.stringify(value),
    )
  );
}

/** The norm that a network has, by PyTorch's name without its dimension; the commonest where there are several. */
function normOf(network: Network, sites: readonly Site[]): { norm: string; groups: number | null } {
  const counts = new Map<string, number>();
  for (const { call, existing } of sites) {
    if (!existing) continue;
    const norm = normName(call.kind);
    counts.set(norm, (counts.get(norm) ?? 0) + 1);
  }
  const norm = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
  const standing = network.calls.find(({ kind }) => normName(kind) === 'GroupNorm')?.attributes;
  const groups = standing?.num_groups ?? standing?.groups;
  return { norm, groups: norm === 'GroupNorm' && typeof groups === 'number' ? groups : null };
}

/**
 * Trains the network as it is and with each candidate norm, on the same data, seeds and learning rates, and decides.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function advise(request: AdviceRequest): Promise<Advice> {
  const { network, plan } = request;
  const sites = findSites(network);
  if (sites.length === 0)
    return { recommendation: null, noise: { batchNoise: [] }, stepMilliseconds: new Map(), changes: NO_CHANGES };
  const family = familyOf(network);
  const current: Candidate = { ...normOf(network, sites), label: 'as it is', changes: [] };
  const possible = tried(network, sites);
  const verdictBefore = judgeBatch(plan.batch, undefined);
  const affordable = mostUsual(possible, plan.variants - 1, preferenceOrder(family, verdictBefore));
  const all = candidatesFor(sites, family).map((candidate) =>
    possible.some(isNormOf(candidate)) && !affordable.some(isNormOf(candidate))
      ? { ...candidate, impossible: NOT_TRIED }
      : candidate,
  );
  const candidates = [current, ...affordable];
  const total = candidates.length * trainingRuns(plan);
  let done = 0;
  const tick = () => {
    done++;
    request.progress?.(done, total);
  };
  const variants = await trainAll(request, candidates, tick);
  const [asItIs, ...others] = variants as [Variant, ...Variant[]];

  const moments = await momentsFor(request, variants, possible);
  const [here] = worstNoise(moments, [plan.batch]);
  const verdict = judgeBatch(plan.batch, here?.variance);
  const initialLoss = median(asItIs.runs.map((run) => run.losses[0]!));
  const decision = decide(asItIs, others, family, verdict, initialLoss);
  const { chosen } = decision;
  const task = taskFamily(network);
  const practices = practicesFor({
    family: task,
    traits: traitsOf(network),
    batch: plan.batch,
    ample: verdict.admissible,
    devices: network.surroundings?.distribution !== undefined,
  });
  const reach = reachOf(variants);
  const figuresOf = (variant: Variant) => variantFigures(variant, decision.comparisons.get(variant), reach);

  const recommendation: Recommendation = {
    action: decision.keep ? 'keep' : actionOf(chosen.candidate),
    norm: chosen.candidate.norm,
    groups: chosen.candidate.groups,
    placement: decision.keep ? 'as-is' : chosen.candidate.norm === 'none' ? 'none' : 'before-activation',
    sites: decision.keep ? [] : describeSites(chosen.candidate, network, request.toSource),
    confidence: decision.confidence,
    reasons: reasonsFor(decision, asItIs, plan, verdict, here, family, practices),
    losses: medianLosses(chosen.runs),
    learningRate: chosen.learningRate,
    alternatives: alternatives(all, variants, chosen, verdict, plan, figuresOf),
    published: here ? publishedErrors() : null,
    wouldChange: wouldChange(verdict, family, usesBatchNorm(chosen), sites),
    family: task,
    known: practices.map(({ norms, message: said, source }) => ({ norms, message: said, source })),
    places: sitePlans(network, decision.keep ? [] : chosen.candidate.changes, request.toSource),
    figures: figuresOf(chosen),
    current: figuresOf(asItIs),
  };
  return {
    recommendation,
    changes: {
      recommended: decision.keep ? [] : chosen.candidate.changes,
      alternatives: new Map(possible.map(({ label, changes }) => [label, changes])),
    },
    stepMilliseconds: new Map(variants.map(({ candidate, stepMilliseconds }) => [candidate.label, stepMilliseconds])),
    noise: noiseReport(network, moments, plan.batch, request.toSource),
  };
}

/** The same norm at the same sites, for the channels of what is trained. */
function fitted({ network, trained }: AdviceRequest, candidate: Candidate): Candidate {
  if (trained === network) return candidate;
  const own = candidatesFor(findSites(trained), familyOf(trained)).find(isNormOf(candidate));
  return { ...candidate, changes: (own?.changes ?? []).filter((change) => !standsAlready(change, trained)) };
}

/** Trains every candidate, as many at a time as slots and memory allow; results stay in the candidates' order. */
async function trainAll(
  request: AdviceRequest,
  candidates: readonly Candidate[],
  tick: () => void,
): Promise<Variant[]> {
  const { trained, plan, runtime, atOnce, measured, signal } = request;
  const waiting = candidates.map((candidate, index) => ({ candidate, index }));
  const variants: Variant[] = [];
  const sideBySide = Math.min(runtime.slots, atOnce, candidates.length);
  // Side by side they take a thread each: that wastes least. Memory may allow only some, which then take more.
  const threads = Math.floor(runtime.slots / sideBySide);
  const work = async () => {
    const slot = await runtime.lease(signal, threads);
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { candidate, index } = next;
        const asItIs = index === 0;
        const fit = asItIs ? candidate : fitted(request, candidate);
        const variant = await trainVariant(trained, fit, plan, slot, tick, asItIs ? measured : undefined);
        // What is said of it is said of the network as the file has it.
        variants[index] = { ...variant, candidate };
      }
    } catch (error) {
      // The advice has failed: the other slots finish what they are at, and begin nothing more.
      waiting.length = 0;
      throw error;
    } finally {
      slot.release();
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return variants;
}

const actionOf = (candidate: Candidate): Recommendation['action'] => {
  if (candidate.norm === 'none') return 'remove';
  return candidate.changes.some(({ operation }) => operation === 'replace') ? 'replace' : 'add';
};

/**
 * What batch norms see: in the network itself, or in the network with them, trained or not; nothing where none can be.
 * @throws EngineError, CancelledError as the runtime does.
 */
async function momentsFor(
  request: AdviceRequest,
  variants: readonly Variant[],
  possible: readonly Candidate[],
): Promise<readonly SampleMoments[]> {
  const { trained, plan, runtime, signal } = request;
  const measured = variants.find((variant) => usesBatchNorm(variant));
  if (measured && plan.noiseSamples <= plan.evaluated) return measured.runs[0]?.initial?.moments ?? [];
  const candidate = measured?.candidate ?? possible.find(({ norm }) => norm === 'BatchNorm');
  if (!candidate) return [];
  const changed = candidate === variants[0]?.candidate ? candidate : fitted(request, candidate);
  const slot = await runtime.lease(signal);
  try {
    return await untrainedMoments(trained, changed, plan, slot);
  } finally {
    slot.release();
  }
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
      set: 'change its attributes',
    }[change.operation];
    return { layer: call.module ?? call.id, source: toSource((module ?? call).source), change: text };
  });
}

/** Keras's sizes come of its input: what is said is what differs from its defaults. */
function describeKerasLayer(kind: string, attributes: Attributes): string {
  const row = findLayer(kind)!;
  const said = Object.entries(attributes).flatMap(([name, value]) => {
    const attribute = row.attributes[name];
    const usual = attribute?.inferred || JSON.stringify(attribute?.fallback) === JSON.stringify(value);
    return usual ? [] : [`${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`];
  });
  return `${kind.replace(/^Keras/, '')}(${said.join(', ')})`;
}

/** A layer as its framework would write it: `GroupNorm(32, 64)`, `GroupNormalization(groups=8)`. */
const describeLayer = ({ kind, attributes }: { kind: string; attributes: Attributes }): string =>
  findLayer(kind)?.library === 'keras'
    ? describeKerasLayer(kind, attributes)
    : `${kind}(${Object.values(attributes)
        .map((value) => (Array.isArray(value) ? value.join(', ') : String(value)))
        .join(', ')})`;
