import {
  calculateGain,
  constant,
  dirac,
  eye,
  fans,
  type Initialization,
  kaimingNormal,
  kaimingUniform,
  kerasInitializations,
  normal,
  orthogonal,
  type Span,
  sparse,
  truncatedNormal,
  unfitting,
  uniform,
  xavierNormal,
  xavierUniform,
} from '../../network';
import {
  type DescriptionNode,
  expectCount,
  expectList,
  expectMap,
  expectNumber,
  expectText,
  expectValue,
  type MapNode,
  onlyKeys,
  refuse,
  suggest,
  valueAt,
} from './node';

/** What a rule of initialization takes, in a file's words. */
export const initializationRules = {
  constant: [],
  values: [],
  zeros: [],
  ones: [],
  uniform: ['low', 'high'],
  normal: ['mean', 'std', 'zero_row'],
  trunc_normal: ['mean', 'std', 'a', 'b'],
  kaiming_uniform: ['a', 'mode', 'nonlinearity'],
  kaiming_normal: ['a', 'mode', 'nonlinearity'],
  xavier_uniform: ['gain'],
  xavier_normal: ['gain'],
  orthogonal: ['gain'],
  sparse: ['sparsity', 'std'],
  eye: ['gain'],
  dirac: ['groups'],
  norm: ['of', 'dim'],
  singular_vector: ['of', 'side', 'dim', 'iterations'],
  parts: ['rest', 'parts'],
  glorot_uniform: [],
  glorot_normal: [],
  he_uniform: [],
  he_normal: [],
  lecun_uniform: [],
  lecun_normal: [],
} as const satisfies Record<string, readonly string[]>;

type Rule = keyof typeof initializationRules;

const EXAMPLE = '{normal: {std: 0.02}}';

function ruleOf(node: DescriptionNode): { rule: Rule; settings?: DescriptionNode } {
  const names = Object.keys(initializationRules) as Rule[];
  const known = (name: string): Rule | undefined => names.find((rule) => rule === name);
  if (node.type === 'scalar' && typeof node.value === 'string') {
    return {
      rule:
        known(node.value) ??
        refuse(node.span, `unknown initialization '${node.value}'`, suggest(node.value, names, 'initializations')),
    };
  }
  const map = expectMap(node, 'an initialization', EXAMPLE);
  const [entry, second] = map.entries.values();
  if (!entry || second)
    refuse((second ?? { keySpan: map.span }).keySpan, 'an initialization has one rule', `write ${EXAMPLE}`);
  const rule = known(entry.key);
  return {
    rule:
      rule ??
      refuse(entry.keySpan, `unknown initialization '${entry.key}'`, suggest(entry.key, names, 'initializations')),
    settings: entry.value,
  };
}

/**
 * The initialization that a file states for a tensor of the shape; kaiming and xavier become numbers, with the formulas
 * and default arguments of `torch.nn.init` (kaiming: a=0, fan_in, leaky_relu; xavier: gain 1).
 * @throws InputError for an unknown rule or argument, or a shape without fans.
 */
export function readInitialization(node: DescriptionNode, shape: readonly number[]): Initialization {
  const { rule, settings } = ruleOf(node);
  if (rule === 'constant') {
    if (!settings) refuse(node.span, 'constant takes a number', 'write {constant: 0}');
    return constant(expectValue(settings, 'constant'));
  }
  if (rule === 'values') {
    const example = '{values: [0.1, 0.2]}';
    if (!settings) refuse(node.span, 'values takes a list of numbers', `write ${example}`);
    const { items } = expectList(settings, 'values', example);
    return fitting({ kind: 'values', values: items.map((item) => expectValue(item, 'a value')) }, shape, node.span);
  }
  const map: MapNode | undefined =
    settings && !(settings.type === 'scalar' && settings.value === null)
      ? expectMap(settings, rule, EXAMPLE)
      : undefined;
  if (map) onlyKeys(map, initializationRules[rule], rule);
  const at = (name: string): DescriptionNode | undefined => map && valueAt(map, name);
  const number = (name: string, fallback: number): number => {
    const given = at(name);
    return given ? expectNumber(given, `${rule}'s ${name}`) : fallback;
  };
  const place = settings?.span ?? node.span;
  switch (rule) {
    case 'zeros':
      return constant(0);
    case 'ones':
      return constant(1);
    case 'uniform': {
      const [low, high] = [number('low', 0), number('high', 1)];
      return low <= high
        ? uniform(low, high)
        : refuse(place, `uniform from ${low} to ${high}`, 'let low be at most high');
    }
    case 'normal':
      return fitting(
        {
          ...normal(number('mean', 0), deviation(number('std', 1), place)),
          ...(at('zero_row') && { zeroRow: number('zero_row', 0) }),
        },
        shape,
        place,
      );
    case 'trunc_normal': {
      const [a, b] = [number('a', -2), number('b', 2)];
      if (!(a < b)) refuse(place, `a normal between ${a} and ${b}`, 'let a be below b');
      return truncatedNormal(number('mean', 0), deviation(number('std', 1), place), a, b);
    }
    case 'orthogonal':
      return fitting(orthogonal(number('gain', 1)), shape, place);
    case 'eye':
      return fitting(eye(number('gain', 1)), shape, place);
    case 'dirac': {
      const groups = at('groups');
      return fitting(dirac(groups ? expectCount(groups, 'groups') : 1), shape, place);
    }
    case 'norm':
    case 'singular_vector':
      return derived(rule, at, number, place);
    case 'parts':
      return partsOf(at, shape, place);
    case 'sparse': {
      const sparsity = number('sparsity', Number.NaN);
      if (!(sparsity >= 0 && sparsity <= 1)) refuse(place, 'sparse takes its sparsity from 0 to 1', 'write 0.9');
      return fitting(sparse(sparsity, deviation(number('std', 0.01), place)), shape, place);
    }
    default:
      return fromFans(rule, at, number, shape, place);
  }
}

/** Boxes of a tensor, each with an initialization of its own, and the rest. */
function partsOf(
  at: (name: string) => DescriptionNode | undefined,
  shape: readonly number[],
  place: Span,
): Initialization {
  const example = '{parts: {rest: zeros, parts: [{from: [0], to: [4], initialization: ones}]}}';
  const [rest, list] = [at('rest'), at('parts')];
  if (!rest || !list) return refuse(place, 'parts takes the rest and a list of parts', `write ${example}`);
  const parts = expectList(list, 'parts', example).items.map((item) => {
    const map = expectMap(item, 'a part', example);
    onlyKeys(map, ['from', 'to', 'initialization'], 'a part');
    const corner = (name: string): number[] => {
      const given = valueAt(map, name);
      if (!given) return refuse(map.span, `a part takes ${name}`, `write ${example}`);
      return expectList(given, name, example).items.map((each) => expectNumber(each, name));
    };
    const [from, to] = [corner('from'), corner('to')];
    const own = valueAt(map, 'initialization');
    if (!own) return refuse(map.span, 'a part takes initialization', `write ${example}`);
    const box: Initialization = {
      kind: 'parts',
      rest: constant(0),
      parts: [{ from, to, initialization: constant(0) }],
    };
    fitting(box, shape, item.span);
    const size = to.map((end, axis) => end - from[axis]!);
    return { from, to, initialization: readInitialization(own, size) };
  });
  return { kind: 'parts', rest: readInitialization(rest, shape), parts };
}

/** What is worked out of another parameter's first values. */
function derived(
  rule: 'norm' | 'singular_vector',
  at: (name: string) => DescriptionNode | undefined,
  number: (name: string, fallback: number) => number,
  place: Span,
): Initialization {
  const named = at('of');
  const of = named ? expectText(named, `${rule}'s of`, 'conv.weight_v') : undefined;
  if (of === undefined) return refuse(place, `${rule} takes the parameter that it is of`, 'write {of: conv.weight_v}');
  if (rule === 'norm') {
    const dim = at('dim');
    const all = dim?.type === 'scalar' && dim.value === null;
    return { kind: 'norm', of, dim: all ? null : number('dim', 0) };
  }
  const side = at('side');
  const sides = ['left', 'right'] as const;
  const chosen = side ? sides.find((one) => one === expectText(side, "singular_vector's side", 'left')) : 'left';
  if (!chosen)
    return refuse(side?.span ?? place, 'a singular vector is of the left or of the right', 'write side: left');
  return { kind: 'singular_vector', of, side: chosen, dim: number('dim', 0), iterations: number('iterations', 15) };
}

const deviation = (std: number, place: Span): number =>
  std >= 0 ? std : refuse(place, `a standard deviation of ${std}`, 'let std be at least 0');

function fitting(initialization: Initialization, shape: readonly number[], place: Span): Initialization {
  const refusal = unfitting(initialization, shape);
  return refusal === undefined
    ? initialization
    : refuse(place, `${initialization.kind}: ${refusal}`, 'use another initialization');
}

/** The rules whose spread follows from fan-in and fan-out. */
function fromFans(
  rule: Rule,
  at: (name: string) => DescriptionNode | undefined,
  number: (name: string, fallback: number) => number,
  shape: readonly number[],
  place: Span,
): Initialization {
  if (shape.length < 2)
    refuse(
      place,
      `${rule} needs a tensor of at least 2 dimensions, this one has ${shape.length}`,
      'use constant, uniform or normal',
    );
  if (rule === 'xavier_uniform') return xavierUniform(shape, number('gain', 1));
  if (rule === 'xavier_normal') return xavierNormal(shape, number('gain', 1));
  const keras = kerasInitializations[rule];
  if (keras) return keras(fans(shape));
  const gain = kaimingGain(at('nonlinearity'), number('a', 0));
  const fan = fanOf(at('mode'), shape);
  return rule === 'kaiming_uniform' ? kaimingUniform(fan, gain) : kaimingNormal(fan, gain);
}

function kaimingGain(node: DescriptionNode | undefined, a: number): number {
  const nonlinearity = node ? expectText(node, 'nonlinearity', 'relu') : 'leaky_relu';
  const gain = calculateGain(nonlinearity, a);
  if (gain !== undefined || !node) return gain ?? 1;
  return refuse(
    node.span,
    `unknown nonlinearity '${nonlinearity}'`,
    'write relu, leaky_relu, tanh, sigmoid, selu or linear',
  );
}

function fanOf(node: DescriptionNode | undefined, shape: readonly number[]): number {
  const { fanIn, fanOut } = fans(shape);
  const mode = node ? expectText(node, 'mode', 'fan_in') : 'fan_in';
  if (mode === 'fan_in') return fanIn;
  return mode === 'fan_out' || !node ? fanOut : refuse(node.span, `unknown mode '${mode}'`, 'write fan_in or fan_out');
}

/** An initialization as a file writes it. */
export function writeInitialization(initialization: Initialization): object {
  if (initialization.kind === 'constant') return { constant: initialization.value };
  if (initialization.kind === 'values') return { values: initialization.values };
  if (initialization.kind === 'normal' && initialization.zeroRow !== undefined) {
    const { mean, std, zeroRow } = initialization;
    return { normal: { mean, std, zero_row: zeroRow } };
  }
  if (initialization.kind === 'parts') {
    const parts = initialization.parts.map((part) => ({
      ...part,
      initialization: writeInitialization(part.initialization),
    }));
    return { parts: { rest: writeInitialization(initialization.rest), parts } };
  }
  const { kind, ...settings } = initialization;
  return { [kind]: settings };
}
