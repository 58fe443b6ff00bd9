import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { type Bound, float, int, NONE, truth, type Value } from '../../../python/values';
import { type Torch, written } from './at';

const F = 'nn.functional';
const OLD = ['size_average', 'reduce', 'reduction'] as const;

/** One number of each element's loss, as the reduction says. */
function reduced(each: Value, { reduction }: Bound, torch: Torch): Value {
  if (reduction?.type === 'string' && reduction.value !== 'mean')
    return reduction.value === 'sum' ? torch.call('sum', [each]) : each;
  return torch.call('mean', [each]);
}

const loss = (name: string, parameters: readonly string[], each: (given: Bound, torch: Torch) => Value): BuiltinRow =>
  written(name, parameters, (given, torch) => reduced(each(given, torch), given, torch));

const atLeastZero = (x: Value, torch: Torch): Value => torch.call('relu', [x]);
const minus = (a: Value, b: Value, torch: Torch): Value => torch.binary('-', a, b);
const plus = (a: Value, b: Value, torch: Torch): Value => torch.binary('+', a, b);
const times = (a: Value, b: Value, torch: Torch): Value => torch.binary('*', a, b);
const isTrue = (value: Value | undefined): boolean => value !== undefined && truth(value) === true;

/** Losses of torch.nn.functional that are a few of torch's other functions, where a forward calls them. */
export const writtenLosses: BuiltinTable = {
  [`${F}.triplet_margin_loss`]: loss(
    'triplet_margin_loss',
    ['anchor', 'positive', 'negative', 'margin', 'p', 'eps', 'swap', ...OLD],
    (
      { anchor = NONE, positive = NONE, negative = NONE, margin = float(1), p = int(2), eps = float(1e-6), swap },
      torch,
    ) => {
      const distance = (a: Value, b: Value) => torch.call(`${F}.pairwise_distance`, [a, b, p, eps]);
      const far = distance(anchor, negative);
      const away = isTrue(swap) ? torch.call('minimum', [far, distance(positive, negative)]) : far;
      return atLeastZero(plus(minus(distance(anchor, positive), away, torch), margin, torch), torch);
    },
  ),
  [`${F}.cosine_embedding_loss`]: loss(
    'cosine_embedding_loss',
    ['input1', 'input2', 'target', 'margin', ...OLD],
    ({ input1 = NONE, input2 = NONE, target = NONE, margin = float(0) }, torch) => {
      const cosine = torch.call(`${F}.cosine_similarity`, [input1, input2, int(-1)]);
      const apart = atLeastZero(minus(cosine, margin, torch), torch);
      return torch.call('where', [torch.binary('==', target, int(1)), minus(int(1), cosine, torch), apart]);
    },
  ),
  [`${F}.margin_ranking_loss`]: loss(
    'margin_ranking_loss',
    ['input1', 'input2', 'target', 'margin', ...OLD],
    ({ input1 = NONE, input2 = NONE, target = NONE, margin = float(0) }, torch) =>
      atLeastZero(minus(margin, times(target, minus(input1, input2, torch), torch), torch), torch),
  ),
  [`${F}.soft_margin_loss`]: loss(
    'soft_margin_loss',
    ['input', 'target', ...OLD],
    ({ input = NONE, target = NONE }, torch) =>
      torch.call(`${F}.softplus`, [torch.call('neg', [times(target, input, torch)])]),
  ),
  [`${F}.hinge_embedding_loss`]: loss(
    'hinge_embedding_loss',
    ['input', 'target', 'margin', ...OLD],
    ({ input = NONE, target = NONE, margin = float(1) }, torch) =>
      torch.call('where', [torch.binary('==', target, int(1)), input, atLeastZero(minus(margin, input, torch), torch)]),
  ),
  [`${F}.poisson_nll_loss`]: loss(
    'poisson_nll_loss',
    ['input', 'target', 'log_input', 'full', 'size_average', 'eps', 'reduce', 'reduction'],
    ({ input = NONE, target = NONE, log_input, full, eps = float(1e-8) }, torch) => {
      if (isTrue(full)) return torch.unmodelled("Stirling's term is not modelled");
      if (log_input && !isTrue(log_input))
        return minus(input, times(target, torch.call('log', [plus(input, eps, torch)]), torch), torch);
      return minus(torch.call('exp', [input]), times(target, input, torch), torch);
    },
  ),
  [`${F}.gaussian_nll_loss`]: loss(
    'gaussian_nll_loss',
    ['input', 'target', 'var', 'full', 'eps', 'reduction'],
    ({ input = NONE, target = NONE, var: variance = NONE, full, eps = float(1e-6) }, torch) => {
      // The variance counts as no smaller than ε, where its gradient still is its own.
      const raised = torch.call('clamp', [torch.call('detach', [variance])], { min: eps });
      const spread = plus(variance, minus(raised, torch.call('detach', [variance]), torch), torch);
      const distance = torch.call('square', [minus(input, target, torch)]);
      const each = times(
        float(0.5),
        plus(torch.call('log', [spread]), torch.binary('/', distance, spread), torch),
        torch,
      );
      return isTrue(full) ? plus(each, float(0.5 * Math.log(2 * Math.PI)), torch) : each;
    },
  ),
};
