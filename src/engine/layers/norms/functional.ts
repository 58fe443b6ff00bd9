import { elementCount, type Shape } from '../../network';
import { channelNorm, mean as meanOf, mul, ones, reshape, stopGradient, type Tensor, zeros } from '../../tensor';
import { bool, float, optional, subset } from '../attribute';
import { fixedDim, formatDim } from '../dimensions';
import { defineLayer, type Forward, type ForwardContext, ShapeError } from '../row';
import { byChannel } from './affine';
import { checkPositions } from './instanceNorm';
import { blend, checkBatch, normalizeByRunning, normalizeOverBatch, shareOfBatch } from './statistics';

/** What the functions take beside the input; each may be None. */
const OPERANDS = ['running_mean', 'running_var', 'weight', 'bias'] as const;
type OperandName = (typeof OPERANDS)[number];

const attributes = {
  momentum: optional(float(), 0.1),
  eps: float(1e-5),
  /** Which of the four stand behind the input. */
  operands: subset(OPERANDS),
};

const operandForm = ['input', ...OPERANDS.map((name) => `${name}?`)];

/** Where an operand stands among the inputs; undefined where it is None. */
const positionOf = (operands: readonly OperandName[], name: OperandName): number | undefined =>
  operands.includes(name) ? 1 + OPERANDS.filter((each) => operands.includes(each)).indexOf(name) : undefined;

/** @throws ShapeError where the input has no channels, or an operand is not one number a channel. */
function checkShapes(kind: string, inputs: readonly Shape[], operands: readonly OperandName[]): Shape {
  const [input] = inputs;
  if (!input || inputs.length !== operands.length + 1) {
    throw new ShapeError(`${kind} takes ${operands.length + 1} inputs here, but got ${inputs.length}`);
  }
  if (input.length < 2) throw new ShapeError(`expected at least 2D input (got ${input.length}D input)`);
  const channels = input[1]!;
  for (const name of OPERANDS) {
    const shape = inputs[positionOf(operands, name) ?? 0]!;
    if (!operands.includes(name)) continue;
    const size = shape.length === 1 ? fixedDim(shape[0]) : undefined;
    if (size !== channels) {
      throw new ShapeError(`${name} should contain ${formatDim(channels)} elements not ${size ?? formatDim(0)}`);
    }
  }
  return input;
}

interface Functional {
  readonly momentum: number | null;
  readonly eps: number;
  readonly operands: readonly OperandName[];
}

/** γ and β, and the running statistics where they are given. */
function bound(inputs: readonly Tensor[], { operands }: Functional) {
  const channels = inputs[0]!.shape[1]!;
  const at = (name: OperandName): Tensor | undefined => {
    const position = positionOf(operands, name);
    return position === undefined ? undefined : inputs[position];
  };
  const [mean, variance] = [at('running_mean'), at('running_var')];
  return {
    affine: { scale: at('weight') ?? ones([channels]), shift: at('bias') ?? zeros([channels]) },
    // PyTorch hands no gradient to them.
    running: mean && variance ? { mean: stopGradient(mean), variance: stopGradient(variance) } : undefined,
  };
}

/** The running statistics, changed in place by one more batch. */
function updates(
  observed: { readonly mean: Tensor; readonly variance: Tensor; readonly count: number },
  running: { readonly mean: Tensor; readonly variance: Tensor },
  { momentum, operands }: Functional,
  context: ForwardContext,
): Pick<Forward, 'operands' | 'buffers'> {
  const { share, counted } = shareOfBatch(momentum, context);
  const { mean, variance, count } = observed;
  return {
    operands: {
      [positionOf(operands, 'running_mean')!]: blend(running.mean, mean, share),
      [positionOf(operands, 'running_var')!]: blend(running.variance, mul(variance, count / (count - 1)), share),
    },
    buffers: counted,
  };
}

/** `F.batch_norm`: what the BatchNorm classes call, over inputs of any rank. */
export const batchNormFunction = defineLayer({
  kind: 'batch_norm',
  role: 'norm',
  module: false,
  /** None where the module's own mode decides. */
  attributes: { training: optional(bool(), false), ...attributes },
  functions: [
    {
      names: ['torch.nn.functional.batch_norm'],
      parameters: ['input', ...OPERANDS, 'training', 'momentum', 'eps'],
      operands: operandForm,
    },
  ],
  outputShapes: (inputs, { operands }) => [checkShapes('batch_norm', inputs, operands)],
  forward(inputs, functional, context) {
    const x = inputs[0]!;
    const { affine, running } = bound(inputs, functional);
    if (!(functional.training ?? context.mode === 'train')) {
      if (!running) throw new ShapeError('running_mean must be defined in evaluation mode');
      return { outputs: [normalizeByRunning(x, running, affine, functional.eps)] };
    }
    checkBatch(x.shape, functional.eps);
    const { y, ...observed } = normalizeOverBatch(x, affine, functional.eps);
    const count = elementCount(x.shape) / x.shape[1]!;
    return { outputs: [y], ...(running && updates({ ...observed, count }, running, functional, context)) };
  },
  channelAxis: () => 1,
  batchStatistics: ({ training }) => training !== false,
});

/** `F.instance_norm`: what the InstanceNorm classes call, always with a batch in front. */
export const instanceNormFunction = defineLayer({
  kind: 'instance_norm',
  role: 'norm',
  module: false,
  attributes: { use_input_stats: optional(bool(), true), ...attributes },
  functions: [
    {
      names: ['torch.nn.functional.instance_norm'],
      parameters: ['input', ...OPERANDS, 'use_input_stats', 'momentum', 'eps'],
      operands: operandForm,
    },
  ],
  outputShapes(inputs, { operands, use_input_stats }) {
    const input = checkShapes('instance_norm', inputs, operands);
    if (use_input_stats) checkPositions(input, input.length - 2);
    return [input];
  },
  forward(inputs, functional, context) {
    const x = inputs[0]!;
    const { affine, running } = bound(inputs, functional);
    if (!(functional.use_input_stats ?? context.mode === 'train')) {
      if (!running)
        throw new ShapeError('Expected running_mean and running_var to be defined when use_input_stats is false');
      return { outputs: [normalizeByRunning(x, running, affine, functional.eps)] };
    }
    checkPositions(x.shape, x.shape.length - 2);
    const [samples, channels] = x.shape as readonly [number, number];
    const part = (which: 'output' | 'mean' | 'variance') =>
      channelNorm(byChannel(x), affine.scale, affine.shift, { epsilon: functional.eps, groups: channels, part: which });
    const outputs = [reshape(part('output'), x.shape)];
    if (!running) return { outputs };
    const observed = {
      mean: meanOf(part('mean'), [0]),
      variance: meanOf(part('variance'), [0]),
      count: elementCount(x.shape) / (samples * channels),
    };
    return { outputs, ...updates(observed, running, functional, context) };
  },
  channelAxis: () => 1,
});
