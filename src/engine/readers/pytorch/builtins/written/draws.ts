import type { BuiltinTable } from '../../../python/builtins/row';
import { asNumber, bool, float, int, list, NONE, truth, type Value } from '../../../python/values';
import { isTensor, type Torch, written } from './at';

/** −ln(−ln u): numbers of Gumbel's distribution. */
const gumbel = (like: Value, torch: Torch): Value => {
  const uniform = torch.call('clamp', [torch.call('rand_like', [like]), float(1e-20)]);
  const inner = torch.call('clamp', [torch.call('neg', [torch.call('log', [uniform])]), float(1e-20)]);
  return torch.call('neg', [torch.call('log', [inner])]);
};

const gumbelSoftmax = written(
  'gumbel_softmax',
  ['logits', 'tau', 'hard', 'eps', 'dim'],
  ({ logits = NONE, tau = float(1), hard, dim = int(-1) }, torch) => {
    const noisy = torch.binary('/', torch.binary('+', logits, gumbel(logits, torch)), tau);
    const soft = torch.call('softmax', [noisy, dim]);
    if (!hard || truth(hard) !== true || !isTensor(soft)) return soft;
    const at = torch.call('argmax', [soft], { dim, keepdim: bool(true) });
    const sharp = torch.call('scatter', [torch.call('zeros_like', [logits]), dim, at, float(1)]);
    // One-hot going forward, the soft sample's gradient going back.
    return torch.binary('+', torch.binary('-', sharp, torch.call('detach', [soft])), soft);
  },
);

/** Draws of classes: the largest of ln p + Gumbel noise, or the k largest where none may come twice. */
const multinomial = written(
  'multinomial',
  ['input', 'num_samples', 'replacement'],
  ({ input = NONE, num_samples = int(1), replacement }, torch) => {
    const count = asNumber(num_samples);
    if (count === undefined) return torch.unmodelled('how many are drawn is not known');
    const again = replacement !== undefined && truth(replacement) === true;
    const draw = (): Value => torch.binary('+', torch.call('log', [input]), gumbel(input, torch));
    if (count === 1) return torch.call('argmax', [draw()], { dim: int(-1), keepdim: bool(true) });
    if (again) {
      const many = Array.from({ length: Math.min(count, 64) }, () =>
        torch.call('argmax', [draw()], { dim: int(-1), keepdim: bool(true) }),
      );
      return count > 64
        ? torch.unmodelled('more than 64 draws are not modelled')
        : torch.call('cat', [list(many), int(-1)]);
    }
    return torch.run.attribute(torch.call('topk', [draw(), num_samples]), 'indices', torch.site);
  },
);

/** Functions and methods alike. */
export const drawingFunctions: BuiltinTable = {
  multinomial,
  bernoulli: written('bernoulli', ['input', 'p'], ({ input = NONE, p }, torch) =>
    torch.method(
      'float',
      torch.binary('<', torch.call('rand_like', [input]), p && asNumber(p) !== undefined ? p : input),
    ),
  ),
};

export const drawingTorch: BuiltinTable = {
  normal: written('normal', ['mean', 'std', 'size'], ({ mean = float(0), std = float(1), size }, torch) => {
    const like = [mean, std].find(isTensor);
    if (!size && !like) return torch.unmodelled('its size is not known');
    const draws = size ? torch.call('randn', [size]) : torch.call('randn_like', [like!]);
    return torch.binary('+', torch.binary('*', draws, std), mean);
  }),
  randperm: written('randperm', ['n'], ({ n = NONE }, torch) => torch.call('argsort', [torch.call('rand', [n])])),
  'nn.functional.gumbel_softmax': gumbelSoftmax,
};
