import { type Message, message } from '../network';
import { inWords } from '../report';
import type { Candidate } from './candidates';
import { type Decision, gradientInOrder } from './decide';
import type { Prior } from './prior';
import { usesBatchNorm, type Variant } from './variant';

/** What is advised, and on what it rests. */
export interface Conclusion {
  readonly candidate: Candidate;
  /** Its trainings, where it was trained. */
  readonly variant: Variant | undefined;
  readonly keep: boolean;
  /** `practice`: published practice decides; `refused`: what stands must not be here; `tuned`: trained weights come in. */
  readonly because: Decision['because'] | 'practice' | 'refused' | 'tuned';
  readonly confidence: 'strong' | 'moderate' | 'weak';
  /** Where what was measured here and what is known elsewhere disagree, and which was followed. */
  readonly disagreement?: Message;
}

export interface Evidence {
  readonly prior: Prior;
  readonly current: Candidate;
  /** Every other candidate that is possible, tried or not. */
  readonly candidates: readonly Candidate[];
  /** Why the network's own norm must not be here, whatever the batch: a gradient penalty, DP-SGD. */
  readonly refusal: Message | undefined;
  /** What the trainings say; undefined where none were made. */
  readonly measured: Decision | undefined;
  readonly variants: readonly Variant[];
  /** Whether the trainings were on the person's own data: what they show is then more than that it can learn. */
  readonly ownData: boolean;
  /** How a variant's losses compare with those of the network as it is; undefined where it was not trained. */
  verdictOf(variant: Variant): Verdict | undefined;
}

/** How a variant's losses compare with those of the network as it is. */
export type Verdict = 'better' | 'worse' | 'equal' | 'unclear';

/**
 * Brings together what is known and what was measured. Known practice of the kind `decisive` is followed, as no short
 * probe on synthetic data shows what full trainings did; the kind `usual` is followed where nothing stands, unless
 * training with it does clear harm, and where what stands is usual and healthy; a `hint` only orders what training found equal. Networks that begin with trained
 * weights stay as they are.
 */
export function conclude(evidence: Evidence): Conclusion {
  const { prior, current, candidates, refusal, measured, variants } = evidence;
  const trained = (candidate: Candidate): Variant | undefined =>
    variants.find((variant) => variant.candidate.label === candidate.label);
  const kept = (because: Conclusion['because'], confidence: Conclusion['confidence']): Conclusion => ({
    candidate: current,
    variant: trained(current),
    keep: true,
    because,
    confidence,
  });
  if (prior.family.fineTuned) return kept('tuned', 'strong');

  const usable = candidates.filter(({ placement }) => placement === undefined);
  const named = (norm: string): Candidate | undefined => usable.find((candidate) => candidate.norm === norm);
  /** The first of the usual norms that training, if there was any, did not lose. */
  const usual = prior.order
    .filter((norm) => norm !== current.norm && !prior.against.has(norm))
    // A norm that must go is replaced, and not taken away, unless full trainings of such networks speak for that.
    .filter((norm) => norm !== 'none' || prior.weight === 'decisive')
    .flatMap((norm) => named(norm) ?? [])
    .find((candidate) => Number.isFinite(trained(candidate)?.score ?? 0));
  const change = (
    candidate: Candidate,
    because: Conclusion['because'],
    confidence: Conclusion['confidence'],
  ): Conclusion => ({ candidate, variant: trained(candidate), keep: false, because, confidence });

  if (refusal && usual) return change(usual, 'refused', 'strong');
  if (measured?.because === 'batch') {
    const chosen = usual && prior.weight !== 'hint' && prior.order.indexOf(usual.norm) === 0 ? usual : undefined;
    return chosen ? change(chosen, 'batch', measured.confidence) : fromTraining(measured);
  }
  const against = prior.against.has(current.norm);
  const adds = current.norm === 'none' && prior.first !== 'none' && prior.weight !== 'hint';
  const target = against || adds ? (named(prior.first) ?? usual) : undefined;
  const result = trained(target ?? current);
  const verdict = target && result && evidence.verdictOf(result);

  if (target && prior.first === target.norm) {
    const lost = result !== undefined && !Number.isFinite(result.score);
    const harms = verdict === 'worse' && prior.weight !== 'decisive';
    if (!lost && !harms) {
      const better = verdict === 'better' || (measured !== undefined && !measured.keep && measured.chosen === result);
      const confidence = better ? 'strong' : verdict === 'worse' ? 'weak' : 'moderate';
      return withDisagreement(change(target, 'practice', confidence), measured, prior);
    }
    const other = measured && !measured.keep ? fromTraining(measured) : kept('no-difference', 'weak');
    return { ...other, confidence: 'weak', disagreement: harm(target) };
  }
  if (measured && !measured.keep) {
    const followed = measured.chosen.candidate;
    // A healthy network that stands as such networks do is not changed for a few faster steps on synthetic data.
    const faster = measured.because === 'loss' && !evidence.ownData && prior.weight === 'usual';
    const healthy = result !== undefined && gradientInOrder(result) && prior.first === current.norm;
    const settled = (prior.weight === 'decisive' || (faster && healthy)) && !against;
    if (!settled && !prior.against.has(followed.norm)) {
      const agrees = followed.norm === prior.first;
      const found = fromTraining(measured);
      return agrees || prior.weight === 'hint'
        ? found
        : withDisagreement({ ...found, confidence: weaker(found.confidence) }, measured, prior);
    }
    return withDisagreement(kept('practice', 'moderate'), measured, prior);
  }
  if (measured?.because === 'diverged') return fromTraining(measured);
  const agrees = prior.order[0] === current.norm && prior.weight !== 'hint';
  return kept(
    agrees ? 'practice' : 'no-difference',
    agrees && measured ? 'strong' : (measured?.confidence ?? 'moderate'),
  );
}

const fromTraining = ({ chosen, keep, because, confidence }: Decision): Conclusion => ({
  candidate: chosen.candidate,
  variant: chosen,
  keep,
  because,
  confidence,
});

const weaker = (confidence: Conclusion['confidence']): Conclusion['confidence'] =>
  confidence === 'strong' ? 'moderate' : 'weak';

const harm = ({ label }: Candidate): Message =>
  message(
    'disagreement-harm',
    'Published practice is {label}, and training with it here went worse: what was measured was followed.',
    { label },
  );

/** Says where training pointed elsewhere than published practice does. */
function withDisagreement(conclusion: Conclusion, measured: Decision | undefined, prior: Prior): Conclusion {
  if (!measured || prior.practices.length === 0) return conclusion;
  const { candidate } = conclusion;
  if (conclusion.because !== 'practice') {
    if (candidate.norm === prior.first) return conclusion;
    const usual = prior.first === 'none' ? 'no norm' : prior.first;
    return {
      ...conclusion,
      disagreement: message(
        'disagreement-measured',
        'Measured here, {label} is better; published practice is {usual}. What was measured was followed.',
        { label: candidate.label, usual },
      ),
    };
  }
  const pointed = measured.keep ? undefined : measured.chosen;
  if (pointed && pointed.candidate.norm !== candidate.norm) {
    return {
      ...conclusion,
      disagreement: message(
        'disagreement-practice',
        'In a short training here {other} did best ({loss}); published practice of such networks is {label}, over full trainings, and was followed.',
        {
          other: pointed.candidate.label,
          loss: inWords(pointed.score),
          label:
            candidate.norm === 'none' ? 'no norm' : candidate.label === 'as it is' ? candidate.norm : candidate.label,
        },
      ),
    };
  }
  if (!conclusion.keep && measured.keep && conclusion.variant && conclusion.because === 'practice') {
    return {
      ...conclusion,
      disagreement: message(
        'disagreement-silent',
        'A short training here shows no difference; published practice of such networks, over full trainings, is {label}, and was followed.',
        { label: candidate.label },
      ),
    };
  }
  return conclusion;
}

/** Whether what is advised takes statistics over the batch. */
export const advisesBatchNorm = ({ candidate, variant }: Conclusion): boolean =>
  variant ? usesBatchNorm(variant) : /^(BatchNorm|SyncBatchNorm|BatchRenorm)$/.test(candidate.norm);
