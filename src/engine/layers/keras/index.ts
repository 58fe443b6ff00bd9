// Keras 3's layers whose weights, defaults or conventions differ from PyTorch's: kinds are Keras's class names behind
// "Keras", attributes and weights have Keras's names and shapes. Its norms stand in ../norms/keras.ts.
import type { LayerRow } from '../row';
import { attentions } from './attention';
import { convLstms } from './convLstm';
import { convolutions } from './convolution';
import { denses } from './dense';
import { einsumDenses } from './einsumDense';
import { merges } from './merge';
import { movings } from './moving';
import { noises } from './noise';
import { poolings } from './pooling';
import { preprocessings } from './preprocessing';
import { recurrences } from './recurrent';
import { scoredAttentions } from './scoredAttention';

export const kerasLayers: readonly LayerRow[] = [
  ...denses,
  ...convolutions,
  ...poolings,
  ...movings,
  ...merges,
  ...recurrences,
  ...convLstms,
  ...attentions,
  ...scoredAttentions,
  ...einsumDenses,
  ...noises,
  ...preprocessings,
];
