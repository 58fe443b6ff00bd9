import { constant as filled, orthogonal, type Shape, valuesOf } from '../../network';
import {
  cast,
  concat,
  constant,
  expand,
  flip,
  greater,
  mul,
  not,
  recurrence,
  reshape,
  slice,
  type Tensor,
  transpose,
  where,
} from '../../tensor';
import { bool, choice, float, inferred, int, ofCall, subset } from '../attribute';
import { fixedDim } from '../dimensions';
import { type Stack, saturatedGates, stackCells } from '../recurrentStack';
import {
  AttributeError,
  defineLayer,
  type ForwardContext,
  type LayerRow,
  NotModelled,
  type ParameterSpec,
  ShapeError,
} from '../row';
import { checkAxis, kerasShape } from './format';
import { glorotUniform } from './initialization';
import { stepActivations, writtenOut } from './recurrentSteps';

interface Recurrent {
  readonly features: number;
  readonly units: number;
  readonly activation: string;
  readonly recurrent_activation?: string;
  readonly use_bias: boolean;
  readonly dropout: number;
  readonly recurrent_dropout: number;
  readonly return_sequences: boolean;
  readonly return_state: boolean;
  readonly go_backwards: boolean;
  readonly reset_after?: boolean;
  readonly unit_forget_bias?: boolean;
  readonly zero_output_for_mask: boolean;
  readonly operands: readonly 'mask'[];
}

const attributes = {
  features: inferred(int()),
  units: int(),
  activation: choice(stepActivations, 'tanh'),
  use_bias: bool(true),
  dropout: float(0),
  recurrent_dropout: float(0),
  return_sequences: bool(false),
  return_state: bool(false),
  go_backwards: bool(false),
  /** What a masked step gives in `return_sequences`: zeros, or what the step before gave. */
  zero_output_for_mask: bool(false),
  /** Whether the last operand is a mask [N, L]: a step that it leaves out keeps the state as it is. */
  operands: ofCall(subset(['mask'])),
};

/** @throws AttributeError in Keras's words, NotModelled for what Keras computes and we do not. */
function validate({ units, activation, recurrent_activation, recurrent_dropout }: Recurrent): void {
  if (units < 1) {
    throw new AttributeError(
      'units',
      `Received an invalid value for argument \`units\`, expected a positive integer, got ${units}.`,
    );
  }
  if (activation === 'other' || recurrent_activation === 'other')
    throw new NotModelled('activation', 'a recurrent layer with this activation is not modelled');
  if (recurrent_dropout < 0 || recurrent_dropout > 1)
    throw new AttributeError('recurrent_dropout', `Invalid value for recurrent_dropout: ${recurrent_dropout}`);
}

/** Whether the fused recurrence computes it; what it does not is written out, step by step. */
const isFused = (kind: Stack['kind'], given: Recurrent): boolean =>
  (given.activation === 'tanh' || (kind === 'RNN' && given.activation === 'relu')) &&
  (given.recurrent_activation ?? 'sigmoid') === 'sigmoid' &&
  given.recurrent_dropout === 0 &&
  (given.reset_after ?? true);

/** Kernel and recurrent kernel by gates, Keras's order; GRU's bias for both products. */
function parameters(
  kind: Stack['kind'],
  { features, units, use_bias, unit_forget_bias, reset_after = true }: Recurrent,
): Record<string, ParameterSpec> {
  const width = stackCells[kind].gates * units;
  const forget = unit_forget_bias
    ? valuesOf(Array.from({ length: width }, (_, i) => (i >= units && i < 2 * units ? 1 : 0)))
    : filled(0);
  return {
    kernel: glorotUniform([features, width]),
    recurrent_kernel: { shape: [units, width], initialization: orthogonal() },
    ...(use_bias && {
      bias: { shape: kind === 'GRU' && reset_after ? [2, width] : [width], initialization: forget },
    }),
  };
}

function outputShapes(kind: Stack['kind'], inputs: readonly Shape[], given: Recurrent): readonly Shape[] {
  const [input] = inputs;
  if (input?.length !== 3) {
    throw new ShapeError(
      `expected ndim=3, found ndim=${input?.length ?? 0}. Full shape received: ${kerasShape(input ?? [])}`,
      'give it a sequence: a recurrent layer before it needs return_sequences=True',
    );
  }
  checkAxis(input, -1, given.features);
  const [batch, steps] = input as readonly [Shape[number], Shape[number], Shape[number]];
  const state: Shape = [batch, given.units];
  const output: Shape = given.return_sequences ? [batch, steps, given.units] : state;
  return [output, ...(given.return_state ? Array.from({ length: stackCells[kind].states }, () => state) : [])];
}

/** Blocks of rows in another order: Keras's GRU has update, reset, candidate, the primitive reset, update, candidate. */
function gateRows(x: Tensor, kind: Stack['kind'], units: number): Tensor {
  if (kind !== 'GRU') return x;
  const rest = x.shape.slice(1);
  const block = (i: number) => slice(x, [i * units, ...rest.map(() => 0)], [(i + 1) * units, ...rest]);
  return concat([block(1), block(0), block(2)], 0);
}

function biasesOf(kind: Stack['kind'], units: number, use: boolean, context: ForwardContext): Tensor[] {
  if (!use) return [];
  const bias = context.parameter('bias');
  if (kind !== 'GRU') return [bias];
  const width = 3 * units;
  return [0, 1].map((row) => gateRows(reshape(slice(bias, [row, 0], [row + 1, width]), [width]), kind, units));
}

const recurrent = (name: string, kind: Stack['kind'], more: object): LayerRow =>
  defineLayer({
    kind: `Keras${name}`,
    role: 'recurrent',
    library: 'keras',
    module: true,
    classes: [`keras.layers.${name}`],
    attributes: { ...attributes, ...more } as typeof attributes,
    call: { parameters: ['sequences', 'initial_state'], operands: ['sequences', '*initial_state'] },
    infer: ([input]) => ({ features: fixedDim(input?.at(-1)) }),
    validate: (given) => validate(given as unknown as Recurrent),
    parameters: (given) => parameters(kind, given as unknown as Recurrent),
    outputShapes: (inputs, given) => outputShapes(kind, inputs, given as unknown as Recurrent),
    forward(inputs, given, context) {
      const { units, use_bias, dropout, return_sequences, return_state, go_backwards, activation } = given;
      const masked = given.operands.includes('mask');
      const [input, ...states] = inputs.slice(0, masked ? -1 : undefined) as unknown as readonly [Tensor, ...Tensor[]];
      const mask = masked ? inputs.at(-1)! : undefined;
      const training = context.mode === 'train';
      const [batch, steps, features] = input.shape as [number, number, number];
      // One mask for all steps of a sample.
      const x =
        training && dropout > 0
          ? mul(input, mul(context.bernoulli([batch, 1, features], 1 - dropout), 1 / (1 - dropout)))
          : input;
      const visible = mask && reshape(cast(mask, 'bool'), [batch, steps, 1]);
      // Outputs stand in the order in which the steps were taken.
      const counted = visible && go_backwards ? flip(visible, [1]) : visible;
      const shown = (all: Tensor): Tensor => (counted && given.zero_output_for_mask ? where(counted, all, 0) : all);
      const known = given as unknown as Recurrent;
      if (!isFused(kind, known)) {
        const written = writtenOut(kind, { x, states, mask: visible }, known, context);
        const output = return_sequences ? shown(written.all) : written.last;
        return { outputs: [output, ...(return_state ? written.states : [])] };
      }
      const weight = (name_: string) => gateRows(transpose(context.parameter(name_), [1, 0]), kind, units);
      const zero = expand(constant(0), [batch, units]);
      const operands = [
        transpose(x, [1, 0, 2]),
        weight('kernel'),
        weight('recurrent_kernel'),
        states[0] ?? zero,
        ...(kind === 'LSTM' ? [states[1] ?? zero] : []),
        ...biasesOf(kind, units, use_bias, context),
        ...(visible ? [transpose(visible, [1, 2, 0])] : []),
      ];
      const cell = kind === 'RNN' ? (activation as 'tanh' | 'relu') : (kind.toLowerCase() as 'lstm' | 'gru');
      const geometry = { cell, reverse: go_backwards, biased: use_bias, masked, keeps: training };
      const take = (part: string) => recurrence(operands, { ...geometry, take: part });
      const hidden = take('hidden');
      const end = go_backwards ? 0 : steps - 1;
      const last = reshape(slice(hidden, [end, 0, 0], [end + 1, batch, units]), [batch, units]);
      const all = transpose(go_backwards ? flip(hidden, [0]) : hidden, [1, 0, 2]);
      const output = return_sequences ? shown(all) : last;
      return {
        outputs: [output, ...(return_state ? [last, ...(kind === 'LSTM' ? [take('cell')] : [])] : [])],
        ...(cell === 'relu'
          ? { inactive: not(greater(output, 0)) }
          : { saturated: saturatedGates([{ gate: take }], kind) }),
      };
    },
    channelAxis: (_, outputRank) => outputRank - 1,
  });

const gated = { recurrent_activation: choice(stepActivations, 'sigmoid') };

export const recurrences: readonly LayerRow[] = [
  recurrent('SimpleRNN', 'RNN', {}),
  recurrent('LSTM', 'LSTM', { ...gated, unit_forget_bias: bool(true) }),
  recurrent('GRU', 'GRU', { ...gated, reset_after: bool(true) }),
];
