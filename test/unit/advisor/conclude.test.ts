import assert from 'node:assert/strict';
import type { Candidate } from '../../../src/engine/advisor/candidates';
import { type Conclusion, conclude, type Verdict } from '../../../src/engine/advisor/conclude';
import type { Decision } from '../../../src/engine/advisor/decide';
import type { Prior } from '../../../src/engine/advisor/prior';
import type { Variant } from '../../../src/engine/advisor/variant';
import { message, type Network } from '../../../src/engine/network';
import { networkOf } from '../../measure';

const candidate = (norm: string, label = norm): Candidate => ({
  norm,
  label,
  groups: null,
  changes: [{ operation: 'remove', site: 'x' }],
});
const plain: Network = networkOf({ input: [8], layers: [{ Linear: { out_features: 8 } }, 'ReLU'] });
const variant = (of: Candidate, score: number, gradientRatio = 1): Variant => ({
  candidate: of,
  network: plain,
  runs: [],
  learningRate: 0.1,
  scores: [score],
  sweep: [],
  initScale: [],
  layers: new Map(),
  memoryBytes: 0,
  stepMilliseconds: 1,
  score,
  gradientRatio,
});
const prior = (order: readonly string[], weight: Prior['weight'], more: Partial<Prior> = {}): Prior => ({
  family: { kind: 'image classification', fineTuned: false, because: message('x', 'x') },
  practices: [{ norms: order, against: [], weight, message: message('known-x', 'x'), source: 'a paper' }],
  order,
  first: order[0]!,
  weight,
  against: new Set(),
  ...more,
});

interface Case {
  readonly current: string;
  readonly known: Prior;
  /** The norm that trainings choose; absent: they keep what stands. */
  readonly chosen?: string;
  readonly because?: Decision['because'];
  readonly verdicts?: Readonly<Record<string, Verdict>>;
  readonly scores?: Readonly<Record<string, number>>;
  readonly ownData?: boolean;
  readonly refusal?: boolean;
  readonly ratio?: number;
}

const NORMS = ['BatchNorm', 'LayerNorm', 'GroupNorm', 'none'];

function concluded({
  current,
  known,
  chosen,
  because,
  verdicts = {},
  scores = {},
  ownData = false,
  refusal,
  ratio,
}: Case): Conclusion {
  const stands = candidate(current, 'as it is');
  const candidates = NORMS.filter((norm) => norm !== current).map((norm) => candidate(norm));
  const asItIs = variant(stands, 2, ratio);
  const others = candidates.map((each) => variant(each, scores[each.norm] ?? 2));
  const measured: Decision = {
    chosen: others.find((one) => one.candidate.norm === chosen) ?? asItIs,
    rival: undefined,
    keep: chosen === undefined,
    because: because ?? (chosen === undefined ? 'no-difference' : 'loss'),
    confidence: 'moderate',
    comparisons: new Map(),
  };
  return conclude({
    prior: known,
    current: stands,
    candidates,
    refusal: refusal ? message('norm-not-private', 'x') : undefined,
    measured,
    variants: [asItIs, ...others],
    ownData,
    verdictOf: (one) => verdicts[one.candidate.norm],
  });
}

const answer = (one: Case) => {
  const { candidate: chosen, keep, because, confidence, disagreement } = concluded(one);
  return [keep ? 'keep' : chosen.norm, because, confidence, disagreement?.id];
};

describe('what is known and what was measured, together', () => {
  const batchNorm = prior(NORMS, 'usual');
  const none = prior(['none', 'BatchNorm', 'LayerNorm', 'GroupNorm'], 'decisive');

  it('replaces a norm that the batch rules out, and takes it away only where full trainings speak for that', () => {
    const out = { current: 'BatchNorm', chosen: 'LayerNorm', because: 'batch' } as const;
    const bare = (weight: Prior['weight']) => prior(['none', 'LayerNorm', 'GroupNorm', 'BatchNorm'], weight);
    for (const weight of ['hint', 'usual'] as const) {
      assert.equal(answer({ ...out, known: bare(weight) })[0], 'LayerNorm', weight);
    }
    assert.equal(answer({ ...out, known: bare('decisive') })[0], 'none');
  });

  it('adds what is usual where nothing stands, surely where it was better here too', () => {
    const bare = { current: 'none', known: batchNorm };
    assert.deepEqual(answer({ ...bare, chosen: 'BatchNorm' }), ['BatchNorm', 'practice', 'strong', undefined]);
    assert.deepEqual(answer(bare), ['BatchNorm', 'practice', 'moderate', 'disagreement-silent']);
    assert.deepEqual(answer({ ...bare, chosen: 'GroupNorm' }), [
      'BatchNorm',
      'practice',
      'moderate',
      'disagreement-practice',
    ]);
  });

  it('does not add what went worse, or did not train at all', () => {
    const bare = { current: 'none', known: batchNorm };
    assert.deepEqual(answer({ ...bare, verdicts: { BatchNorm: 'worse' } }), [
      'keep',
      'no-difference',
      'weak',
      'disagreement-harm',
    ]);
    assert.equal(answer({ ...bare, scores: { BatchNorm: Number.POSITIVE_INFINITY } })[0], 'keep');
  });

  it('keeps what stands and is healthy, though another was faster on synthetic data, and follows one’s own data', () => {
    const standing = { current: 'BatchNorm', known: batchNorm, chosen: 'LayerNorm' };
    assert.deepEqual(answer(standing), ['keep', 'practice', 'moderate', 'disagreement-practice']);
    assert.deepEqual(answer({ ...standing, ownData: true }), ['LayerNorm', 'loss', 'weak', 'disagreement-measured']);
    assert.equal(answer({ ...standing, because: 'gradient' })[0], 'LayerNorm');
    assert.equal(answer({ ...standing, ratio: 1e-9 })[0], 'LayerNorm');
  });

  it('follows decisive practice against a short training, and takes away what it speaks against', () => {
    assert.deepEqual(answer({ current: 'none', known: none, chosen: 'BatchNorm' }), [
      'keep',
      'practice',
      'moderate',
      'disagreement-practice',
    ]);
    const against = { ...none, against: new Set(['BatchNorm']) };
    assert.equal(answer({ current: 'BatchNorm', known: against })[0], 'none');
    assert.equal(answer({ current: 'LayerNorm', known: against })[0], 'keep');
  });

  it('lets trainings decide where practice is but a hint', () => {
    const hint = prior(NORMS, 'hint');
    assert.deepEqual(answer({ current: 'none', known: hint }), ['keep', 'no-difference', 'moderate', undefined]);
    assert.deepEqual(answer({ current: 'none', known: hint, chosen: 'LayerNorm' }), [
      'LayerNorm',
      'loss',
      'moderate',
      undefined,
    ]);
  });

  it('replaces what must not be here, by a norm where only habit orders them', () => {
    const order = ['none', 'LayerNorm', 'GroupNorm', 'BatchNorm'];
    for (const [weight, norm] of [
      ['hint', 'LayerNorm'],
      ['decisive', 'none'],
    ] as const) {
      const known = prior(order, weight);
      assert.deepEqual(answer({ current: 'BatchNorm', known, refusal: true }).slice(0, 3), [norm, 'refused', 'strong']);
    }
  });

  it('keeps trained weights whatever else is known', () => {
    const tuned: Prior = { ...batchNorm, family: { ...batchNorm.family, fineTuned: true } };
    assert.deepEqual(answer({ current: 'none', known: tuned, chosen: 'BatchNorm', refusal: true }), [
      'keep',
      'tuned',
      'strong',
      undefined,
    ]);
  });
});
