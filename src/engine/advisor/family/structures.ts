import { message } from '../../network';
import { convolvedDimensions, sizesIn } from '../view';
import { imported, type Recognizer, type Seen } from './recognizer';

const PRODUCT = /^(matmul|bmm|einsum|addmm|baddbmm|KerasDot)$/;

/** Nodes with features, and what says which are neighbours: an adjacency matrix, or pairs of indices. */
export const graph: Recognizer = {
  kind: 'graph',
  recognize(seen) {
    const { view, data } = seen.traits;
    const library = imported(seen, /^(torch_geometric|dgl|torch_sparse|torch_scatter|spektral)\b/);
    if (library) return message('family-graph-import', 'The file imports {library}.', { library });
    if (view.network.inputs.length < 2 || data === 'image') return undefined;
    const square = view.network.inputs.find(
      ({ shape, role }) => role !== 'mask' && shape.length === 3 && shape[1] === shape[2] && Number(shape[1]) > 1,
    );
    if (!square) return undefined;
    // Adjacency multiplies features from the left.
    const multiplies = view
      .users(square.name)
      .some((call) => PRODUCT.test(call.kind) && view.operands(call)[0] === square.name);
    const masks = view
      .users(square.name)
      .some(({ kind }) => /^(masked_fill|where|eq|gt|le|lt|ge|KerasEqual)$/.test(kind));
    return multiplies || masks
      ? message(
          'family-graph',
          'A square matrix of {count} by {count} says which rows of another input are neighbours.',
          {
            count: square.shape[1] as number,
          },
        )
      : undefined;
  },
};

const MOST_POINT_CHANNELS = 9;
const LEAST_POINTS = 64;
const MAXIMUM = /^(max|amax|AdaptiveMaxPool1d|MaxPool1d|MaxPool2d|KerasGlobalMaxPooling1D|topk)$/;

/** Points with few coordinates, each through the same layers, and their maximum. */
export const pointCloud: Recognizer = {
  kind: 'point cloud',
  recognize(seen) {
    const { view, input } = seen.traits;
    const library = imported(seen, /^(pytorch3d|open3d|pointnet2|torch_points3d|MinkowskiEngine|spconv)\b/);
    if (library) return message('family-points-import', 'The file imports {library}.', { library });
    if (input?.shape.length !== 3 || input.dtype !== 'float32') return undefined;
    const [, a, b] = input.shape;
    if (typeof a !== 'number' || typeof b !== 'number') return undefined;
    const [channels, points] = a < b ? [a, b] : [b, a];
    if (channels < 3 || channels > MOST_POINT_CHANNELS || points < LEAST_POINTS) return undefined;
    const windows = view.network.calls
      .filter((call) => convolvedDimensions(call) !== undefined)
      .flatMap((call) => sizesIn(call, 'kernel_size'));
    if (windows.some((size) => size !== 1)) return undefined;
    return view.network.calls.some(({ kind }) => MAXIMUM.test(kind))
      ? message(
          'family-points',
          '{points} points of {channels} values go through the same layers, and their maximum is taken.',
          {
            points,
            channels,
          },
        )
      : undefined;
  },
};

const ENVIRONMENTS =
  /^(gym|gymnasium|stable_baselines3|pettingzoo|dm_control|dm_env|procgen|minigrid|ale_py|torchrl|ray\.rllib|tianshou|atari_py|mujoco_py|mujoco|envpool|brax)\b/;

/** What acts in an environment, or judges what is done there. */
export const reinforcementLearning: Recognizer = {
  kind: 'reinforcement learning',
  recognize(seen) {
    const { inputSize, data, view, outputs, affine, convolved } = seen.traits;
    const library = imported(seen, ENVIRONMENTS);
    if (library) return message('family-rl-import', 'The file imports {library}.', { library });
    if (data === 'image' && inputSize?.channels === 4 && inputSize.sizes.join() === '84,84')
      return message('family-rl-frames', 'Four frames of 84 by 84 go in, as Atari’s are stacked.');
    if (data === 'image' || convolved === 0) {
      const [first, second] = outputs;
      const heads =
        outputs.length === 2 &&
        first?.length === 2 &&
        second?.length === 2 &&
        outputs.some((shape) => shape[1] === 1) &&
        outputs.some((shape) => Number(shape[1]) > 1);
      if (heads && affine.length <= 40 && !seen.traits.attention)
        return message('family-rl-heads', 'Two heads come out, one with a single value: a policy and its value.');
    }
    const duel = isDuel(seen);
    if (duel) return message('family-rl-duel', 'A value and advantages less their mean are added.');
    const vectors = view.network.inputs.filter(({ shape, dtype }) => shape.length === 2 && dtype === 'float32');
    const joined = view.network.calls.find(
      (call) =>
        /^(cat|KerasConcatenate)$/.test(call.kind) &&
        vectors.length === 2 &&
        vectors.every(({ name }) => view.operands(call).includes(name)),
    );
    const value = outputs.every((shape) => shape.length === 1 || (shape.length === 2 && shape[1] === 1));
    if (joined && value && view.network.task.kind === 'regression')
      return message('family-rl-value', 'A state and an action go in side by side, and one value comes out.');
    return undefined;
  },
};

/** V + A − mean(A), as duelling networks end. */
const isDuel = ({ traits: { view } }: Seen): boolean =>
  view.network.outputs.some((output) => {
    const last = view.byId.get(output);
    if (!last || !/^(add|sub)$/.test(last.kind)) return false;
    const near = [last, ...view.sources(last), ...view.sources(last).flatMap((call) => view.sources(call))];
    return (
      near.some(({ kind }) => kind === 'mean') &&
      near.some(({ kind }) => kind === 'sub') &&
      near.some(({ kind }) => kind === 'add')
    );
  });
