import type { LayerRecord } from './report';

/**
 * The layers in the order of computation, as the chain of their `inputs` gives it: what feeds a layer stands before
 * it, and a branch is followed to its end before the next. Layers outside the chain come last, as they stood.
 */
export function inDepthOrder<L extends Pick<LayerRecord, 'id' | 'inputs'>>(layers: readonly L[]): L[] {
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const users = new Map<string, L[]>();
  const missing = new Map<L, number>();
  for (const layer of layers) {
    const feeding = [...new Set(layer.inputs)].filter((id) => byId.has(id) && id !== layer.id);
    missing.set(layer, feeding.length);
    for (const id of feeding) users.set(id, [...(users.get(id) ?? []), layer]);
  }
  const ready = layers.filter((layer) => layer.inputs.length > 0 && missing.get(layer) === 0).reverse();
  const order: L[] = [];
  for (let layer = ready.pop(); layer; layer = ready.pop()) {
    order.push(layer);
    for (const user of [...(users.get(layer.id) ?? [])].reverse()) {
      const left = missing.get(user)! - 1;
      missing.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  const placed = new Set(order);
  return [...order, ...layers.filter((layer) => !placed.has(layer))];
}
