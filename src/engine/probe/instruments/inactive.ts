import { cast, mean } from '../../tensor';
import type { CallInstrument } from './instrument';

/** Share of an activation's inputs where its derivative is zero, or nearly. */
export const inactive: CallInstrument<'inactive'> = {
  quantities: ['inactive'],
  measure: ({ forward }) => (forward.inactive ? { inactive: mean(cast(forward.inactive, 'float32')) } : {}),
};
