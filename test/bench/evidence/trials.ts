import { decide, judgeBatch } from '../../../src/engine/advisor/decide';
import { familyOf } from '../../../src/engine/advisor/sites';
import type { Variant, VariantPlan } from '../../../src/engine/advisor/variant';
import { VariantTraining } from '../../../src/engine/advisor/variantTraining';
import { applyChanges, type Change } from '../../../src/engine/change';
import type { Network } from '../../../src/engine/network';
import { CompiledProbe, median } from '../../../src/engine/probe';
import type { Slot } from '../../../src/engine/runtime';
import { learningRateOf } from '../../../src/engine/training';

/** Seeds of a trial: what a small network gets. */
export const SEEDS = 6;
/** The least number of seeds that a decision is looked at after. */
const LEAST_SEEDS = 3;
const STEPS = 20;
const SAMPLES = 256;
/** As the probe's plan has them. */
const RATE_FACTORS = [0.1, 0.3, 1, 3] as const;
/** True differences of stated size, in shares of the loss at the start: taken off losses that differ by chance alone. */
export const SHIFTS = [0.05, 0.1, 0.2, 0.4] as const;
/** So far apart that no two trials share a seed. */
const APART = 1000;

/** A network, and another that it is compared with. */
export interface Pair {
  readonly name: string;
  readonly network: Network;
  /** What makes the other; none: the same network with other weights, which differs by chance alone. */
  readonly changes: readonly Change[];
}

/** A pair with both networks' programs, which are the same whatever the seed. */
export interface PreparedPair extends Pair {
  readonly probes: readonly [CompiledProbe, CompiledProbe];
}

export function prepare(pair: Pair): PreparedPair {
  const probe = (network: Network) => new CompiledProbe(network, network.batch.size, STEPS, undefined, SAMPLES);
  return { ...pair, probes: [probe(pair.network), probe(applyChanges(pair.network, pair.changes))] };
}

export interface Trial {
  /** Evaluation losses by seed, each at the learning rate that did best with the first seed. */
  readonly current: readonly number[];
  readonly other: readonly number[];
  /** After how many seeds the advisor declared the other better; absent where it never did. */
  readonly declaredAt?: number;
  /** Whether it declared it better after the first three, and after all. */
  readonly byFew: boolean;
  readonly byAll: boolean;
  /** The same if the other's losses were less by each of `SHIFTS`. */
  readonly shifted: readonly { readonly byFew: boolean; readonly byAll: boolean }[];
}

const lessBy = (variant: Variant, loss: number): Variant => ({
  ...variant,
  scores: variant.scores.map((score) => score - loss),
  score: variant.score - loss,
});

const first = (variant: Variant, seeds: number): Variant => {
  const scores = variant.scores.slice(0, seeds);
  return { ...variant, scores, score: median(scores), runs: variant.runs.slice(0, seeds) };
};

/** Trains both as the advisor does, on tasks and data of the trial's own, and lets it decide after each seed from the third. */
export async function runTrial(slot: Slot, { network, changes, probes }: PreparedPair, trial: number): Promise<Trial> {
  const batch = network.batch.size;
  const rate = learningRateOf(network.optimizer);
  const plan: VariantPlan = {
    batch,
    trainingBatch: batch,
    steps: STEPS,
    seeds: Array.from({ length: SEEDS }, (_, i) => trial * APART + i),
    learningRates: RATE_FACTORS.map((factor) => Number((factor * rate).toPrecision(12))),
    initScales: [],
    evaluated: SAMPLES,
    noiseSamples: SAMPLES,
    variants: 2,
  };
  const train = async (which: 0 | 1, weightOffset: number): Promise<Variant> => {
    const own = which === 0 ? [] : changes;
    const label = which === 0 ? 'as it is' : 'other';
    const candidate = { norm: label, label, groups: null, changes: own };
    const known = { probe: probes[which], runs: [] };
    const training = new VariantTraining(network, candidate, { ...plan, weightOffset }, () => undefined, known);
    while (!training.done) await training.trainNext(slot);
    slot.clear();
    return training.finished();
  };
  const current = await train(0, 0);
  const other = await train(1, changes.length === 0 ? APART / 2 : 0);
  const initialLoss = median(current.runs.map(({ losses }) => losses[0]!));
  const declares = (seeds: number, shift = 0) => {
    const shifted = first(lessBy(other, shift * initialLoss), seeds);
    const verdict = judgeBatch(batch, undefined);
    return !decide(first(current, seeds), [shifted], familyOf(network), verdict, initialLoss).keep;
  };
  const looks = Array.from({ length: SEEDS - LEAST_SEEDS + 1 }, (_, i) => LEAST_SEEDS + i);
  const declaredAt = looks.find((seeds) => declares(seeds));
  return {
    current: current.scores,
    other: other.scores,
    ...(declaredAt !== undefined && { declaredAt }),
    byFew: declares(LEAST_SEEDS),
    byAll: declares(SEEDS),
    shifted: SHIFTS.map((shift) => ({ byFew: declares(LEAST_SEEDS, shift), byAll: declares(SEEDS, shift) })),
  };
}
