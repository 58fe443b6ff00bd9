import { type Shape, sameDim, sameShape, type ValueType } from '../network';
import {
  abs,
  add,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  constant,
  div,
  equal,
  exp,
  log,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  takeAlong,
  where,
} from '../tensor';
import { type Attribute, bool, choice, float, int, optional, subset } from './attribute';
import { broadcastShapes, formatDim } from './dimensions';
import { defineLayer, type LayerRow, NotModelled, ShapeError } from './row';

// Losses that a forward computes itself. What a script trains with stands in training/losses.

const F = 'torch.nn.functional';

const reduction = choice(['mean', 'sum', 'none'], 'mean');

/** What PyTorch deprecated in favour of `reduction`. */
const legacy = { size_average: optional(bool()), reduce: optional(bool()) };

interface Legacy {
  readonly size_average: boolean | null;
  readonly reduce: boolean | null;
}

function checkLegacy({ size_average, reduce }: Legacy): void {
  if (size_average !== null || reduce !== null)
    throw new NotModelled('reduction', 'size_average and reduce are not modelled: say it by reduction');
}

const reduced = (each: Tensor, by: 'mean' | 'sum' | 'none'): Tensor =>
  by === 'none' ? each : by === 'sum' ? sum(each) : mean(each);

const floats = (kind: string, inputs: readonly ValueType[]): readonly ValueType[] => {
  const other = inputs.slice(0, 2).find((type) => type !== 'float32');
  if (other) throw new ShapeError(`${kind} of ${other === 'bool' ? 'Bool' : 'Long'} tensors is not modelled`);
  return ['float32'];
};

const listed = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

/** Weights of samples or classes, which take a tensor and are not modelled. */
const unweighted: Attribute<null> = {
  takes: 'none',
  schema: { type: 'null' },
  accept: (value) => (value === null ? null : undefined),
  fallback: null,
};

/** A loss of every element against a target; the two broadcast. `scale` names a setting of its own, 1 by default. */
const elementwise = (
  kind: string,
  parameters: readonly string[],
  each: (x: Tensor, target: Tensor, scale: number) => Tensor,
  scale?: 'beta' | 'delta',
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: {
      ...legacy,
      reduction,
      ...(parameters.includes('weight') && { weight: unweighted }),
      ...(scale && { [scale]: float(1) }),
    },
    functions: [
      { names: [`${F}.${kind}`], parameters: ['input', 'target', ...parameters], operands: ['input', 'target'] },
    ],
    types: (inputs) => floats(kind, inputs),
    outputShapes([input, target], attributes) {
      if (!input || !target) throw new ShapeError(`${kind} takes an input and a target`);
      checkLegacy(attributes);
      const shape = broadcastShapes(input, target);
      return [attributes.reduction === 'none' ? shape : []];
    },
    forward([x, target], attributes) {
      const own = scale && (attributes as Readonly<Record<string, unknown>>)[scale];
      return { outputs: [reduced(each(x!, target!, typeof own === 'number' ? own : 1), attributes.reduction)] };
    },
  });

/** d²/2 up to |d| = δ, then δ(|d| − δ/2). */
function huber(x: Tensor, target: Tensor, delta: number): Tensor {
  const distance = abs(sub(x, target));
  const bounded = minimum(distance, delta);
  return mul(bounded, sub(distance, mul(bounded, 0.5)));
}

const OLD = ['size_average', 'reduce', 'reduction'] as const;

/** The names of optional tensors that a call gave. */
const given = (...names: readonly string[]) => subset(names);

/** The optional tensors behind the first two, by name. */
const byName = (inputs: readonly Tensor[], operands: readonly string[]): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(operands.map((name, i) => [name, inputs[i + 2]!]));

/** Of probabilities or of logits, against targets from 0 to 1. */
const binary = (kind: string, logits: boolean): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: { ...legacy, reduction, operands: given('weight', ...(logits ? ['pos_weight'] : [])) },
    functions: [
      {
        names: [`${F}.${kind}`],
        parameters: ['input', 'target', 'weight', ...OLD, ...(logits ? ['pos_weight'] : [])],
        operands: ['input', 'target', 'weight?', ...(logits ? ['pos_weight?'] : [])],
      },
    ],
    types: (inputs) => floats(kind, inputs),
    outputShapes([input, target], attributes) {
      if (!input || !target) throw new ShapeError(`${kind} takes an input and a target`);
      checkLegacy(attributes);
      if (!sameShape(input, target)) {
        throw new ShapeError(
          logits
            ? `Target size (torch.Size(${listed(target)})) must be the same as input size (torch.Size(${listed(input)}))`
            : `Using a target size (torch.Size(${listed(target)})) that is different to the input size (torch.Size(${listed(input)})) is deprecated. Please ensure they have the same size.`,
        );
      }
      return [attributes.reduction === 'none' ? input : []];
    },
    forward(inputs, { reduction: by, operands }) {
      const [x, y] = inputs as readonly [Tensor, Tensor];
      // PyTorch knows no derivative by either.
      const { weight, pos_weight } = byName(inputs.map(stopGradient), operands);
      let each = logits ? binaryCrossEntropyWithLogits(x, y) : binaryCrossEntropy(x, y);
      if (pos_weight) {
        const positive = binaryCrossEntropyWithLogits(x, constant(1));
        each = add(each, mul(mul(y, sub(pos_weight, 1)), positive));
      }
      return { outputs: [reduced(weight ? mul(each, weight) : each, by)] };
    },
  });

/** The axis of classes: the second, or the only one. */
const classAxis = (rank: number): number => (rank === 1 ? 0 : 1);

const classSettings = {
  weight: unweighted,
  ...legacy,
  ignore_index: int(-100),
  reduction,
};

function checkClasses(input: Shape | undefined, target: Shape | undefined): Shape {
  if (!input || !target) throw new ShapeError('a loss takes an input and a target');
  if (input.length === 0) throw new ShapeError('a class loss takes a score for each class');
  const axis = classAxis(input.length);
  const positions = input.filter((_, i) => i !== axis);
  if (input.length > 1 && target.length > 0 && !sameDim(input[0]!, target[0]!)) {
    throw new ShapeError(
      `Expected input batch_size (${formatDim(input[0]!)}) to match target batch_size (${formatDim(target[0]!)}).`,
    );
  }
  if (!sameShape(positions, target))
    throw new ShapeError(`Expected target size ${listed(positions)}, got ${listed(target)}`);
  return positions;
}

/** −x at each target's class, and how much each counts: nothing where it is to be ignored. */
function ofClasses(x: Tensor, target: Tensor, ignore: number): { picked: Tensor; counts: Tensor } {
  const axis = classAxis(x.shape.length);
  const ignored = equal(target, ignore);
  const column = x.shape.map((size, i) => (i === axis ? 1 : size));
  const places = where(ignored, constant(0, [], 'int64'), target);
  const values = reshape(takeAlong(x, reshape(places, column), axis), target.shape);
  return { picked: where(ignored, 0, neg(values)), counts: where(ignored, 0, constant(1)) };
}

const averaged = (each: Tensor, counts: Tensor, by: 'mean' | 'sum' | 'none'): Tensor =>
  by === 'mean' ? div(sum(each), sum(counts)) : reduced(each, by);

const nll = defineLayer({
  kind: 'nll_loss',
  role: 'arithmetic',
  module: false,
  attributes: classSettings,
  functions: [
    {
      names: [`${F}.nll_loss`],
      parameters: ['input', 'target', 'weight', 'size_average', 'ignore_index', 'reduce', 'reduction'],
      operands: ['input', 'target'],
    },
  ],
  types([, target]) {
    if (target !== 'int64') throw new ShapeError(`expected scalar type Long but found Float`);
    return ['float32'];
  },
  outputShapes([input, target], attributes) {
    checkLegacy(attributes);
    const positions = checkClasses(input, target);
    return [attributes.reduction === 'none' ? positions : []];
  },
  forward([x, target], { ignore_index, reduction: by }) {
    const { picked, counts } = ofClasses(x!, target!, ignore_index);
    return { outputs: [averaged(picked, counts, by)] };
  },
});

const crossEntropy = defineLayer({
  kind: 'cross_entropy',
  role: 'arithmetic',
  module: false,
  attributes: { ...classSettings, label_smoothing: float(0) },
  functions: [
    {
      names: [`${F}.cross_entropy`],
      parameters: [
        'input',
        'target',
        'weight',
        'size_average',
        'ignore_index',
        'reduce',
        'reduction',
        'label_smoothing',
      ],
      operands: ['input', 'target'],
    },
  ],
  types: ([, target]) => {
    if (target === 'bool')
      throw new ShapeError('cross_entropy takes class indices or probabilities, not a Bool tensor');
    return ['float32'];
  },
  outputShapes([input, target], attributes) {
    checkLegacy(attributes);
    if (input && target && input.length > 0 && sameShape(input, target)) {
      const axis = classAxis(input.length);
      return [attributes.reduction === 'none' ? input.filter((_, i) => i !== axis) : []];
    }
    const positions = checkClasses(input, target);
    return [attributes.reduction === 'none' ? positions : []];
  },
  forward([x, target], { ignore_index, label_smoothing: share, reduction: by }) {
    const axis = classAxis(x!.shape.length);
    const classes = x!.shape[axis]!;
    const logarithms = logSoftmax(x!, axis);
    if (target!.dtype === 'float32') {
      const smooth = share === 0 ? target! : add(mul(target!, 1 - share), share / classes);
      const each = neg(sum(mul(smooth, logarithms), [axis]));
      // Of probabilities the mean is by positions.
      return { outputs: [reduced(each, by)] };
    }
    const { picked, counts } = ofClasses(logarithms, target!, ignore_index);
    if (share === 0) return { outputs: [averaged(picked, counts, by)] };
    const spread = mul(neg(mean(logarithms, [axis])), mul(counts, share));
    return { outputs: [averaged(add(mul(picked, 1 - share), spread), counts, by)] };
  },
});

/** Σ t·(ln t − x) of log-probabilities x. */
const klDiv = defineLayer({
  kind: 'kl_div',
  role: 'arithmetic',
  module: false,
  attributes: {
    ...legacy,
    reduction: choice(['mean', 'sum', 'none', 'batchmean'], 'mean'),
    log_target: bool(false),
  },
  functions: [
    {
      names: [`${F}.kl_div`],
      parameters: ['input', 'target', ...OLD, 'log_target'],
      operands: ['input', 'target'],
    },
  ],
  types: (inputs) => floats('kl_div', inputs),
  outputShapes([input, target], attributes) {
    if (!input || !target) throw new ShapeError('kl_div takes an input and a target');
    checkLegacy(attributes);
    const shape = broadcastShapes(input, target);
    return [attributes.reduction === 'none' ? shape : []];
  },
  forward([x, target], { reduction: by, log_target }) {
    // 0·ln 0 is 0.
    const nothing = equal(target!, 0);
    const each = log_target
      ? mul(exp(target!), sub(target!, x!))
      : mul(target!, sub(log(where(nothing, 1, maximum(target!, 0))), x!));
    return { outputs: [by === 'batchmean' ? mul(sum(each), 1 / x!.shape[0]!) : reduced(each, by)] };
  },
});

/** Rows of losses inside a network. */
export const lossFunctions: readonly LayerRow[] = [
  elementwise('mse_loss', [...OLD, 'weight'], (x, target) => square(sub(x, target))),
  elementwise('l1_loss', [...OLD, 'weight'], (x, target) => abs(sub(x, target))),
  elementwise(
    'smooth_l1_loss',
    [...OLD, 'beta'],
    (x, target, beta) => (beta === 0 ? abs(sub(x, target)) : mul(huber(x, target, beta), 1 / beta)),
    'beta',
  ),
  elementwise('huber_loss', ['reduction', 'delta', 'weight'], huber, 'delta'),
  binary('binary_cross_entropy', false),
  binary('binary_cross_entropy_with_logits', true),
  nll,
  crossEntropy,
  klDiv,
];
