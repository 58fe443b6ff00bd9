import { AttributeError } from '../../layers';
import {
  add,
  cast,
  constant,
  div,
  equal,
  gather,
  logSoftmax,
  mean,
  mul,
  neg,
  not,
  reshape,
  sum,
  type Tensor,
  takeAlong,
  where,
} from '../../tensor';
import { int, share, weights } from '../setting';
import { reduction } from './reduction';
import { defineLoss } from './row';

/**
 * Class weights, one a class, and the index that is left out. Its default lies outside every range of classes and is
 * looked for only where targets are known to hold it (`ignore_index` is then stated).
 */
const settings = {
  weight: weights(),
  ignore_index: { ...int(), takes: 'a whole number or none', accept: acceptIndex, fallback: null },
  reduction,
};

function acceptIndex(value: unknown): number | null | undefined {
  return value === null || (typeof value === 'number' && Number.isInteger(value)) ? value : undefined;
}

function checkWeights(weight: readonly number[] | null, classes: number | undefined): void {
  if (weight === null || classes === undefined || weight.length === classes) return;
  throw new AttributeError(
    'weight',
    `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: [${weight.length}]`,
  );
}

interface Targets {
  readonly target: Tensor;
  readonly classAxis: number;
  readonly weight: readonly number[] | null;
  readonly ignore: number | null;
  readonly reduction: 'mean' | 'sum';
  /** Share of the target that goes to all classes alike. */
  readonly smoothing: number;
}

/** Along the class axis, each class's factor. */
function alongClasses(weight: readonly number[], rank: number, axis: number): Tensor {
  return constant(
    weight,
    Array.from({ length: rank }, (_, i) => (i === axis ? weight.length : 1)),
  );
}

/** −Σ w_y·ln p_y over Σ w_y; positions of the ignored index count in neither. */
function ofIndices(logarithms: Tensor, given: Targets): Tensor {
  const { target, classAxis, weight, ignore, smoothing } = given;
  const rank = logarithms.shape.length;
  const kept = ignore === null ? undefined : not(equal(target, ignore));
  // An index outside the classes would be read all the same.
  const index = kept ? where(kept, target, 0) : target;
  const column = logarithms.shape.map((dim, i) => (i === classAxis ? 1 : dim));
  const chosen = reshape(takeAlong(logarithms, reshape(index, column), classAxis), target.shape);
  const present = kept && cast(kept, 'float32');
  const own = weight === null ? undefined : gather(constant(weight), index);
  const counted = own && present ? mul(own, present) : (own ?? present);
  const total = (each: Tensor, factor: Tensor | undefined): Tensor => {
    const factored = factor ? mul(each, factor) : each;
    if (given.reduction === 'sum') return neg(sum(factored));
    return counted ? neg(div(sum(factored), sum(counted))) : neg(mean(factored));
  };
  const exact = total(chosen, counted);
  if (smoothing === 0) return exact;
  const overClasses = sum(weight ? mul(logarithms, alongClasses(weight, rank, classAxis)) : logarithms, [classAxis]);
  const even = mul(total(overClasses, present), smoothing / logarithms.shape[classAxis]!);
  return add(mul(exact, 1 - smoothing), even);
}

/** −Σ w_c·y_c·ln p_c, averaged over the positions. */
function ofProbabilities(logarithms: Tensor, given: Targets): Tensor {
  const { target, classAxis, weight, smoothing } = given;
  const classes = logarithms.shape[classAxis]!;
  const smooth = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / classes);
  const share = weight ? mul(smooth, alongClasses(weight, logarithms.shape.length, classAxis)) : smooth;
  const total = neg(sum(mul(logarithms, share)));
  const positions = logarithms.shape.reduce((product, dim) => product * dim, 1) / classes;
  return given.reduction === 'sum' ? total : mul(total, 1 / positions);
}

/** Of logits: log-softmax over the axis of classes and the negative log-likelihood; by the logits that is p − y. */
export const crossEntropyLoss = defineLoss({
  settings: { ...settings, label_smoothing: share(0) },
  parameters: ['weight', 'size_average', 'ignore_index', 'reduce', 'reduction', 'label_smoothing'],
  function: { name: 'cross_entropy' },
  task: 'classification',
  target: 'classes',
  validate: ({ weight }, classes) => checkWeights(weight, classes),
  loss({ output, target, settings: { weight, ignore_index, reduction: by, label_smoothing }, classAxis }) {
    const logarithms = logSoftmax(output, classAxis);
    const given = { target, classAxis, weight, ignore: ignore_index, reduction: by, smoothing: label_smoothing };
    return target.dtype === 'int64' ? ofIndices(logarithms, given) : ofProbabilities(logarithms, given);
  },
});

/** Of log-probabilities. */
export const nllLoss = defineLoss({
  settings,
  parameters: ['weight', 'size_average', 'ignore_index', 'reduce', 'reduction'],
  function: { name: 'nll_loss' },
  task: 'classification',
  target: 'classes',
  validate: ({ weight }, classes) => checkWeights(weight, classes),
  loss: ({ output, target, settings: { weight, ignore_index, reduction: by }, classAxis }) =>
    ofIndices(output, { target, classAxis, weight, ignore: ignore_index, reduction: by, smoothing: 0 }),
});
