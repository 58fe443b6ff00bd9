import { type Dim, formatShape, type Shape, sameShape, uniform } from '../network';
import { bool, channels, choice, float, inferred, int, ints, ofCall, optional } from './attribute';
import { fixedDim, formatDim } from './dimensions';
import { recurrentForward, type Stack, stackCells } from './recurrentStack';
import { AttributeError, defineLayer, type ParameterSpec, ShapeError } from './row';

const sizes = { input_size: inferred(int()), hidden_size: channels(int()), num_layers: int(1) };
const options = { bias: bool(true), batch_first: bool(false), dropout: float(0), bidirectional: bool(false) };
/** Sequences of several lengths, as `pack_padded_sequence` gives them: their lengths are the last input, or known. */
const lengths = { padded: ofCall(bool(false)), lengths: ofCall(optional(ints())) };

/** @throws AttributeError in PyTorch's words. */
function validate(stack: Omit<Stack, 'kind'>): void {
  const { input_size, hidden_size, num_layers, dropout, lengths: known, proj_size = 0 } = stack;
  if (!(dropout >= 0 && dropout <= 1)) {
    const what = 'representing the probability of an element being zeroed';
    throw new AttributeError('dropout', `dropout should be a number in range [0, 1] ${what}`);
  }
  for (const [name, size] of Object.entries({ input_size, hidden_size, num_layers })) {
    if (size <= 0) throw new AttributeError(name, `${name} must be greater than zero`);
  }
  if (proj_size < 0) {
    throw new AttributeError('proj_size', 'proj_size should be a positive integer or zero to disable projections');
  }
  if (proj_size >= hidden_size) {
    throw new AttributeError('proj_size', 'proj_size has to be smaller than hidden_size');
  }
  if (known && (known.length === 0 || known.some((length) => length <= 0))) {
    throw new AttributeError(
      'lengths',
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
}

/** Names of one layer's and direction's parameters, in registration order, without their stem. */
export const suffixes = ({ num_layers, bidirectional }: Pick<Stack, 'num_layers' | 'bidirectional'>): string[] =>
  Array.from({ length: num_layers }, (_, layer) =>
    (bidirectional ? ['', '_reverse'] : ['']).map((direction) => `_l${layer}${direction}`),
  ).flat();

/** Features of a hidden state as it goes out. */
const outgoing = ({ hidden_size, proj_size }: Pick<Stack, 'hidden_size' | 'proj_size'>): number =>
  proj_size ? proj_size : hidden_size;

function parameters(stack: Stack): Readonly<Record<string, ParameterSpec>> {
  const { input_size, hidden_size, bias, bidirectional, proj_size, kind } = stack;
  const rows = stackCells[kind].gates * hidden_size;
  const bound = 1 / Math.sqrt(hidden_size);
  const initialization = uniform(-bound, bound);
  return Object.fromEntries(
    suffixes(stack).flatMap((suffix) => {
      const inputs = /^_l0(_|$)/.test(suffix) ? input_size : outgoing(stack) * (bidirectional ? 2 : 1);
      const named = (stem: string, shape: readonly number[]) =>
        [`${stem}${suffix}`, { shape, initialization }] as const;
      return [
        named('weight_ih', [rows, inputs]),
        named('weight_hh', [rows, outgoing(stack)]),
        ...(bias ? [named('bias_ih', [rows]), named('bias_hh', [rows])] : []),
        ...(proj_size ? [named('weight_hr', [proj_size, hidden_size])] : []),
      ];
    }),
  );
}

const dimension = (shape: Shape) => `${shape.length}-D`;

/** What comes before the lengths: the input and the first states. */
const withoutLengths = <T>(inputs: readonly T[], padded: boolean): readonly T[] =>
  padded ? inputs.slice(0, -1) : inputs;

/** @throws ShapeError in PyTorch's words. */
function checkStates(
  states: readonly Shape[],
  expected: readonly Shape[],
  unbatched: boolean,
  kind: Stack['kind'],
): void {
  const ranks = unbatched ? ['unbatched 2-D', '2-D'] : ['batched 3-D', '3-D'];
  if (states.some((state) => state.length !== (unbatched ? 2 : 3))) {
    const got = states.map(dimension).join(', ');
    throw new ShapeError(
      kind === 'LSTM'
        ? `For ${ranks[0]} input, hx and cx should also be ${ranks[1]} but got (${got}) tensors`
        : `For ${ranks[0]} input, hx should also be ${ranks[1]} but got ${got} tensor`,
    );
  }
  for (const [i, state] of states.entries()) {
    const batched = unbatched ? [state[0]!, 1, state[1]!] : state;
    if (sameShape(batched, expected[i]!)) continue;
    const name = kind === 'LSTM' ? `hidden[${i}]` : 'hidden';
    const sizes = expected[i]!.map(formatDim).join(', ');
    throw new ShapeError(`Expected ${name} size (${sizes}), got ${formatShape(batched)}`);
  }
}

/** Output, last hidden states and, in LSTM, last cell states. */
function outputShapes(inputs: readonly Shape[], stack: Stack): readonly Shape[] {
  const { kind, num_layers, bidirectional, batch_first, padded, lengths: known } = stack;
  const [input, ...states] = withoutLengths(inputs, padded);
  if (!input) throw new ShapeError(`${kind} takes an input, but got none`);
  if (input.length !== 2 && input.length !== 3) {
    const tensor = kind === 'RNN' ? ' tensor' : '';
    throw new ShapeError(`${kind}: Expected input to be 2D or 3D, got ${input.length}D${tensor} instead`);
  }
  const unbatched = input.length === 2;
  const stateCount = stackCells[kind].states;
  if (states.length !== 0 && states.length !== stateCount) {
    throw new ShapeError(`${kind} takes no first state, or ${stateCount}, but got ${states.length}`);
  }
  const [steps, batch] = unbatched ? [input[0]!, 1] : batch_first ? [input[1]!, input[0]!] : [input[0]!, input[1]!];
  const directions = bidirectional ? 2 : 1;
  const stateShapes = [outgoing(stack), stack.hidden_size]
    .slice(0, stateCount)
    .map((size): Shape => [num_layers * directions, batch, size]);
  checkSize(input.at(-1)!, stack.input_size);
  checkStates(states, stateShapes, unbatched, kind);
  if (steps === 0) throw new ShapeError('Expected sequence length to be larger than 0 in RNN');
  if (padded) checkLengths(inputs.at(-1)!, batch);
  const longest = known ? Math.max(...known) : undefined;
  if (typeof steps === 'number' && longest !== undefined && longest > steps) {
    throw new ShapeError(`Expected \`len(lengths)\` to be at most the number of steps ${steps}, but got ${longest}`);
  }
  const out: Dim[] = [longest ?? steps, directions * outgoing(stack)];
  if (!unbatched) out.splice(batch_first ? 0 : 1, 0, batch);
  return [out, ...stateShapes.map((shape) => (unbatched ? [shape[0]!, shape[2]!] : shape))];
}

function checkSize(size: Dim, expected: number): void {
  if (size === expected) return;
  throw new ShapeError(`input.size(-1) must be equal to input_size. Expected ${expected}, got ${formatDim(size)}`);
}

function checkLengths(shape: Shape, batch: Dim): void {
  if (sameShape(shape, [batch])) return;
  throw new ShapeError(
    `Expected \`len(lengths)\` to be equal to batch_size, but got ${formatShape(shape)} (batch_size=${formatDim(batch)})`,
  );
}

/** What the three have in common; `kind` is not an attribute of theirs but says which they are. */
const shared = <K extends Stack['kind']>(kind: K) => ({
  role: 'recurrent' as const,
  module: true,
  call: { parameters: ['input', 'hx'], operands: ['input', '*hx'] },
  infer: ([input]: readonly Shape[]) => ({ input_size: fixedDim(input?.at(-1)) }),
  validate: (attributes: Omit<Stack, 'kind'>) => validate(attributes),
  parameters: (attributes: Omit<Stack, 'kind'>) => parameters({ ...attributes, kind }),
  outputShapes: (inputs: readonly Shape[], attributes: Omit<Stack, 'kind'>) =>
    outputShapes(inputs, { ...attributes, kind }),
  results: () => ({ items: [0, kind === 'LSTM' ? { items: [1, 2] } : 1] }),
  channelAxis: (_: number | undefined, outputRank: number) => outputRank - 1,
});

export const rnn = defineLayer({
  kind: 'RNN',
  ...shared('RNN'),
  attributes: { ...sizes, nonlinearity: choice(['tanh', 'relu'], 'tanh'), ...options, ...lengths },
  forward: (inputs, attributes, context) => recurrentForward(inputs, { ...attributes, kind: 'RNN' }, context),
});

export const lstm = defineLayer({
  kind: 'LSTM',
  ...shared('LSTM'),
  attributes: { ...sizes, ...options, proj_size: channels(int(0)), ...lengths },
  forward: (inputs, attributes, context) => recurrentForward(inputs, { ...attributes, kind: 'LSTM' }, context),
});

export const gru = defineLayer({
  kind: 'GRU',
  ...shared('GRU'),
  attributes: { ...sizes, ...options, ...lengths },
  forward: (inputs, attributes, context) => recurrentForward(inputs, { ...attributes, kind: 'GRU' }, context),
});
