import { exp, log, maximum, mul, sub, sum } from '../../tensor';
import { bool, choice } from '../setting';
import { ELEMENTWISE, reduce } from './reduction';
import { defineLoss } from './row';

/** The least normal float32: 0·ln of it is 0, as t·ln t is at 0. */
const LEAST = 2 ** -126;

/** Σ t·(ln t − x) of log-probabilities x; `mean` divides by all values as in PyTorch, `batchmean` by the batch. */
export const klDivLoss = defineLoss({
  settings: { reduction: choice(['mean', 'sum', 'batchmean'], 'mean'), log_target: bool(false) },
  parameters: [...ELEMENTWISE, 'log_target'],
  function: { name: 'kl_div' },
  task: 'regression',
  target: 'distributions',
  loss({ output, target, settings: { reduction: by, log_target } }) {
    const each = log_target
      ? mul(exp(target), sub(target, output))
      : mul(target, sub(log(maximum(target, LEAST)), output));
    return by === 'batchmean' ? mul(sum(each), 1 / output.shape[0]!) : reduce(each, by);
  },
});
