import { message } from '../network';
import { median } from '../probe';
import { type Evidence, inWords } from '../report';
import { type Found, type Rule, symptom } from './rule';
import { isStated } from './structure/kinds';

/** A first step that changes the weights by this part of their size. */
const LARGE = 0.3;
/** No step changes any layer's weights by more than this part. */
const SMALL = 1e-6;
/** What a new rate aims at. */
const USUAL = 0.02;
const LARGE_SOURCE =
  'NormScope: an MLP with Adam reached a loss of 0.008 in 100 steps at a ratio of 0.05, 0.09 at 0.19, and 0.3 to 1.8 from 0.37 on; DeepDiagnosis (Wardat et al. 2022) warns at 0.1, which wide layers with Adam pass in health';
const SMALL_SOURCE =
  'NormScope: a million steps to change the weights by their own size, and near float32’s rounding (6e-8), below which nothing changes; DeepDiagnosis warns at 1e-5, which fine-tuning passes';

/** Rounded down to 1 or 3 times a power of ten. */
function roundRate(rate: number): number {
  const power = 10 ** Math.floor(Math.log10(rate));
  return Number(((rate >= 3 * power ? 3 : 1) * power).toPrecision(1));
}

/** Steps that are as large as the weights that they change, or next to nothing beside them. */
export const updateToWeightRatio: Rule = {
  id: 'update-to-weight-ratio',
  finds:
    'a stated learning rate whose steps change the weights by nearly a third of their size, or by less than a millionth',
  check: (measured): readonly Found[] => {
    const { network, layers } = measured;
    const { optimizer, surroundings } = network;
    if (!isStated(optimizer.origin)) return [];
    // Weights that start at zero have no size of their own yet.
    const seen = [...layers.values()].flatMap(({ id, role, updateRatio, history }) =>
      role === 'affine' && updateRatio !== undefined && Number.isFinite(updateRatio)
        ? [{ id, first: updateRatio, most: Math.max(...(history.updateRatio ?? [updateRatio])) }]
        : [],
    );
    if (seen.length === 0) return [];
    const typical = median(seen.map(({ first }) => first));
    const most = Math.max(...seen.map((one) => one.most));
    const rate = measured.runs[0]?.learningRate ?? Number.NaN;
    const large = typical > LARGE && surroundings?.schedule?.value.warmup !== true;
    const small = most < SMALL && most > 0 && rate > 0;
    if (!large && !small) return [];
    const value = large ? typical : most;
    const suggestion = roundRate((rate * USUAL) / value);
    const worst = seen.reduce((a, b) => ((large ? b.first > a.first : b.most > a.most) ? b : a));
    const evidence: Evidence[] = [
      {
        quantity: large ? 'first update over the weights, median over layers' : 'largest update over the weights',
        value,
        unit: 'ratio',
        threshold: large ? LARGE : SMALL,
        thresholdSource: large ? LARGE_SOURCE : SMALL_SOURCE,
      },
      { quantity: 'learning rate', value: rate, unit: '' },
      { quantity: `update over the weights of ${worst.id}`, value: large ? worst.first : worst.most, unit: 'ratio' },
    ];
    const made = surroundings?.optimizers.length === 1 ? surroundings.optimizers[0] : undefined;
    return [
      {
        rule: 'update-to-weight-ratio',
        severity: 'warning',
        layer: worst.id,
        ...(made && { source: made.source }),
        message: message(
          large ? 'update-too-large' : 'update-too-small',
          large
            ? 'The first step of {optimizer} at learning rate {rate} changes the weights by {share} times their size: what they were drawn as is lost at once. A rate near {suggestion} changes them by some hundredths.'
            : 'At learning rate {rate} no step of {optimizer} changes any layer’s weights by more than {share} of their size: training would take millions of steps. Try a rate near {suggestion}, and look whether the loss is scaled down somewhere.',
          { optimizer: optimizer.kind, rate: inWords(rate), share: inWords(value), suggestion: inWords(suggestion) },
        ),
        evidence,
        symptoms: large
          ? seen
              .filter(({ id, first }) => id !== worst.id && first > LARGE)
              .map(({ id, first }) =>
                symptom('update-to-weight-ratio', id, [
                  { quantity: 'first update over the weights', value: first, unit: 'ratio' },
                ]),
              )
          : [],
        ...(made && {
          mend: {
            title: message('set-learning-rate', 'Set the learning rate to {rate}', { rate: suggestion }),
            argument: { source: made.source, name: 'lr', value: String(suggestion) },
          },
        }),
      },
    ];
  },
};
