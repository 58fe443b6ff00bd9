import { type Shape, sameDim } from '../../network';
import {
  abs,
  add,
  and,
  cast,
  clip,
  constant,
  div,
  equal,
  expand,
  floor,
  greaterOrEqual,
  lessOrEqual,
  matmul,
  mul,
  range as rangeOf,
  reshape,
  round,
  gather as rowsOf,
  slice,
  stopGradient,
  sub,
  type Tensor,
  transpose,
  where,
} from '../../tensor';
import { bool, choice, dims, optional } from '../attribute';
import { formatDim, numberOf, range } from '../dimensions';
import { defineLayer, type LayerRow, NotModelled, ShapeError } from '../row';

// Images read off at places that a tensor says, from −1 at one edge to 1 at the other.

const listed = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

/** From [−1, 1] to pixels. `aligned`: the ends are the centres of the outermost pixels, else their outer edges. */
const inPixels = (place: Tensor, size: number, aligned: boolean): Tensor =>
  aligned ? mul(add(place, 1), (size - 1) / 2) : mul(sub(add(place, 1), 1 / size), size / 2);

/** Coordinates mirrored at both edges until they are inside. */
function reflected(place: Tensor, size: number, aligned: boolean): Tensor {
  const low = aligned ? 0 : -0.5;
  const span = aligned ? size - 1 : size;
  if (span === 0) return mul(place, 0);
  const distance = abs(sub(place, low));
  const flips = stopGradient(floor(div(distance, span)));
  const extra = sub(distance, mul(flips, span));
  const even = equal(sub(flips, mul(floor(div(flips, 2)), 2)), 0);
  return add(where(even, extra, sub(span, extra)), low);
}

type Padding = 'zeros' | 'border' | 'reflection';

function coordinate(place: Tensor, size: number, padding: Padding, aligned: boolean): Tensor {
  const pixel = inPixels(place, size, aligned);
  if (padding === 'zeros') return pixel;
  return clip(padding === 'border' ? pixel : reflected(pixel, size, aligned), 0, size - 1, false);
}

/** One neighbour of a place on an axis: which pixel, how much of it, and whether there is one. */
interface Neighbour {
  readonly pixel: Tensor;
  readonly share: Tensor | undefined;
  readonly inside: Tensor;
}

function neighbours(place: Tensor, size: number, nearest: boolean): Neighbour[] {
  const at = (pixel: Tensor, share: Tensor | undefined): Neighbour => ({
    pixel: clip(pixel, 0, size - 1, false),
    share,
    inside: and(greaterOrEqual(pixel, 0), lessOrEqual(pixel, size - 1)),
  });
  if (nearest) return [at(stopGradient(round(place)), undefined)];
  const left = stopGradient(floor(place));
  const share = sub(place, left);
  return [at(left, sub(1, share)), at(add(left, 1), share)];
}

/** Every choice of one neighbour an axis. */
const corners = (axes: readonly (readonly Neighbour[])[]): Neighbour[][] =>
  axes.reduce<Neighbour[][]>((all, axis) => all.flatMap((corner) => axis.map((each) => [...corner, each])), [[]]);

const gridSample = defineLayer({
  kind: 'grid_sample',
  role: 'arithmetic',
  module: false,
  attributes: {
    mode: choice(['bilinear', 'nearest', 'bicubic'], 'bilinear'),
    padding_mode: choice(['zeros', 'border', 'reflection'], 'zeros'),
    align_corners: optional(bool()),
  },
  functions: [
    {
      names: ['torch.nn.functional.grid_sample'],
      parameters: ['input', 'grid', 'mode', 'padding_mode', 'align_corners'],
      operands: ['input', 'grid'],
    },
  ],
  outputShapes([input, grid], { mode }) {
    if (!input || !grid) throw new ShapeError('grid_sample takes an input and a grid');
    if (mode === 'bicubic') throw new NotModelled('mode', "grid_sample's bicubic mode is not modelled");
    const spatial = input.length - 2;
    if (input.length !== grid.length || spatial < 2 || spatial > 3) {
      throw new ShapeError(
        `grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ` +
          `${listed(input)} and grid with sizes ${listed(grid)}`,
      );
    }
    if (!sameDim(input[0]!, grid[0]!)) {
      throw new ShapeError(
        `grid_sampler(): expected grid and input to have same batch size, but got input with sizes ${listed(input)} and ` +
          `grid with sizes ${listed(grid)}`,
      );
    }
    if (grid.at(-1) !== spatial) {
      throw new ShapeError(
        `grid_sampler(): expected grid to have size ${spatial} in last dimension, but got grid with sizes ${listed(grid)}`,
      );
    }
    return [[input[0]!, input[1]!, ...grid.slice(1, -1)]];
  },
  forward([x, grid], { mode, padding_mode, align_corners }) {
    const [samples, channels, ...sizes] = x!.shape as [number, number, ...number[]];
    const spatial = sizes.length;
    const positions = grid!.shape.slice(1, -1);
    const count = positions.reduce((product, size) => product * size, 1);
    const places = reshape(grid!, [samples * count, spatial]);
    // The grid's last axis names x before y, the image's axes are the other way round.
    const axes = sizes.map((size, axis) => {
      const column = slice(places, [0, spatial - 1 - axis], [samples * count, spatial - axis]);
      const place = coordinate(reshape(column, [samples * count]), size, padding_mode, align_corners ?? false);
      return neighbours(place, size, mode === 'nearest');
    });
    const pixels = sizes.reduce((product, size) => product * size, 1);
    const front = [0, ...range(2, 2 + spatial), 1];
    const rows = reshape(transpose(x!, front), [samples * pixels, channels]);
    const first = reshape(
      expand(mul(reshape(cast(rangeOf(samples), 'int64'), [samples, 1]), pixels), [samples, count]),
      [samples * count],
    );
    const read = corners(axes).map((corner) => {
      const flat = corner.reduce<Tensor>(
        (sum, { pixel }, axis) => add(mul(sum, sizes[axis]!), cast(pixel, 'int64')),
        constant(0, [], 'int64'),
      );
      const shares = corner.flatMap(({ share }) => (share ? [share] : []));
      const there = corner.map(({ inside }) => inside).reduce((a, b) => and(a, b));
      const counted = padding_mode === 'zeros' ? [cast(there, 'float32')] : [];
      const weight = [...shares, ...counted].reduce<Tensor | undefined>((a, b) => (a ? mul(a, b) : b), undefined);
      const values = rowsOf(rows, add(first, flat));
      return weight ? mul(values, reshape(weight, [samples * count, 1])) : values;
    });
    const sampled = reshape(
      read.reduce((sum, each) => add(sum, each)),
      [samples, ...positions, channels],
    );
    return { outputs: [transpose(sampled, [0, positions.length + 1, ...range(1, positions.length + 1)])] };
  },
  channelAxis: () => 1,
});

/** More than any image has. */
const MOST_POINTS = 2 ** 24;

/** −1 to 1 in equal steps. `aligned`: both ends are in it, else they are the outer edges. */
const steps = (size: number, aligned: boolean): number[] => {
  if (size <= 1) return range(0, size).map(() => 0);
  const whole = range(0, size).map((i) => -1 + (2 * i) / (size - 1));
  return aligned ? whole : whole.map((each) => (each * (size - 1)) / size);
};

/** The grid of an affine map of each sample: θ [N, d, d + 1], for images of `size`. */
const affineGrid = defineLayer({
  kind: 'affine_grid',
  role: 'arithmetic',
  module: false,
  attributes: { size: dims(), align_corners: optional(bool()) },
  functions: [
    {
      names: ['torch.nn.functional.affine_grid'],
      parameters: ['theta', 'size', 'align_corners'],
      operands: ['theta'],
    },
  ],
  outputShapes([theta], { size }) {
    if (!theta) throw new ShapeError('affine_grid takes theta');
    const spatial = size.length - 2;
    if (spatial < 2 || spatial > 3)
      throw new ShapeError(
        `affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size (${listed(size).slice(1, -1)}).`,
      );
    if (theta.length !== 3 || theta[1] !== spatial || theta[2] !== spatial + 1) {
      throw new ShapeError(
        `Expected a batch of ${spatial}D affine matrices of shape Nx${spatial}x${spatial + 1} for size (${listed(size).slice(1, -1)}). Got torch.Size(${listed(theta)}).`,
      );
    }
    const points = size
      .slice(2)
      .reduce<number>((product, each) => product * numberOf(each, "the size of affine_grid's images"), 1);
    if (points > MOST_POINTS) throw new ShapeError(`a grid of ${points} points is more than is modelled`);
    return [[theta[0]!, ...size.slice(2), spatial]];
  },
  forward([theta], { size, align_corners }) {
    const spatial = size.slice(2).map((each) => numberOf(each, "the size of affine_grid's images"));
    const lines = spatial.map((each) => steps(each, align_corners ?? false));
    const points = lines.reduce<number[][]>(
      (all, line) => all.flatMap((point) => line.map((at) => [at, ...point])),
      [[]],
    );
    const base = constant(
      points.flatMap((point) => [...point, 1]),
      [points.length, spatial.length + 1],
    );
    const [samples] = theta!.shape as [number];
    const grid = matmul(reshape(base, [1, ...base.shape]), transpose(theta!, [0, 2, 1]));
    return { outputs: [reshape(grid, [samples, ...spatial, spatial.length])] };
  },
});

/** Rows that read images off at given places. */
export const gridRows: readonly LayerRow[] = [gridSample, affineGrid];
