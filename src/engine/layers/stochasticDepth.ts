import { mul, type Tensor } from '../tensor';
import { bool, choice, float, ofCall, optional } from './attribute';
import { onlyInput } from './dimensions';
import { AttributeError, defineLayer, type ForwardContext } from './row';

// Stochastic depth (Huang et al. 2016): a residual branch is left out, for the whole batch or by sample.

const drawn = (x: Tensor, keep: number, scale: boolean, whole: boolean, context: ForwardContext): Tensor => {
  const mask = context.bernoulli(
    x.shape.map((size, axis) => (axis === 0 && !whole ? size : 1)),
    keep,
  );
  return mul(x, scale ? mul(mask, 1 / keep) : mask);
};

/** torchvision's. */
export const stochasticDepth = defineLayer({
  kind: 'StochasticDepth',
  role: 'dropout',
  module: true,
  classes: ['torchvision.ops.StochasticDepth', 'torchvision.ops.stochastic_depth.StochasticDepth'],
  attributes: {
    p: float(),
    mode: choice(['batch', 'row']),
    /** The function's own switch, true unless it is given. None: the network's mode decides. */
    training: ofCall(optional(bool())),
  },
  functions: [
    {
      names: ['torchvision.ops.stochastic_depth'],
      parameters: ['input', 'p', 'mode', 'training'],
      defaults: { training: true },
    },
  ],
  validate({ p }) {
    if (p >= 0 && p <= 1) return;
    throw new AttributeError('p', `drop probability has to be between 0 and 1, but got ${p}`);
  },
  outputShapes: (inputs) => [onlyInput(inputs, 'StochasticDepth')],
  forward([x], { p, mode, training }, context) {
    const drops = training ?? context.mode === 'train';
    if (!drops || p === 0) return { outputs: [x!] };
    return { outputs: [p === 1 ? mul(x!, 0) : drawn(x!, 1 - p, true, mode === 'batch', context)] };
  },
});

const LAYERS = ['timm.layers', 'timm.layers.drop', 'timm.models.layers', 'timm.models.layers.drop'];

/** timm's: by sample. */
export const dropPath = defineLayer({
  kind: 'DropPath',
  role: 'dropout',
  module: true,
  classes: LAYERS.map((folder) => `${folder}.DropPath`),
  attributes: {
    drop_prob: float(0),
    scale_by_keep: bool(true),
    /** The function's own switch, false unless it is given. None: the network's mode decides. */
    training: ofCall(optional(bool())),
  },
  functions: [
    {
      names: LAYERS.map((folder) => `${folder}.drop_path`),
      parameters: ['x', 'drop_prob', 'training', 'scale_by_keep'],
      operands: ['x'],
      defaults: { training: false },
    },
  ],
  validate({ drop_prob }) {
    if (drop_prob >= 0 && drop_prob <= 1) return;
    throw new AttributeError('drop_prob', `drop_prob has to be between 0 and 1, but got ${drop_prob}`);
  },
  outputShapes: (inputs) => [onlyInput(inputs, 'DropPath')],
  forward([x], { drop_prob, scale_by_keep, training }, context) {
    const drops = training ?? context.mode === 'train';
    if (!drops || drop_prob === 0) return { outputs: [x!] };
    return { outputs: [drop_prob === 1 ? mul(x!, 0) : drawn(x!, 1 - drop_prob, scale_by_keep, false, context)] };
  },
});
