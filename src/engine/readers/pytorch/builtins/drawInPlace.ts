import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { argument, bound, float, type Value } from '../../python/values';
import { fillers } from './init';
import { type Torch, torchAt } from './written/at';

/** Numbers of a distribution in a tensor's shape, from the arguments behind the tensor. */
type Draw = (like: Value, given: readonly (Value | undefined)[], torch: Torch) => Value;

/**
 * A method that fills a tensor with draws. Of a tensor of the forward they are drawn at every call: masks of stochastic
 * depth, noise. Otherwise it says what a parameter starts with.
 */
const drawing = (name: string, parameters: readonly string[], draw: Draw, otherwise?: BuiltinRow): BuiltinRow => {
  return (args, site, run) => {
    const target = argument(args, 0);
    const flows =
      target.type === 'tensor' &&
      target.place.kind !== 'stored' &&
      !(target.place.kind === 'fresh' && target.place.part);
    if (!run.trace || !flows || !target.shape)
      return otherwise?.(args, site, run) ?? run.unmodelled(name, 'this draw is modelled in a forward alone', site);
    const given = bound({ ...args, positional: args.positional.slice(1) }, ...parameters);
    const torch = torchAt(name, site, run);
    const drawn = draw(
      target,
      parameters.map((parameter) => given[parameter]),
      torch,
    );
    return run.writeTo(target, torch.method('type_as', drawn, target), site);
  };
};

/** Whole numbers and truths are drawn as numbers too, and then turned into what the tensor holds. */
const FLOAT = { dtype: { type: 'library', path: 'torch.float32' } } as const;

const uniform = (like: Value, torch: Torch): Value => torch.call('rand_like', [like], FLOAT);

/** Tensor methods that fill a tensor with numbers drawn anew. */
export const drawsInPlace: BuiltinTable = {
  normal_: drawing(
    'normal_',
    ['mean', 'std'],
    (like, [mean, std], torch) => {
      const draws = torch.call('randn_like', [like], FLOAT);
      const spread = std ? torch.binary('*', draws, std) : draws;
      return mean ? torch.binary('+', spread, mean) : spread;
    },
    fillers.normal_,
  ),
  uniform_: drawing(
    'uniform_',
    ['from', 'to'],
    (like, [from, to = float(1)], torch) =>
      from
        ? torch.binary('+', torch.binary('*', uniform(like, torch), torch.binary('-', to, from)), from)
        : torch.binary('*', uniform(like, torch), to),
    fillers.uniform_,
  ),
  bernoulli_: drawing('bernoulli_', ['p'], (like, [p = float(0.5)], torch) =>
    torch.method('float', torch.binary('<', uniform(like, torch), p)),
  ),
  // −ln(1 − u)/λ, by the inverse of the distribution.
  exponential_: drawing('exponential_', ['lambd'], (like, [lambd = float(1)], torch) => {
    const left = torch.call('clamp', [torch.binary('-', float(1), uniform(like, torch)), float(1e-20)]);
    return torch.binary('/', torch.call('neg', [torch.call('log', [left])]), lambd);
  }),
};
