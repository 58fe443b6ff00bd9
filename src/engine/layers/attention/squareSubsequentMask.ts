import { int } from '../attribute';
import { AttributeError, defineLayer } from '../row';
import { causalMask } from './attend';

/** −∞ behind the diagonal, 0 elsewhere. It takes no tensor: its values are known. */
export const squareSubsequentMask = defineLayer({
  kind: 'generate_square_subsequent_mask',
  role: 'shape',
  module: false,
  attributes: { sz: int() },
  functions: [
    {
      names: ['torch.nn.Transformer.generate_square_subsequent_mask'],
      parameters: ['sz', 'dtype'],
      operands: [],
    },
  ],
  validate({ sz }) {
    if (sz < 0) {
      throw new AttributeError('sz', `Trying to create tensor with negative dimension ${sz}: [${sz}, ${sz}]`);
    }
  },
  outputShapes: (_, { sz }) => [[sz, sz]],
  forward: (_, { sz }) => ({ outputs: [causalMask(sz, sz)] }),
});
