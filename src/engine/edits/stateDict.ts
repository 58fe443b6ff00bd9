import type { Network } from '../network';
import type { Correspondence } from './sameNetwork';

/** What an edit does to the names under which trained weights are saved. */
export interface BrokenKeys {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

const COUNTING = /^(Sync)?BatchNorm|^InstanceNorm/;

/** The keys of `state_dict()` by their module, '' for the model's own. */
export function stateDictKeys({ modules, parameters, buffers }: Network): Map<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  const known = new Set<string>();
  for (const { id, kind, attributes, aliases, ...own } of modules) {
    const names = [...Object.keys(own.parameters), ...Object.keys(own.buffers)];
    if (COUNTING.test(kind) && attributes.track_running_stats === true) names.push('num_batches_tracked');
    for (const tensor of [...Object.values(own.parameters), ...Object.values(own.buffers)]) known.add(tensor);
    keys.set(
      id,
      [id, ...aliases].flatMap((prefix) => names.map((name) => `${prefix}.${name}`)),
    );
  }
  keys.set(
    '',
    [...parameters, ...buffers].flatMap(({ id }) => (known.has(id) ? [] : id)),
  );
  return keys;
}

/** The keys that a checkpoint of the network before has otherwise than the network after. */
export function brokenKeys(before: Network, after: Network, modules: Correspondence): BrokenKeys {
  const [old, fresh] = [stateDictKeys(before), stateDictKeys(after)];
  const all = new Set([...fresh.values()].flat());
  const removed: string[] = [];
  const renamed: { from: string; to: string }[] = [];
  const kept = new Set<string>();
  for (const [id, names] of old) {
    const now = modules.get(id) ?? (fresh.has(id) && ![...modules.values()].includes(id) ? id : undefined);
    for (const from of names) {
      // An alias keeps its own name; a module's first name goes with the module.
      const to = now === undefined ? undefined : from.startsWith(`${id}.`) ? now + from.slice(id.length) : from;
      if (to === undefined || !all.has(to)) removed.push(from);
      else {
        kept.add(to);
        if (to !== from) renamed.push({ from, to });
      }
    }
  }
  return { removed, added: [...all].filter((key) => !kept.has(key)), renamed };
}
