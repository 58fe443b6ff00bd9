import { elementCount } from '../../network';
import { cast, type Tensor } from '../../tensor';
import type { Reading } from './instrument';
import type { Tally } from './tally';

/** The share of a boolean tensor's values that are true. */
export function shareOf(flags: Tensor, tally: Tally): Reading {
  const count = elementCount(flags.shape);
  // A negation's inner flags are often at hand as numbers: the backward pass multiplies by them.
  if (flags.primitive === 'not') {
    const inner = shareOf(flags.inputs[0]!, tally);
    return { from: inner.from, finish: (sums, run) => 1 - inner.finish(sums, run) };
  }
  return { from: [tally.sum(cast(flags, 'float32'))], finish: ([sum]) => sum! / count };
}
