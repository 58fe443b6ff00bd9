import type { Shape } from '../network';
import { add, mul, reshape, sub, type Tensor } from '../tensor';
import { bool, float, ofCall, optional } from './attribute';
import { onlyInput } from './dimensions';
import { AttributeError, defineLayer, type ForwardContext, type LayerRow, ShapeError } from './row';

/** @throws AttributeError in PyTorch's words. */
export function checkProbability(attribute: string, p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new AttributeError(
    attribute,
    `dropout probability has to be between 0 and 1, but got ${p}`,
    `give ${attribute} as the share that is dropped: 0.5 for half`,
  );
}

/** Inverted dropout: each value is kept with probability 1 − p and then divided by it, so that inference is the identity. */
export function drop(x: Tensor, p: number, context: ForwardContext): Tensor {
  if (p === 0) return x;
  if (p === 1) return mul(x, 0);
  return mul(x, mul(context.bernoulli(x.shape, 1 - p), 1 / (1 - p)));
}

/** The module's and the function's arguments. None for `training`: the network's mode decides. */
const attributes = {
  p: float(0.5),
  inplace: bool(false),
  /** The function's own switch: it drops in evaluation too. */
  training: ofCall(optional(bool())),
};

interface DropoutFamily {
  readonly function: string;
  /** The function's default for `training`. */
  readonly training: boolean;
  validateShape?(input: Shape): void;
  drop(x: Tensor, p: number, context: ForwardContext): Tensor;
}

const dropoutRow = (
  kind: string,
  { function: name, training, validateShape, drop: dropFrom }: DropoutFamily,
): LayerRow =>
  defineLayer({
    kind,
    role: 'dropout',
    module: true,
    attributes,
    functions: [
      {
        names: [`torch.nn.functional.${name}`],
        parameters: ['input', 'p', 'training', 'inplace'],
        defaults: { training },
      },
    ],
    validate: ({ p }) => checkProbability('p', p),
    outputShapes(inputs) {
      const input = onlyInput(inputs, kind);
      validateShape?.(input);
      return [input];
    },
    forward([x], { p, training: switched }, context) {
      const drops = switched ?? context.mode === 'train';
      return { outputs: [drops ? dropFrom(x!, p, context) : x!] };
    },
  });

export const dropout: LayerRow = {
  ...dropoutRow('Dropout', { function: 'dropout', training: true, drop }),
  layout: 'any',
};

/** Whole channels: one draw for each of the first two axes. */
const channelShape = (x: Tensor): number[] => x.shape.map((dim, axis) => (axis < 2 ? dim : 1));

/** Inverted dropout of whole channels. */
function dropChannels(x: Tensor, p: number, context: ForwardContext): Tensor {
  if (p === 0) return x;
  if (p === 1) return mul(x, 0);
  return mul(x, mul(context.bernoulli(channelShape(x), 1 - p), 1 / (1 - p)));
}

/** The same for one sample without its batch, whose channels stand on the first axis. */
function dropUnbatchedChannels(x: Tensor, p: number, context: ForwardContext): Tensor {
  return reshape(dropChannels(reshape(x, [1, ...x.shape]), p, context), x.shape);
}

const featureDropoutShape = (input: Shape): void => {
  if (input.length < 2) throw new ShapeError('Feature dropout requires at least 2 dimensions in the input');
};

export const dropout1d = dropoutRow('Dropout1d', {
  function: 'dropout1d',
  training: true,
  validateShape({ length }) {
    if (length === 2 || length === 3) return;
    throw new ShapeError(
      `dropout1d: Expected 2D or 3D input, but received a ${length}D input. Note that dropout1d exists to provide ` +
        'channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension ' +
        '(i.e. 2D or 3D inputs).',
    );
  },
  drop: (x, p, context) => (x.shape.length === 2 ? dropUnbatchedChannels : dropChannels)(x, p, context),
});

export const dropout2d = dropoutRow('Dropout2d', {
  function: 'dropout2d',
  training: true,
  validateShape: featureDropoutShape,
  drop: dropChannels,
});

// An input of four axes is one sample; PyTorch takes anything but five so.
export const dropout3d = dropoutRow('Dropout3d', {
  function: 'dropout3d',
  training: true,
  validateShape: ({ length }) =>
    featureDropoutShape(length === 5 ? [1, 1] : Array.from({ length: length + 1 }, () => 1)),
  drop: (x, p, context) => (x.shape.length === 5 ? dropChannels : dropUnbatchedChannels)(x, p, context),
});

/** The negated limit of SELU at −∞: −λα (Klambauer et al. 2017). */
const ALPHA = 1.7580993408473766;

/** Puts dropped values at SELU's lower limit, then scales and shifts so that mean 0 and variance 1 stay. */
function dropAlpha(x: Tensor, p: number, shape: readonly number[], context: ForwardContext): Tensor {
  if (p === 0) return x;
  if (p === 1) return mul(x, 0);
  const scale = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const mask = context.bernoulli(shape, 1 - p);
  // a·(x·m + (m − 1)·α + p·α)
  const shift = add(mul(sub(mask, 1), ALPHA * scale), ALPHA * scale * p);
  return add(mul(x, mul(mask, scale)), shift);
}

export const alphaDropout = dropoutRow('AlphaDropout', {
  function: 'alpha_dropout',
  training: false,
  drop: (x, p, context) => dropAlpha(x, p, x.shape, context),
});

export const featureAlphaDropout = dropoutRow('FeatureAlphaDropout', {
  function: 'feature_alpha_dropout',
  training: false,
  validateShape: featureDropoutShape,
  drop: (x, p, context) => dropAlpha(x, p, channelShape(x), context),
});
