import { mean, sum, type Tensor } from '../../tensor';
import { choice } from '../setting';

/** `reduction='none'` leaves a script to reduce by itself; a training step needs one number. */
export const reduction = choice(['mean', 'sum'], 'mean');

/** One number from the loss of each element. */
export const reduce = (each: Tensor, by: 'mean' | 'sum'): Tensor => (by === 'sum' ? sum(each) : mean(each));

/** What the losses of elementwise values take, in Python's order. */
export const ELEMENTWISE = ['size_average', 'reduce', 'reduction'] as const;
