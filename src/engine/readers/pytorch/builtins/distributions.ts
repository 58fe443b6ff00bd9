import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { type Arguments, argument, bound, float, type InstanceValue, int, NONE, type Value } from '../../python/values';
import { isTensor, number, type Torch, torchAt } from './written/at';

// Distributions that forwards draw from and compare: an object of their parameters, its methods written out in torch's functions.

const PATH = 'torch.distributions.';

type Compute = (self: InstanceValue, torch: Torch, args: Arguments) => Value;

const selfOf = (args: Arguments): InstanceValue => argument(args, 0) as InstanceValue;

const method =
  (name: string, compute: Compute): BuiltinRow =>
  (args, site, run) =>
    compute(selfOf(args), torchAt(name, site, run), { ...args, positional: args.positional.slice(1) });

const get = (self: InstanceValue, name: string): Value => self.attributes.get(name) ?? NONE;

const minus = (a: Value, b: Value, torch: Torch): Value => torch.binary('-', a, b);
const plus = (a: Value, b: Value, torch: Torch): Value => torch.binary('+', a, b);
const times = (a: Value, b: Value, torch: Torch): Value => torch.binary('*', a, b);
const logarithm = (x: Value, torch: Torch): Value =>
  isTensor(x) ? torch.call('log', [x]) : float(Math.log(number(x, 1)));
const square = (x: Value, torch: Torch): Value => times(x, x, torch);
const lastSum = (x: Value, torch: Torch): Value => torch.call('sum', [x], { dim: int(-1) });

/** A shape of samples in front of what the parameters say is another tensor. */
const oneSample = (args: Arguments): boolean => {
  const shape = args.positional[0] ?? args.keywords.get('sample_shape');
  return shape === undefined || ((shape.type === 'tuple' || shape.type === 'list') && shape.items.length === 0);
};

const drawing =
  (draw: (self: InstanceValue, torch: Torch) => Value, detached: boolean): Compute =>
  (self, torch, args) => {
    if (!oneSample(args)) return torch.unmodelled('more than one sample of each is not modelled');
    const drawn = draw(self, torch);
    return detached && isTensor(drawn) ? torch.call('detach', [drawn]) : drawn;
  };

/** Both of a distribution's ways to draw; `rsample` has the parameters' gradient. */
const draws = (draw: (self: InstanceValue, torch: Torch) => Value): BuiltinTable => ({
  sample: method('sample', drawing(draw, true)),
  rsample: method('rsample', drawing(draw, false)),
});

const normal: BuiltinTable = {
  __init__: (args) => {
    const { loc = NONE, scale = NONE } = bound({ ...args, positional: args.positional.slice(1) }, 'loc', 'scale');
    for (const [name, value] of Object.entries({ loc, scale, mean: loc, stddev: scale }))
      selfOf(args).attributes.set(name, value);
    return NONE;
  },
  ...draws((self, torch) => {
    const [loc, scale] = [get(self, 'loc'), get(self, 'scale')];
    const like = [loc, scale].filter(isTensor);
    if (!like[0]) return torch.unmodelled('how many numbers are drawn is not known');
    const whole = like.length === 2 ? plus(loc, times(scale, int(0), torch), torch) : like[0];
    return plus(loc, times(torch.call('randn_like', [whole]), scale, torch), torch);
  }),
  log_prob: method('log_prob', (self, torch, args) => {
    const [loc, scale] = [get(self, 'loc'), get(self, 'scale')];
    const distance = square(torch.binary('/', minus(argument(args, 0), loc, torch), scale), torch);
    const each = times(distance, float(-0.5), torch);
    return minus(minus(each, logarithm(scale, torch), torch), float(0.5 * Math.log(2 * Math.PI)), torch);
  }),
  entropy: method('entropy', (self, torch) =>
    plus(logarithm(get(self, 'scale'), torch), float(0.5 + 0.5 * Math.log(2 * Math.PI)), torch),
  ),
};

/** Logarithms of the probabilities of classes. */
const logProbabilities = (self: InstanceValue, torch: Torch): Value => {
  const logits = get(self, 'logits');
  if (logits.type !== 'none') return torch.call('log_softmax', [logits, int(-1)]);
  const probs = get(self, 'probs');
  return torch.call('log', [
    torch.binary('/', probs, torch.call('sum', [probs], { dim: int(-1), keepdim: { type: 'bool', value: true } })),
  ]);
};

const ofProbabilities: BuiltinRow = (args) => {
  const { probs = NONE, logits = NONE } = bound({ ...args, positional: args.positional.slice(1) }, 'probs', 'logits');
  selfOf(args).attributes.set('probs', probs);
  selfOf(args).attributes.set('logits', logits);
  return NONE;
};

const categorical: BuiltinTable = {
  __init__(args, site, run) {
    ofProbabilities(args, site, run);
    const self = selfOf(args);
    const torch = torchAt('Categorical', site, run);
    const logs = logProbabilities(self, torch);
    self.attributes.set('logits', logs);
    if (isTensor(logs)) self.attributes.set('probs', torch.call('exp', [logs]));
    return NONE;
  },
  sample: method(
    'sample',
    drawing(
      (self, torch) => torch.call('squeeze', [torch.call('multinomial', [get(self, 'probs'), int(1)]), int(-1)]),
      false,
    ),
  ),
  log_prob: method('log_prob', (self, torch, args) => {
    const index = torch.call('unsqueeze', [torch.method('long', argument(args, 0)), int(-1)]);
    return torch.call('squeeze', [torch.call('gather', [get(self, 'logits'), int(-1), index]), int(-1)]);
  }),
  entropy: method('entropy', (self, torch) =>
    torch.call('neg', [lastSum(times(get(self, 'probs'), get(self, 'logits'), torch), torch)]),
  ),
};

const bernoulli: BuiltinTable = {
  __init__(args, site, run) {
    ofProbabilities(args, site, run);
    const self = selfOf(args);
    const torch = torchAt('Bernoulli', site, run);
    const [probs, logits] = [get(self, 'probs'), get(self, 'logits')];
    if (isTensor(logits)) self.attributes.set('probs', torch.call('sigmoid', [logits]));
    else if (isTensor(probs)) self.attributes.set('logits', torch.call('logit', [probs]));
    return NONE;
  },
  sample: method(
    'sample',
    drawing((self, torch) => torch.call('bernoulli', [get(self, 'probs')]), true),
  ),
  log_prob: method('log_prob', (self, torch, args) =>
    torch.call('neg', [
      torch.call('nn.functional.binary_cross_entropy_with_logits', [get(self, 'logits'), argument(args, 0)], {
        reduction: { type: 'string', value: 'none' },
      }),
    ]),
  ),
};

/** The last axes taken together. */
const summed =
  (name: 'log_prob' | 'entropy'): Compute =>
  (self, torch, args) => {
    const each = torch.method(name, get(self, 'base_dist'), ...args.positional);
    const axes = number(get(self, 'reinterpreted_batch_ndims'), 1);
    return axes === 0 ? each : Array.from({ length: axes }).reduce<Value>((x) => lastSum(x, torch), each);
  };

const independent: BuiltinTable = {
  __init__: (args) => {
    const given = bound({ ...args, positional: args.positional.slice(1) }, 'base_dist', 'reinterpreted_batch_ndims');
    for (const [name, value] of Object.entries(given)) if (value) selfOf(args).attributes.set(name, value);
    return NONE;
  },
  ...Object.fromEntries(
    ['sample', 'rsample'].map((name) => [
      name,
      method(name, (self, torch, args) => torch.method(name, get(self, 'base_dist'), ...args.positional)),
    ]),
  ),
  log_prob: method('log_prob', summed('log_prob')),
  entropy: method('entropy', summed('entropy')),
};

const CLASSES: Readonly<Record<string, BuiltinTable>> = {
  Normal: normal,
  Categorical: categorical,
  Bernoulli: bernoulli,
  Independent: independent,
};

/** The methods of a distribution's class by its full name; undefined for another. */
export const distributionMethods = (path: string): BuiltinTable | undefined => {
  const name = path.startsWith(PATH) ? path.slice(PATH.length) : '';
  return Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
};

const isOf = (value: Value, name: string): value is InstanceValue =>
  value.type === 'instance' && value.class.path === `${PATH}${name}`;

/** KL(p ‖ q) of two normal distributions, or of two over classes. */
function divergence(p: Value, q: Value, torch: Torch): Value {
  if (isOf(p, 'Normal') && isOf(q, 'Normal')) {
    const [own, other] = [get(p, 'scale'), get(q, 'scale')];
    const ratio = square(torch.binary('/', own, other), torch);
    const apart = square(torch.binary('/', minus(get(p, 'loc'), get(q, 'loc'), torch), other), torch);
    const sum = minus(minus(plus(ratio, apart, torch), int(1), torch), logarithm(ratio, torch), torch);
    return times(sum, float(0.5), torch);
  }
  if (isOf(p, 'Categorical') && isOf(q, 'Categorical')) {
    const difference = minus(get(p, 'logits'), get(q, 'logits'), torch);
    return lastSum(times(get(p, 'probs'), difference, torch), torch);
  }
  if (isOf(p, 'Independent') && isOf(q, 'Independent')) {
    const each = divergence(get(p, 'base_dist'), get(q, 'base_dist'), torch);
    return isTensor(each) ? lastSum(each, torch) : each;
  }
  return torch.unmodelled('the divergence of these distributions is not modelled');
}

/** Functions of distributions, by their full names. */
export const distributionFunctions: BuiltinTable = Object.fromEntries(
  ['', 'kl.'].map((place) => [
    `${PATH}${place}kl_divergence`,
    (args: Arguments, site: Parameters<BuiltinRow>[1], run: Evaluation) =>
      divergence(argument(args, 0), argument(args, 1), torchAt('kl_divergence', site, run)),
  ]),
);
