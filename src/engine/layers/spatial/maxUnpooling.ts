import { formatShape, type Shape } from '../../network';
import { placeAlong, reshape, zeros } from '../../tensor';
import { int, ints, ofCall, optional, perDimension, sizes } from '../attribute';
import { numberOf } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { DIMENSIONS, type Dimension, hasRank, spatialSizes } from './dimension';

interface Unpooling {
  readonly kernel_size: readonly number[];
  readonly stride: readonly number[] | null;
  readonly padding: readonly number[];
  readonly output_size: readonly number[] | null;
}

/** (in − 1)·stride − 2·padding + kernel, or what is asked for: all of its axes, or the last ones. */
function unpooledShape(input: Shape, dimension: Dimension, attributes: Unpooling): Shape {
  const { kernel_size, stride, padding, output_size } = attributes;
  const asked = output_size?.slice(-dimension);
  const spatial = spatialSizes(input, dimension).map((size, i) => {
    const usual =
      (numberOf(size, 'what is unpooled') - 1) * (stride ?? kernel_size)[i]! - 2 * padding[i]! + kernel_size[i]!;
    return asked?.[i] ?? usual;
  });
  return [...input.slice(0, -dimension), ...spatial];
}

/** Every value where its maximum stood, zeros elsewhere: MaxPool's transpose with the indices that it returned. */
const maxUnpooling = (dimension: Dimension): LayerRow => {
  const kind = `MaxUnpool${dimension}d`;
  const operands = ['input', 'indices'];
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: {
      kernel_size: sizes(dimension),
      stride: optional(sizes(dimension)),
      padding: perDimension(int(), dimension, 0),
      output_size: ofCall(optional(ints())),
    },
    call: { parameters: ['input', 'indices', 'output_size'], operands },
    functions: [
      {
        names: [`torch.nn.functional.max_unpool${dimension}d`],
        parameters: ['input', 'indices', 'kernel_size', 'stride', 'padding', 'output_size'],
        operands,
      },
    ],
    types([input, indices]) {
      if (indices !== 'int64') throw new ShapeError('elements in indices should be type int64');
      return [input!];
    },
    outputShapes([input, indices], attributes) {
      if (!input || !indices) throw new ShapeError(`${kind} takes an input and the indices of its maxima`);
      if (!hasRank(input, dimension)) throw new ShapeError(`${kind} takes no input of shape ${formatShape(input)}`);
      if (formatShape(input) !== formatShape(indices)) {
        throw new ShapeError(
          `Expected shape of indices to be same as that of the input tensor (${formatShape(input)}) but got indices ` +
            `tensor with shape: ${formatShape(indices)}`,
        );
      }
      return [unpooledShape(input, dimension, attributes)];
    },
    forward([x, indices], attributes) {
      const shape = unpooledShape(x!.shape, dimension, attributes) as readonly number[];
      const lead = x!.shape.slice(0, -dimension);
      const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
      const flat = [count(lead), count(x!.shape.slice(-dimension))];
      const empty = zeros([count(lead), count(shape.slice(-dimension))]);
      const placed = placeAlong(empty, reshape(indices!, flat), reshape(x!, flat), { axis: 1, reduction: 'none' });
      return { outputs: [reshape(placed, shape)] };
    },
    channelAxis: (inputAxis) => inputAxis,
  });
};

export const maxUnpoolings: readonly LayerRow[] = DIMENSIONS.map(maxUnpooling);
