import type { Change, NewLayer } from '../change';
import { findLayer } from '../layers';
import type { Call, Module, Network, Span } from '../network';
import { isApplied, isKerasKind, isKerasNetwork, ownerOf, sizedBy } from './keras';
import { channelsOf, withChannels } from './layerText';
import { findPlace, functionText, methodAround, type ParsedFile, type Place } from './place';

/** What an edit is made for: changes of one kind whose layers one place of the source makes, or calls. */
export interface Group {
  readonly operation: Change['operation'];
  /** The changes that an edit there makes: those asked for, and their like at the place's other layers. */
  readonly changes: readonly Change[];
  readonly calls: readonly Call[];
  /** Where the layers are constructed; undefined where that is not in this file, or a function has none. */
  readonly made: Place | undefined;
  /** Where each is called by itself, `self.conv(x)` or `F.relu(x)`, with the attribute's name. */
  readonly called: { readonly place: Place; readonly attribute: string | undefined } | undefined;
  readonly span: Span;
}

const keyOf = ({ uri, cell, start, end }: Span): string =>
  `${uri}#${cell ?? ''}:${start.line}:${start.column}-${end.line}:${end.column}`;

/** How a call stands in the source: by itself, or as a part of what calls it. */
function standsBy(file: ParsedFile, call: Call, keras: boolean): Group['called'] {
  const place = findPlace(file, call.source);
  if (place?.node.type !== 'call') return undefined;
  const self = methodAround(place)?.self;
  const callee = functionText(place.node);
  // Keras's layers have names of their own, and not their attributes'.
  const attribute = keras ? /^\w+\.(\w+)$/.exec(callee)?.[1] : call.module?.split('.').at(-1);
  if (!keras && attribute === undefined) return { place, attribute };
  if (self !== undefined && callee === `${self}.${attribute}`) return { place, attribute };
  return keras && isApplied(place) ? { place, attribute: undefined } : undefined;
}

const layerOf = (change: Change): NewLayer | undefined => ('layer' in change ? change.layer : undefined);

/** Whether a norm's channels are the last axis of what it takes. */
const channelsLast = (kind: string): boolean => /^(LayerNorm|RMSNorm)$/.test(kind);

/** The change for another layer of the same place; undefined where it cannot be there. */
function alike(change: Change, call: Call, module: Module | undefined): Change | undefined {
  const layer = layerOf(change);
  if (!layer || change.operation === 'set') return { ...change, site: call.id };
  if (isKerasKind(layer.kind)) {
    const sized = sizedBy(layer, call);
    return sized && ({ ...change, site: call.id, layer: sized } as Change);
  }
  if (channelsOf(layer) === undefined) return { ...change, site: call.id };
  const known = change.operation === 'replace' && module ? channelsOf(module) : undefined;
  const channels = known ?? call.outputShapes[0]?.at(channelsLast(layer.kind) ? -1 : 1);
  const own = typeof channels === 'number' ? withChannels(layer, channels) : undefined;
  return own && ({ ...change, site: call.id, layer: own } as Change);
}

/** The changes by the places that they are to be made at; what a place cannot have is told by its span. */
export function groupChanges(
  file: ParsedFile,
  network: Network,
  changes: readonly Change[],
): { readonly groups: readonly Group[] } | { readonly impossible: Span } {
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const keras = isKerasNetwork(network);
  const asked = new Map<string, Change[]>();
  const groups = new Map<string, Group>();
  for (const change of changes) {
    const call = network.calls.find(({ id }) => id === change.site);
    if (!call) throw new Error(`no call ${change.site} to edit`);
    const owner = keras ? ownerOf(network, call) : undefined;
    const module = owner ?? (call.module === undefined ? undefined : modules.get(call.module));
    const atCall = change.operation === 'insert' || change.operation === 'remove';
    const called = atCall && !(owner && change.operation === 'remove') ? standsBy(file, call, keras) : undefined;
    const span = called || !module ? call.source : module.source;
    const key = `${change.operation}@${keyOf(span)}`;
    asked.set(key, [...(asked.get(key) ?? []), change]);
    if (groups.has(key)) continue;
    const calls = network.calls.filter((other) => {
      const own = owner ? ownerOf(network, other) : other.module === undefined ? undefined : modules.get(other.module);
      if (!called && module) return own !== undefined && keyOf(own.source) === keyOf(span);
      // What one place calls as a whole, a Sequential, has many calls there: each is told by its kind of module.
      return (
        keyOf(other.source) === keyOf(span) &&
        other.kind === call.kind &&
        (own === undefined) === (module === undefined)
      );
    });
    const made = module && findPlace(file, module.source);
    groups.set(key, { operation: change.operation, changes: [], calls, made, called, span });
  }
  const complete: Group[] = [];
  for (const [key, group] of groups) {
    const own = asked.get(key)!;
    const seen = new Set<string>();
    const all: Change[] = [];
    for (const call of group.calls) {
      // A module that is called several times is replaced, or set, once.
      const once = group.operation === 'replace' || group.operation === 'set' ? (call.module ?? call.id) : call.id;
      if (seen.has(once)) continue;
      seen.add(once);
      const given = own.find(({ site }) => site === call.id);
      const change = given ?? alike(own[0]!, call, call.module === undefined ? undefined : modules.get(call.module));
      if (!change) return { impossible: group.span };
      all.push(change);
    }
    complete.push({ ...group, changes: all });
  }
  return { groups: complete };
}

/** Whether a layer has weights whose sizes say how many channels come out. */
export const isAffine = ({ kind }: Call): boolean => findLayer(kind)?.role === 'affine';
