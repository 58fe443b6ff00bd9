import type { CallInstrument } from './instrument';
import { shareOf } from './share';

/** Share of an activation's inputs where its derivative is zero, or nearly. */
export const inactive: CallInstrument<'inactive'> = {
  quantities: ['inactive'],
  measure: ({ forward }, tally) => (forward.inactive ? { inactive: shareOf(forward.inactive, tally) } : {}),
};
