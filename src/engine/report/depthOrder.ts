import type { LayerRecord } from './report';

/**
 * The layers in the order of computation, as the chain of their `inputs` gives it: what feeds a layer stands before
 * it, and a branch is followed to its end before the next. A layer outside the chain stands behind the one that holds it
 * (`attention.out_proj` behind `attention`), or last where none does.
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
  const held = new Map<L, L[]>();
  const last: L[] = [];
  for (const layer of layers) {
    if (placed.has(layer)) continue;
    const holder = nearestHolder(layer.id, byId, placed);
    if (holder) held.set(holder, [...(held.get(holder) ?? []), layer]);
    else last.push(layer);
  }
  return [...order.flatMap((layer) => [layer, ...(held.get(layer) ?? [])]), ...last];
}

/** The placed layer whose id is the longest beginning of this one. */
function nearestHolder<L>(id: string, byId: ReadonlyMap<string, L>, placed: ReadonlySet<L>): L | undefined {
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) {
    const holder = byId.get(id.slice(0, dot));
    if (holder !== undefined && placed.has(holder)) return holder;
  }
  return undefined;
}
