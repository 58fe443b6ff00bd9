import type { DrawWeights, Mend } from '../change';
import { message, type Network } from '../network';

const WORDS = { he: 'for ReLU (He)', glorot: 'as Glorot does', 'glorot-tanh': 'for tanh (Glorot)' } as const;

/** Drawing the weights of all layers of these kinds anew, where they are PyTorch's and no trained weights are loaded. */
export function drawnMend(network: Network, kinds: readonly string[], drawn: DrawWeights['drawn']): Mend | undefined {
  const ofPytorch = kinds.length > 0 && kinds.every((kind) => /^(Linear|Conv[123]d)$/.test(kind));
  if (!ofPytorch || (network.surroundings?.pretrained.length ?? 0) > 0) return undefined;
  return {
    title: message('draw-weights', 'Draw the first weights {how}', { how: WORDS[drawn] }),
    argument: { source: network.source, kinds, drawn },
  };
}
