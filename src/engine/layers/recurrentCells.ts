import { type Shape, sameDim, uniform } from '../network';
import {
  add,
  constant,
  expand,
  greater,
  mul,
  not,
  relu,
  reshape,
  sigmoid,
  slice,
  sub,
  type Tensor,
  tanh,
} from '../tensor';
import { bool, channels, choice, inferred, int } from './attribute';
import { fixedDim, formatDim } from './dimensions';
import { affine } from './linear';
import { flatGates } from './recurrentStack';
import { AttributeError, defineLayer, type Forward, type ForwardContext, type ParameterSpec, ShapeError } from './row';

interface Sizes {
  readonly input_size: number;
  readonly hidden_size: number;
  readonly bias: boolean;
}

const sizes = { input_size: inferred(int()), hidden_size: channels(int()), bias: bool(true) };

/** @throws ShapeError in PyTorch's words. `names` are of the states, in errors. */
function outputShapes(kind: string, inputs: readonly Shape[], own: Sizes, names: readonly string[]): readonly Shape[] {
  const [input, ...states] = inputs;
  if (!input) throw new ShapeError(`${kind} takes an input, but got none`);
  if (input.length !== 1 && input.length !== 2) {
    throw new ShapeError(`${kind}: Expected input to be 1D or 2D, got ${input.length}D instead`);
  }
  if (states.length !== 0 && states.length !== names.length) {
    throw new ShapeError(`${kind} takes no state, or ${names.length}, but got ${states.length}`);
  }
  states.forEach(({ length }, i) => {
    if (length === 1 || length === 2) return;
    throw new ShapeError(`${kind}: Expected ${names[i]} to be 1D or 2D, got ${length}D instead`);
  });
  if (input.at(-1) !== own.input_size) {
    const got = formatDim(input.at(-1)!);
    throw new ShapeError(`input has inconsistent input_size: got ${got} expected ${own.input_size}`);
  }
  const batch = input.length === 2 ? input[0]! : 1;
  states.forEach((state, i) => {
    // A single sample's state gets a batch of one in front.
    const [rows, columns] = input.length === 1 ? [1, state[0]!] : [state[0]!, state.at(-1)!];
    const [theirs, ours] = [formatDim(rows), formatDim(batch)];
    if (!sameDim(rows, batch)) {
      throw new ShapeError(`Input batch size ${ours} doesn't match hidden${i} batch size ${theirs}`);
    }
    if (columns !== own.hidden_size) {
      const got = formatDim(columns);
      throw new ShapeError(`hidden${i} has inconsistent hidden_size: got ${got}, expected ${own.hidden_size}`);
    }
  });
  return names.map(() => (input.length === 1 ? [own.hidden_size] : [batch, own.hidden_size]));
}

function parameters({ input_size, hidden_size, bias }: Sizes, gates: number): Readonly<Record<string, ParameterSpec>> {
  const bound = 1 / Math.sqrt(hidden_size);
  const of = (...shape: readonly number[]) => ({ shape, initialization: uniform(-bound, bound) });
  const rows = gates * hidden_size;
  return {
    weight_ih: of(rows, input_size),
    weight_hh: of(rows, hidden_size),
    ...(bias && { bias_ih: of(rows), bias_hh: of(rows) }),
  };
}

/** What a cell computes from its two products [B, gates·H] and its states [B, H]. */
type Advance = (
  input: Tensor,
  hidden: Tensor,
  states: readonly Tensor[],
  gates: (x: Tensor) => readonly Tensor[],
) => Pick<Forward, 'outputs' | 'saturated' | 'inactive'>;

function forward(
  inputs: readonly Tensor[],
  { hidden_size, bias }: Sizes,
  states: number,
  context: ForwardContext,
  advance: Advance,
): Forward {
  const single = inputs[0]!.shape.length === 1;
  const rows = single ? inputs.map((x) => reshape(x, [1, x.shape[0]!])) : inputs;
  const [input, ...given] = rows as readonly [Tensor, ...Tensor[]];
  const zeros = expand(constant(0), [input.shape[0]!, hidden_size]);
  const before = given.length > 0 ? given : Array.from({ length: states }, () => zeros);
  const product = (x: Tensor, name: string) =>
    affine(x, context.parameter(`weight_${name}`), bias ? context.parameter(`bias_${name}`) : undefined);
  const gates = (x: Tensor) =>
    Array.from({ length: x.shape[1]! / hidden_size }, (_, i) =>
      slice(x, [0, i * hidden_size], [x.shape[0]!, (i + 1) * hidden_size]),
    );
  const { outputs, ...rest } = advance(product(input, 'ih'), product(before[0]!, 'hh'), before, gates);
  return { outputs: single ? outputs.map((x) => reshape(x, [hidden_size])) : outputs, ...rest };
}

/** What the three cells have in common. */
const shared = (kind: string, gates: number, states: readonly string[]) => ({
  kind,
  role: 'recurrent' as const,
  module: true,
  call: { parameters: ['input', 'hx'], operands: ['input', '*hx'] },
  infer: ([input]: readonly Shape[]) => ({ input_size: fixedDim(input?.at(-1)) }),
  validate({ input_size, hidden_size }: Sizes) {
    for (const [name, size] of Object.entries({ input_size, hidden_size })) {
      if (size < 0) throw new AttributeError(name, `${kind}'s ${name} must not be negative, but got ${size}`);
    }
  },
  parameters: (attributes: Sizes) => parameters(attributes, gates),
  outputShapes: (inputs: readonly Shape[], attributes: Sizes) => outputShapes(kind, inputs, attributes, states),
  channelAxis: (_: number | undefined, outputRank: number) => outputRank - 1,
});

export const rnnCell = defineLayer({
  ...shared('RNNCell', 1, ['hidden']),
  attributes: { ...sizes, nonlinearity: choice(['tanh', 'relu'], 'tanh') },
  forward: (inputs, attributes, context) =>
    forward(inputs, attributes, 1, context, (own, again) => {
      const z = add(own, again);
      if (attributes.nonlinearity === 'tanh') {
        const next = tanh(z);
        return { outputs: [next], saturated: flatGates([], [next]) };
      }
      const next = relu(z);
      return { outputs: [next], inactive: not(greater(next, 0)) };
    }),
});

export const lstmCell = defineLayer({
  ...shared('LSTMCell', 4, ['hx[0]', 'hx[1]']),
  attributes: sizes,
  forward: (inputs, attributes, context) =>
    forward(inputs, attributes, 2, context, (own, again, [, c], gates) => {
      const [i, f, g, o] = gates(add(own, again)) as readonly [Tensor, Tensor, Tensor, Tensor];
      const [entering, kept, candidate, leaving] = [sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)];
      const cell = add(mul(kept, c!), mul(entering, candidate));
      return {
        outputs: [mul(leaving, tanh(cell)), cell],
        saturated: flatGates([entering, kept, leaving], [candidate]),
      };
    }),
});

export const gruCell = defineLayer({
  ...shared('GRUCell', 3, ['hidden']),
  attributes: sizes,
  forward: (inputs, attributes, context) =>
    forward(inputs, attributes, 1, context, (own, again, [h], gates) => {
      const [xr, xz, xn] = gates(own) as readonly [Tensor, Tensor, Tensor];
      const [hr, hz, hn] = gates(again) as readonly [Tensor, Tensor, Tensor];
      const [reset, update] = [sigmoid(add(xr, hr)), sigmoid(add(xz, hz))];
      const candidate = tanh(add(xn, mul(reset, hn)));
      return {
        outputs: [add(candidate, mul(update, sub(h!, candidate)))],
        saturated: flatGates([reset, update], [candidate]),
      };
    }),
});
