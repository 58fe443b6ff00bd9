import type { Network, Span } from '../network';
import type { Found } from './rule';

/** Where each layer stands: where it is made, else where it is called; the network's own place for none. */
export function layerPlaces(network: Network): (layer: string | null) => Span {
  const sources = new Map<string, Span>();
  const leaves = new Map(network.modules.flatMap(({ id, container, source }) => (container ? [] : [[id, source]])));
  for (const { id, source } of network.calls) {
    // What a layer computes of itself stands where it does: the activation of Keras's Dense.
    sources.set(id, leaves.get(id.slice(0, Math.max(0, id.lastIndexOf('.')))) ?? source);
  }
  for (const { id, source } of network.modules) sources.set(id, source);
  return (layer) => (layer === null ? undefined : sources.get(layer)) ?? network.source;
}

/** Where a finding stands: at its own place, else at its layer's. */
export const placeOf = ({ source, layer }: Found, layerPlace: (layer: string | null) => Span): Span =>
  source ?? layerPlace(layer);
