import { multiheadAttention, scaledDotProductAttention, squareSubsequentMask } from './attention';
import { gru, lstm, rnn } from './recurrent';
import { gruCell, lstmCell, rnnCell } from './recurrentCells';
import type { LayerRow } from './row';

/** Layers over the positions or steps of a sequence. */
export const sequences: readonly LayerRow[] = [
  multiheadAttention,
  scaledDotProductAttention,
  squareSubsequentMask,
  rnn,
  lstm,
  gru,
  rnnCell,
  lstmCell,
  gruCell,
];
