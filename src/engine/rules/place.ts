import type { Network, Span } from '../network';
import type { Found } from './rule';

/** Where each layer stands: where it is made, else where it is called; the network's own place for none. */
export function layerPlaces(network: Network): (layer: string | null) => Span {
  const sources = new Map<string, Span>();
  for (const { id, source } of network.calls) sources.set(id, source);
  for (const { id, source } of network.modules) sources.set(id, source);
  return (layer) => (layer === null ? undefined : sources.get(layer)) ?? network.source;
}

/** Where a finding stands: at its own place, else at its layer's. */
export const placeOf = ({ source, layer }: Found, layerPlace: (layer: string | null) => Span): Span =>
  source ?? layerPlace(layer);
