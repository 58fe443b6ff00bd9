import { gru, lstm, rnn } from './recurrent';
import { gruCell, lstmCell, rnnCell } from './recurrentCells';
import type { LayerRow } from './row';

/** Layers over the steps of a sequence. */
export const sequences: readonly LayerRow[] = [rnn, lstm, gru, rnnCell, lstmCell, gruCell];
