import { type Message, message, type Network } from '../network';
import type { Conclusion } from './conclude';
import { type BatchVerdict, judgeBatch } from './decide';
import { firstAnswer } from './firstAnswer';
import { OVER_BATCH } from './refusals';

/** Batch sizes that are asked about. */
export const ASKED_BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

const inWords = (norm: string): string => (norm === 'none' ? 'no norm' : norm);

/**
 * What would make the advice another: the nearest batch below and above at which practice and BatchNorm's own noise there
 * speak for another norm, and what forbids or settles something now. `noiseAt` is the measured noise, where there is any.
 */
export function wouldChange(
  network: Network,
  { candidate, because }: Conclusion,
  verdict: BatchVerdict,
  noiseAt: (batch: number) => number | undefined,
): Message[] {
  const { surroundings } = network;
  if (because === 'tuned')
    return [
      message(
        'would-change-scratch',
        'Trained from scratch, without the weights that come in: another norm may be better.',
      ),
    ];
  if (because === 'refused')
    return [
      message(
        'would-change-forbidden',
        surroundings?.differentialPrivacy
          ? 'Without DP-SGD: norms over the batch are possible too.'
          : 'Without the gradient penalty: norms over the batch are possible too.',
      ),
    ];
  /** What would be advised at a batch: for the network without its own batch's verdict. */
  const adviceAt = (batch: number): string => {
    const then = judgeBatch(batch, noiseAt(batch));
    const { conclusion, prior } = firstAnswer({ ...network, batch: { ...network.batch, size: batch } }, then);
    if (OVER_BATCH.has(candidate.norm) && !prior.against.has(candidate.norm) && then.admissible) return candidate.norm;
    if (OVER_BATCH.has(candidate.norm))
      return prior.order.find((norm) => norm !== 'none' && !OVER_BATCH.has(norm) && !prior.against.has(norm)) ?? 'none';
    // Nothing but habit speaks here: no batch changes that.
    if (prior.weight === 'hint') return candidate.norm;
    return conclusion.candidate.norm;
  };
  const here = adviceAt(verdict.batch);
  const below = ASKED_BATCHES.filter((batch) => batch < verdict.batch).reverse();
  const above = ASKED_BATCHES.filter((batch) => batch > verdict.batch);
  const said: Message[] = [];
  const smaller = below.find((batch) => adviceAt(batch) !== here);
  if (smaller !== undefined)
    said.push(
      message('would-change-smaller-batch', 'At {batch} a device or fewer: {norm}.', {
        batch: smaller,
        norm: inWords(adviceAt(smaller)),
      }),
    );
  const larger = above.find((batch) => adviceAt(batch) !== here);
  if (larger !== undefined)
    said.push(
      message('would-change-larger-batch', 'At {batch} a device or more: {norm}.', {
        batch: larger,
        norm: inWords(adviceAt(larger)),
      }),
    );
  return said;
}
