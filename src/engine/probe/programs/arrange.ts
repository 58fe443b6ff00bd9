import { reshape, type Tensor, transpose } from '../../tensor';
import type { SampleLayout } from '../data/layout';

/**
 * Samples [batch, …sample] as the network takes them: the batch on its own axis. Where that axis holds several values for
 * each sample, those of one sample stand together, or (`interleaved`) one of each sample, then the next of each.
 */
export function arrange(samples: Tensor, { axis = 0, perSample }: SampleLayout, interleaved: boolean): Tensor {
  const rest = samples.shape.slice(1);
  const order = rest.map((_, i) => i + 1);
  // Behind the axes before the batch; before or behind the sample's own values on it.
  order.splice(axis + (perSample > 1 && interleaved ? 1 : 0), 0, 0);
  const placed = transpose(samples, order);
  if (perSample === 1) return placed;
  const merged = [...placed.shape];
  merged.splice(axis, 2, samples.shape[0]! * perSample);
  return reshape(placed, merged);
}
