import { type Dim, type Shape, sameDim } from '../../network';
import { add, concat, maximum, minimum, mul, reshape, sub, type Tensor } from '../../tensor';
import { int } from '../attribute';
import { addDims, axisOf, range } from '../dimensions';
import { promoted } from '../elementTypes';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { kerasShape } from './format';

const listed = (inputs: readonly Shape[]): string => inputs.map(kerasShape).join(', ');

/**
 * Keras aligns shapes behind the batch from the end; one of lower rank gets axes of 1 behind its batch.
 * @throws ShapeError in Keras's words.
 */
function mergedShape(kind: string, inputs: readonly Shape[]): Shape {
  if (inputs.length < 2 && kind !== 'Add') {
    throw new ShapeError(`A merge layer should be called on a list of at least 2 inputs. Received ${inputs.length}.`);
  }
  const rank = Math.max(...inputs.map(({ length }) => length));
  const aligned = inputs.map((shape) => alignedTo(shape, rank));
  return range(0, rank).map((axis): Dim => {
    const sizes = aligned.map((shape) => shape[axis]!);
    const [size, ...others] = sizes.filter((each) => each !== 1);
    if (size === undefined) return 1;
    if (others.every((other) => sameDim(size, other))) return size;
    throw new ShapeError(`Inputs have incompatible shapes. Received shapes ${listed(inputs)}`);
  });
}

const alignedTo = (shape: Shape, rank: number): Shape =>
  shape.length === rank ? shape : [shape[0]!, ...range(shape.length, rank).map(() => 1), ...shape.slice(1)];

/** They take a list of tensors. */
const several = { parameters: ['inputs'], operands: ['*inputs'] };

const merge = (
  name: string,
  combine: (tensors: readonly Tensor[]) => Tensor,
  role: 'merge' | 'arithmetic' = 'merge',
): LayerRow =>
  defineLayer({
    kind: `Keras${name}`,
    role,
    library: 'keras',
    layout: 'any',
    module: true,
    classes: [`keras.layers.${name}`],
    call: several,
    attributes: {},
    types: (inputs) => [promoted(inputs)],
    outputShapes: (inputs) => [mergedShape(name, inputs)],
    forward(inputs) {
      const rank = Math.max(...inputs.map(({ shape }) => shape.length));
      return { outputs: [combine(inputs.map((x) => reshape(x, alignedTo(x.shape, rank) as readonly number[])))] };
    },
  });

const concatenate = defineLayer({
  kind: 'KerasConcatenate',
  role: 'merge',
  library: 'keras',
  layout: 'any',
  module: true,
  classes: ['keras.layers.Concatenate'],
  call: several,
  attributes: { axis: int(-1) },
  types: (inputs) => [promoted(inputs)],
  outputShapes(inputs, { axis }) {
    const [first] = inputs;
    if (!first) throw new ShapeError('A `Concatenate` layer should be called on a list of at least 1 input.');
    const at = axisOf(axis, first.length);
    const fits = inputs.every(
      (shape) => shape.length === first.length && shape.every((size, i) => i === at || sameDim(size, first[i]!)),
    );
    if (!fits) {
      throw new ShapeError(
        'A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. ' +
          `Received: input_shape=[${listed(inputs)}]`,
      );
    }
    const joined = inputs
      .map((shape) => shape[at]!)
      .reduce<Dim | undefined>((total, size) => (total === undefined ? size : addDims(total, size)), undefined);
    if (joined === undefined) throw new ShapeError('the batch cannot be joined with fixed rows');
    return [first.map((size, i) => (i === at ? joined : size))];
  },
  forward(inputs, { axis }, { channelsFirst }) {
    const rank = inputs[0]!.shape.length;
    const at = axisOf(axis, rank);
    const moved = at === 0 ? 0 : at === rank - 1 ? 1 : at + 1;
    return { outputs: [concat(inputs, channelsFirst ? moved : at)] };
  },
});

/** Rows repeated along a new axis of time. */
const repeatVector = defineLayer({
  kind: 'KerasRepeatVector',
  role: 'shape',
  library: 'keras',
  module: true,
  classes: ['keras.layers.RepeatVector'],
  attributes: { n: int() },
  outputShapes([input], { n }) {
    if (input?.length !== 2) {
      throw new ShapeError(
        `expected ndim=2, found ndim=${input?.length ?? 0}. Full shape received: ${kerasShape(input ?? [])}`,
      );
    }
    return [[input[0]!, n, input[1]!]];
  },
  forward: ([x], { n }) => ({
    outputs: [
      concat(
        range(0, n).map(() => reshape(x!, [x!.shape[0]!, 1, x!.shape[1]!])),
        1,
      ),
    ],
  }),
  channelAxis: (_, outputRank) => outputRank - 1,
});

export const merges: readonly LayerRow[] = [
  merge('Add', (tensors) => tensors.reduce(add)),
  merge('Subtract', ([a, b]) => sub(a!, b!)),
  merge('Multiply', (tensors) => tensors.reduce(mul), 'arithmetic'),
  merge('Average', (tensors) => mul(tensors.reduce(add), 1 / tensors.length)),
  merge('Maximum', (tensors) => tensors.reduce(maximum)),
  merge('Minimum', (tensors) => tensors.reduce(minimum)),
  concatenate,
  repeatVector,
];
