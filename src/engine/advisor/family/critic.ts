import { message } from '../../network';
import { roleOf } from '../view';
import type { Recognizer, Seen } from './recognizer';
import { enlargement, isScore, takesImages } from './shapes';

/** Whether most of its activations leak: discriminators pass gradients on to what they judge. */
const leaks = ({ traits: { activations } }: Seen): boolean => {
  const inner = activations.filter(({ kind }) => !/^(Sigmoid|Softmax|Tanh)$/.test(kind));
  return inner.length > 0 && 2 * inner.filter(({ kind }) => /LeakyReLU/.test(kind)).length >= inner.length;
};

/** What judges an image as real or made: one score, or one for each patch. */
export const critic: Recognizer = {
  kind: 'critic',
  recognize(seen) {
    const { traits, surroundings } = seen;
    const [output] = traits.outputs;
    const score = isScore(output);
    if (surroundings?.gradientPenalty && score)
      return message(
        'family-critic-penalty',
        'One score comes out, and its gradient is differentiated (line {line}).',
        {
          line: surroundings.gradientPenalty.source.start.line,
        },
      );
    if (traits.view.network.calls.some((call) => roleOf(call) === 'weight' && /Spectral/.test(call.kind)) && score)
      return message('family-critic-spectral', 'One score comes out, and spectral norms bound the layers.');
    if (!takesImages(traits)) return undefined;
    if (score && leaks(seen) && traits.down && !traits.pools)
      return message('family-critic', 'An image goes in through strided layers that leak, and one score comes out.');
    const factor = enlargement(traits);
    const patches = traits.outputSize?.channels === 1 && factor !== undefined && factor < 0.5 && !traits.up;
    if (patches && leaks(seen))
      return message(
        'family-critic-patches',
        'An image goes in through layers that leak, and one score a patch comes out.',
      );
    return undefined;
  },
};
