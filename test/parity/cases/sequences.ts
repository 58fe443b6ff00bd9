import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases, LayerCase } from '../layerCase';
import { anyMode, B, each, evaluated } from './forms';

const sizes: Attributes = { input_size: 3, hidden_size: 4 };
const sequence: Shape = [5, B, 3];

/** An input [5, B, 3] with its first states, of `layers` layers and directions. */
const withStates = (attributes: Attributes, states: number, layers: number): LayerCase => ({
  attributes: { ...sizes, ...attributes },
  inputs: [sequence, ...Array.from({ length: states }, (): Shape => [layers, B, 4])],
});

/** Sequences of several lengths: the last input says them. */
const padded = (attributes: Attributes, lengths: readonly number[], further: readonly Shape[] = []): LayerCase => ({
  attributes: { ...sizes, batch_first: true, padded: true, ...attributes },
  inputs: [[B, 5, 3], ...further, [B]],
  values: [undefined, ...further.map(() => undefined), { numbers: lengths, dtype: 'int64' }],
  batch: lengths.length,
});

function drawn(draw: Draw, states: number, further: Attributes): LayerCase {
  const [inputSize, hiddenSize, layers] = [draw.int(1, 5), draw.int(1, 5), draw.int(1, 3)];
  const projected = states === 2 && hiddenSize > 1 && draw.chance(0.15) ? draw.int(1, hiddenSize - 1) : 0;
  const bidirectional = draw.chance(0.4);
  const batchFirst = draw.chance();
  const unbatched = draw.chance(0.15);
  const mode = anyMode(draw);
  const steps = draw.int(1, 6);
  const batch = draw.int(1, 4);
  const attributes = {
    input_size: inputSize,
    hidden_size: hiddenSize,
    ...(layers > 1 && { num_layers: layers }),
    ...further,
    ...draw.some({ bias: draw.chance() }),
    ...(batchFirst && { batch_first: true }),
    ...(mode === 'evaluate' && draw.some({ dropout: 0.4 })),
    ...(bidirectional && { bidirectional }),
    ...(projected > 0 && { proj_size: projected }),
  };
  const directed = layers * (bidirectional ? 2 : 1);
  const input: Shape = unbatched ? [steps, inputSize] : batchFirst ? [B, steps, inputSize] : [steps, B, inputSize];
  const stateOf = (size: number): Shape => (unbatched ? [directed, size] : [directed, B, size]);
  const given = [projected > 0 ? projected : hiddenSize, hiddenSize].slice(0, states).map(stateOf);
  const inputs = [input, ...(draw.chance() ? given : [])];
  const sequences = unbatched ? 'all' : draw.pick(['all', 'all', 'padded', 'known']);
  if (sequences === 'padded') {
    const lengths: InputValues = { integers: [1, steps] };
    const values = [...inputs.map(() => undefined), lengths];
    return { attributes: { ...attributes, padded: true }, inputs: [...inputs, [B]], values, batch, mode };
  }
  const known = sequences === 'known' && { lengths: draw.ints(batch, 1, steps) };
  return { attributes: { ...attributes, ...known }, inputs, batch, mode };
}

/** RNN, LSTM and GRU: `states` tensors of first states, `further` attributes in random cases. */
const layerCases = (
  states: number,
  further: (draw: Draw) => Attributes,
  ...sets: readonly Attributes[]
): KindCases => ({
  fixed: [
    ...each([sequence], sizes, ...sets.map((set) => ({ ...sizes, ...set }))),
    ...each([sequence], { ...sizes, bias: false }, { ...sizes, num_layers: 2, bidirectional: true }),
    ...each([[B, 5, 3]], { ...sizes, batch_first: true, num_layers: 2 }),
    ...each([[5, 3]], { ...sizes, bidirectional: true }),
    withStates({ num_layers: 2, bidirectional: true }, states, 4),
    { attributes: sizes, inputs: [[5, 3], ...Array.from({ length: states }, (): Shape => [1, 4])] },
    { attributes: sizes, inputs: [[1, B, 3]], batch: 1 },
    padded({ num_layers: 2, bidirectional: true }, [5, 2, 3]),
    padded(
      {},
      [1, 4],
      Array.from({ length: states }, (): Shape => [1, B, 4]),
    ),
    { attributes: { ...sizes, lengths: [4, 2] }, inputs: [sequence], batch: 3 },
    ...evaluated(each([sequence], { ...sizes, num_layers: 2, dropout: 0.5 })),
  ],
  random: (draw) => drawn(draw, states, further(draw)),
  refused: [
    { attributes: sizes, inputs: [[5, 2, 4]] },
    { attributes: sizes, inputs: [[0, 2, 3]] },
    { attributes: sizes, inputs: [[5, 2, 3, 1]] },
    { attributes: { ...sizes, hidden_size: 0 }, inputs: [[5, 2, 3]] },
    { attributes: { ...sizes, input_size: 0 }, inputs: [[5, 2, 3]] },
    { attributes: { ...sizes, num_layers: 0 }, inputs: [[5, 2, 3]] },
    { attributes: { ...sizes, dropout: 1.5 }, inputs: [[5, 2, 3]] },
    ...[
      [
        [5, 2, 3],
        [1, 3, 4],
      ],
      [
        [5, 2, 3],
        [1, 4],
      ],
      [
        [5, 3],
        [1, 1, 4],
      ],
      [
        [5, 3],
        [2, 4],
      ],
    ].map(([input, state]) => ({
      attributes: sizes,
      inputs: [input!, ...Array.from({ length: states }, () => state!)],
    })),
  ],
});

function drawnCell(draw: Draw, states: number, further: Attributes): LayerCase {
  const [inputSize, hiddenSize] = [draw.int(1, 6), draw.int(1, 6)];
  const single = draw.chance(0.2);
  const of = (size: number): Shape => (single ? [size] : [B, size]);
  return {
    attributes: { input_size: inputSize, hidden_size: hiddenSize, ...draw.some({ bias: draw.chance() }), ...further },
    inputs: [of(inputSize), ...(draw.chance(0.7) ? Array.from({ length: states }, () => of(hiddenSize)) : [])],
    batch: draw.int(1, 4),
    mode: anyMode(draw),
  };
}

const cellCases = (states: number, further: (draw: Draw) => Attributes, ...sets: readonly Attributes[]): KindCases => {
  const state = (shape: Shape) => Array.from({ length: states }, () => shape);
  return {
    fixed: [
      ...each([[B, 3]], sizes, { ...sizes, bias: false }, ...sets.map((set) => ({ ...sizes, ...set }))),
      { attributes: sizes, inputs: [[B, 3], ...state([B, 4])] },
      { attributes: sizes, inputs: [[3], ...state([4])] },
    ],
    random: (draw) => drawnCell(draw, states, further(draw)),
    refused: [
      { attributes: sizes, inputs: [[2, 4]] },
      { attributes: sizes, inputs: [[2, 5, 3]] },
      { attributes: sizes, inputs: [[2, 3], ...state([2, 5])] },
      { attributes: sizes, inputs: [[2, 3], ...state([3, 4])] },
      { attributes: sizes, inputs: [[2, 3], ...state([2, 2, 4])] },
      { attributes: sizes, inputs: [[2, 3], ...state([4])] },
      { attributes: sizes, inputs: [[3], ...state([1, 4])] },
    ],
  };
};

const nothing = () => ({});
const nonlinearity = (draw: Draw) => ({ nonlinearity: draw.pick(['tanh', 'relu']) });

/** Recurrent layers and cells. */
export const sequences: FamilyCases = {
  RNN: layerCases(1, nonlinearity, { nonlinearity: 'relu' }),
  LSTM: layerCases(2, nothing, { proj_size: 2, bidirectional: true, num_layers: 2 }),
  GRU: layerCases(1, nothing),
  RNNCell: cellCases(1, nonlinearity, { nonlinearity: 'relu' }),
  LSTMCell: cellCases(2, nothing),
  GRUCell: cellCases(1, nothing),
};
