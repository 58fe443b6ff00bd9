import { formatShape, type Shape, sameShape } from '../../network';
import { divisors, fixedDim, formatDim } from '../dimensions';
import { AttributeError, ShapeError } from '../row';
import { type Dimension, hasRank, ranksOf } from './dimension';

/** What every convolution has, transposed or not. */
interface Geometry {
  readonly kernel_size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly in_channels: number;
  readonly out_channels: number;
  readonly groups: number;
}

/** Refuses what no convolution takes, transposed or not. @throws AttributeError in PyTorch's words. */
export function checkGeometry({ kernel_size, stride, dilation, in_channels, out_channels, groups }: Geometry): void {
  if (groups <= 0) throw new AttributeError('groups', 'groups must be a positive integer');
  for (const [name, channels] of Object.entries({ in_channels, out_channels })) {
    if (channels % groups === 0) continue;
    const fitting = divisors(in_channels).filter((size) => out_channels % size === 0);
    throw new AttributeError(
      'groups',
      `${name} must be divisible by groups`,
      `with ${in_channels} channels in and ${out_channels} out, let groups be ${fitting.length > 1 ? `one of ${fitting.join(', ')}` : '1'}`,
    );
  }
  for (const [name, value] of Object.entries({ in_channels, out_channels })) {
    if (value < 1) throw new AttributeError(name, `${name} must be positive, but got ${value}`);
  }
  if (kernel_size.some((size) => size < 1)) {
    throw new AttributeError('kernel_size', `kernel_size must be positive, but got (${kernel_size.join(', ')})`);
  }
  if (stride.some((size) => size < 1)) throw new AttributeError('stride', 'non-positive stride is not supported');
  if (dilation.some((size) => size < 1)) throw new AttributeError('dilation', 'non-positive dilation is not supported');
}

/** @throws ShapeError in PyTorch's words for an input of another rank. */
function checkRank(input: Shape, name: string, dimension: Dimension): void {
  if (hasRank(input, dimension)) return;
  const [unbatched, batched] = ranksOf(dimension).split(' or ');
  throw new ShapeError(
    `Expected ${unbatched} (unbatched) or ${batched} (batched) input to ${name}, but got input of size: ` +
      formatShape(input),
  );
}

/** The channels that a convolution is to take, from its input. @throws ShapeError for an input that has none. */
export function inferredChannels(input: Shape | undefined, name: string, dimension: Dimension): number | undefined {
  if (!input) return undefined;
  checkRank(input, name, dimension);
  const channels = fixedDim(input.at(-dimension - 1));
  if (channels !== undefined) return channels;
  const sizes = ['length', 'height, width', 'depth, height, width'][dimension - 1];
  throw new ShapeError(`${name} takes [batch, channels, ${sizes}], but got input of size: ${formatShape(input)}`);
}

/** What inputs must be for a weight of `expected`'s shape. @throws ShapeError in PyTorch's words. */
export function checkOperands(
  [input, weight, bias]: readonly Shape[],
  expected: readonly number[],
  { in_channels, out_channels, groups }: Pick<Geometry, 'in_channels' | 'out_channels' | 'groups'>,
  dimension: Dimension,
  transposed: boolean,
): void {
  const name = `${transposed ? 'conv_transpose' : 'conv'}${dimension}d`;
  if (!input) throw new ShapeError(`${name} takes 1 input, but got 0`);
  checkRank(input, name, dimension);
  const given = transposed ? 'transposed=1' : `groups=${groups}`;
  const size = formatShape(weight ?? expected);
  const channels = input.at(-dimension - 1)!;
  if (channels !== in_channels || (weight && !sameShape(weight, expected))) {
    const perGroup = weight ? fixedDim(weight[1]) : undefined;
    const wanted = transposed ? (fixedDim(weight?.[0]) ?? in_channels) : perGroup ? perGroup * groups : in_channels;
    const batched = input.length === dimension + 1 ? [1, ...input] : input;
    throw new ShapeError(
      `Given ${given}, weight of size ${size}, expected input${formatShape(batched)} to have ${wanted} channels, ` +
        `but got ${formatDim(channels)} channels instead`,
    );
  }
  if (bias && !sameShape(bias, [out_channels])) {
    throw new ShapeError(
      `Given ${transposed ? `${given}, ` : ''}weight of size ${size}, expected bias to be 1-dimensional with ` +
        `${out_channels} elements, but got bias of size ${formatShape(bias)} instead`,
    );
  }
}
