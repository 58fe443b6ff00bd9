import { message, type Network, type Span } from '../network';
import type { Recommendation, ReportSource } from '../report';
import { type Advice, actionOf, editable } from './advice';
import { alternatives } from './alternatives';
import { conclude } from './conclude';
import { judgeBatch } from './decide';
import { describeSites } from './describeSites';
import type { NoiseReport } from './noiseReport';
import { sitePlans } from './places';
import { priorOf } from './prior';
import { publishedErrors } from './published';
import { forbidsBatchStatistics, OVER_BATCH } from './refusals';
import { select, withReasons } from './selection';
import { fixedNorms } from './sites';
import { wouldChange } from './wouldChange';

/** Noise of BatchNorm's variance at a batch, where it was measured. */
const spreadAt = ({ batchNoise }: NoiseReport, batch: number): number | undefined => {
  const variance = batchNoise.find((row) => row.batch === batch)?.variance;
  return variance === undefined ? undefined : Number(variance);
};

const OUT_OF_TIME = message(
  'reason-untrained',
  'No variant was trained in the time that there is: practice, the structure and the batch speak alone.',
);
const FIXED = message(
  'reason-fixed',
  'Its norms are functions, written by hand or steered from elsewhere: no other could be tried in their place, so practice speaks alone.',
);

/**
 * Advice where no variant could be trained: in the time that there is, or because every norm is one that no other can stand
 * in place of. By the structure, the batch with what noise was measured, and published practice. It is never sure of more
 * than a rule settles. Undefined where there is no place for a norm.
 */
export function adviseUntrained(
  network: Network,
  noise: NoiseReport,
  toSource: (span: Span) => ReportSource,
): Advice | undefined {
  const batch = network.batch.size;
  const verdict = judgeBatch(batch, spreadAt(noise, batch));
  const selection = select(network, verdict);
  const { sites, current } = selection;
  const fixed = sites.length === 0;
  if (fixed && fixedNorms(network).length === 0) return undefined;
  const prior = priorOf(network, verdict);
  const candidates = withReasons(selection, []);
  const refusal = OVER_BATCH.has(current.norm) ? forbidsBatchStatistics(network) : undefined;
  const conclusion = conclude({
    prior,
    current,
    candidates: candidates.filter(({ impossible }) => !impossible),
    refusal,
    measured: undefined,
    variants: [],
    ownData: false,
    verdictOf: () => undefined,
  });
  const { candidate, keep, because } = conclusion;
  const usual = prior.practices.some(({ norms, weight }) => weight !== 'hint' && norms.includes(current.norm));
  const changes = keep ? [] : candidate.changes;
  const untried = message('norm-not-tried', 'Not tried: the time allowed for fewer variants.');
  const recommendation: Recommendation = {
    action: keep ? 'keep' : actionOf(candidate, current),
    norm: candidate.norm,
    groups: candidate.groups,
    placement: keep ? 'as-is' : candidate.norm === 'none' ? 'none' : 'before-activation',
    sites: keep ? [] : describeSites(candidate, network, toSource),
    confidence: fixed && usual ? 'moderate' : because === 'no-difference' ? 'weak' : conclusion.confidence,
    reasons: [
      ...(refusal ? [{ message: refusal, evidence: [], source: 'the file that was read' }] : []),
      ...prior.practices
        .slice(0, 2)
        .map((practice) => ({ message: practice.message, evidence: [], source: practice.source })),
      { message: fixed ? FIXED : OUT_OF_TIME, evidence: [], source: 'this analysis' },
    ],
    losses: null,
    learningRate: null,
    alternatives: alternatives({
      candidates: [{ ...current, untrained: untried }, ...candidates],
      variants: [],
      conclusion,
      verdict,
      prior,
    }),
    published: OVER_BATCH.has(current.norm) || OVER_BATCH.has(candidate.norm) ? publishedErrors() : null,
    wouldChange: wouldChange(network, conclusion, verdict, (size) => spreadAt(noise, size)),
    family: prior.family,
    known: prior.practices.map(({ norms, message: said, source }) => ({ norms, message: said, source })),
    places: sitePlans(network, changes, toSource),
    ...(!keep && changes.length === 0 && candidate.untrained && { noEdit: candidate.untrained }),
  };
  return {
    recommendation,
    noise,
    changes: { recommended: changes, alternatives: editable(candidates) },
    stepMilliseconds: new Map(),
  };
}
