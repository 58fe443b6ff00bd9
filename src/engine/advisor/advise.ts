import { message, type Network, type Span } from '../network';
import { median, type SampleMoments } from '../probe';
import type { Recommendation, ReportSource } from '../report';
import type { Runtime } from '../runtime';
import { type Advice, actionOf, editable } from './advice';
import { alternatives, medianLosses } from './alternatives';
import { worstNoise } from './batchNoise';
import type { Candidate } from './candidates';
import { conclude } from './conclude';
import { decide, judgeBatch } from './decide';
import { describeSites } from './describeSites';
import { noiseReport } from './noiseReport';
import { placed } from './placement';
import { sitePlans } from './places';
import { priorOf } from './prior';
import { publishedErrors } from './published';
import { reasonsFor } from './reasons';
import { forbidsBatchStatistics, OVER_BATCH } from './refusals';
import { fittedTo, select, withReasons } from './selection';
import { familyOf } from './sites';
import { type Begin, trainVariants } from './trainVariants';
import {
  type AlreadyMeasured,
  trainingRuns,
  untrainedMoments,
  usesBatchNorm,
  type Variant,
  type VariantPlan,
} from './variant';
import { reachOf, variantFigures } from './variantFigures';
import { VariantTraining } from './variantTraining';
import { ASKED_BATCHES, wouldChange } from './wouldChange';

/** What the advisor works with. */
export interface AdviceRequest {
  readonly network: Network;
  /** What is trained for it: itself, or the same with fewer channels. */
  readonly trained: Network;
  readonly plan: VariantPlan;
  readonly runtime: Runtime;
  /** How many variants the memory allows at a time. */
  readonly atOnce: number;
  /**
   * Trainings of the network as it is, at the variants' batch and steps, which may still run; absent where there are none at
   * that batch.
   */
  readonly measured?: Pick<AlreadyMeasured, 'probe'> & { readonly runs: Promise<AlreadyMeasured['runs']> };
  readonly signal?: AbortSignal;
  readonly toSource: (span: Span) => ReportSource;
  /** Told after each training run. */
  progress?(done: number, total: number): void;
}

const NO_CHANGES: Advice['changes'] = { recommended: [], alternatives: new Map() };

/** How many variants an analysis of the network trains, itself included: what the plan must pay for. */
export function countVariants(network: Network): number {
  const { sites, trainable } = select(network, judgeBatch(network.batch.size, undefined));
  return sites.length === 0 ? 0 : 1 + trainable.length;
}

/**
 * Trains the network as it is and with each candidate norm, on the same data, seeds and learning rates, and decides by that
 * and by what is published.
 * @throws EngineError, CancelledError as the runtime does.
 */
export async function advise(request: AdviceRequest): Promise<Advice> {
  const { network, plan } = request;
  const selection = select(network, judgeBatch(plan.batch, undefined));
  const { sites, current } = selection;
  if (sites.length === 0)
    return { recommendation: null, noise: { batchNoise: [] }, stepMilliseconds: new Map(), changes: NO_CHANGES };
  const affordable = selection.trainable.slice(0, Math.max(0, plan.variants - 1));
  const tried = [current, ...affordable];
  const total = tried.length * trainingRuns(plan);
  let done = 0;
  const tick = () => {
    done++;
    request.progress?.(done, total);
  };
  const variants = await trainAll(request, tried, tick);
  const [asItIs, ...others] = variants as [Variant, ...Variant[]];

  const moments = await momentsFor(request, variants, selection.candidates);
  const [here] = worstNoise(moments, [plan.batch]);
  const verdict = judgeBatch(plan.batch, here?.variance);
  // The noise may have spoken against the batch.
  const prior = priorOf(network, verdict);
  const initialLoss = median(asItIs.runs.map((run) => run.losses[0]!));
  const decision = decide(asItIs, others, familyOf(network), verdict, initialLoss, prior.order);
  const candidates = withReasons(selection, affordable);
  const concluded = conclude({
    prior,
    current,
    candidates: candidates.filter(({ impossible }) => !impossible),
    refusal: OVER_BATCH.has(current.norm) ? forbidsBatchStatistics(network) : undefined,
    measured: decision,
    variants,
    ownData: plan.own !== undefined,
    verdictOf: (variant) => decision.comparisons.get(variant)?.verdict,
  });
  const { conclusion, reasons: ofPlacement } = placed(concluded, variants, initialLoss);
  const { candidate, variant, keep } = conclusion;
  const changes = keep ? [] : candidate.changes;
  const reach = reachOf(variants);
  const figuresOf = (one: Variant) => variantFigures(one, decision.comparisons.get(one), reach);
  const noiseBy = new Map(worstNoise(moments, ASKED_BATCHES).map(({ batch, variance }) => [batch, variance]));

  const recommendation: Recommendation = {
    action: keep ? 'keep' : actionOf(candidate, current),
    norm: candidate.norm,
    groups: candidate.groups,
    placement: keep ? 'as-is' : candidate.norm === 'none' ? 'none' : (candidate.placement ?? 'before-activation'),
    sites: keep ? [] : describeSites(candidate, network, request.toSource),
    confidence: conclusion.confidence,
    reasons: [
      ...reasonsFor({ conclusion, decision, current: asItIs, plan, verdict, noise: here, prior, network }),
      ...ofPlacement,
    ],
    losses: variant ? medianLosses(variant.runs) : null,
    learningRate: variant?.learningRate ?? null,
    alternatives: alternatives({
      candidates: [current, ...candidates],
      variants,
      conclusion,
      verdict,
      prior,
      trainings: { steps: plan.steps, figuresOf },
    }),
    published: here ? publishedErrors() : null,
    wouldChange: wouldChange(network, conclusion, verdict, (batch) => noiseBy.get(batch)),
    family: prior.family,
    known: prior.practices.map(({ norms, message: said, source }) => ({ norms, message: said, source })),
    ...(conclusion.disagreement && { disagreement: conclusion.disagreement }),
    places: sitePlans(network, changes, request.toSource),
    ...(variant && { figures: figuresOf(variant) }),
    current: figuresOf(asItIs),
    ...(!keep && changes.length === 0 && { noEdit: candidate.untrained ?? NO_EDIT }),
  };
  return {
    recommendation,
    changes: {
      recommended: changes,
      alternatives: editable(affordable),
    },
    stepMilliseconds: new Map(variants.map((one) => [one.candidate.label, one.stepMilliseconds])),
    noise: noiseReport(network, moments, plan.batch, request.toSource),
  };
}

const NO_EDIT = message('no-edit-no-change', 'What is advised is no change of one place: write it by hand.');

/** The same norm at the same sites, for the channels of what is trained. */
const fitted = ({ network, trained }: AdviceRequest, candidate: Candidate): Candidate =>
  trained === network ? candidate : fittedTo(trained, candidate);

/** Trains every candidate, as many at a time as slots and memory allow; results stay in the candidates' order. */
async function trainAll(
  request: AdviceRequest,
  candidates: readonly Candidate[],
  tick: () => void,
): Promise<Variant[]> {
  const { trained, plan, runtime, atOnce, measured, signal } = request;
  const sideBySide = Math.min(runtime.slots, atOnce, candidates.length);
  // Side by side they take a thread each: that wastes least. Memory may allow only some, which then take more.
  const threads = Math.floor(runtime.slots / sideBySide);
  const begin = candidates.map(
    (candidate, index): Begin<Variant> =>
      async () => {
        if (index > 0) return new VariantTraining(trained, fitted(request, candidate), plan, tick);
        const known = measured && { probe: measured.probe, runs: await measured.runs };
        return new VariantTraining(trained, candidate, plan, tick, known);
      },
  );
  // The network as it is may still be measured, so whoever is free first takes the next.
  const behind = measured ? Math.min(1, begin.length - 1) : 0;
  const order = begin.slice(1).toSpliced(behind, 0, begin[0]!);
  const variants = await trainVariants(order, sideBySide, () => runtime.lease(signal, threads));
  const inOrder = [variants[behind]!, ...variants.toSpliced(behind, 1)];
  // What is said of them is said of the network as the file has it.
  return inOrder.map((variant, index) => ({ ...variant, candidate: candidates[index]! }));
}

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
  const candidate =
    measured?.candidate ??
    possible.find(({ norm, impossible, changes }) => norm === 'BatchNorm' && !impossible && changes.length > 0);
  if (!candidate) return [];
  const changed = candidate === variants[0]?.candidate ? candidate : fitted(request, candidate);
  const slot = await runtime.lease(signal);
  try {
    return await untrainedMoments(trained, changed, plan, slot);
  } finally {
    slot.release();
  }
}
