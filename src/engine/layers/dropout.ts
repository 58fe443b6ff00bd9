import { mul, type Tensor } from '../tensor';
import { bool, float, ofCall, optional } from './attribute';
import { onlyInput } from './dimensions';
import { AttributeError, defineLayer, type ForwardContext } from './row';

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

export const dropout = defineLayer({
  kind: 'Dropout',
  role: 'dropout',
  module: true,
  attributes: {
    p: float(0.5),
    inplace: bool(false),
    /** The function's own switch, true unless it is given: it drops in evaluation too. None: the network's mode decides. */
    training: ofCall(optional(bool())),
  },
  functions: [
    {
      names: ['torch.nn.functional.dropout'],
      parameters: ['input', 'p', 'training', 'inplace'],
      defaults: { training: true },
    },
  ],
  validate: ({ p }) => checkProbability('p', p),
  outputShapes: (inputs) => [onlyInput(inputs, 'Dropout')],
  forward([x], { p, training }, context) {
    const drops = training ?? context.mode === 'train';
    return { outputs: [drops ? drop(x!, p, context) : x!] };
  },
});
