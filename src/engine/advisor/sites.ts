import { findLayer } from '../layers';
import { type Call, type Network, type Shape, valueShapes } from '../network';
import type { SitePlan } from '../report';
import { placeOfNorm } from './place';
import { repeatedModules, residualSums, traitsOf } from './traits';
import { convolvedDimensions, isKeras, roleOf, shapeOf, type View, viewOf } from './view';

/** A place where a norm stands, or could stand. */
export interface Site {
  /** The norm's call where one stands, else the call behind which one would be inserted. */
  readonly call: Call;
  readonly existing: boolean;
  /** Shape of what is normalized. */
  readonly shape: Shape;
  readonly place: SitePlan['place'];
}

/** What kind of data flows, which decides what the norms mean and which evidence applies. */
export type Family = 'image' | 'vector' | 'sequence';

/** The family by the layers: convolutions over images, attention or a length axis, else vectors. */
export function familyOf(network: Network): Family {
  const shapes = [...valueShapes(network).values()];
  const convolved = network.calls.flatMap(
    ({ kind }) => /Conv(?:Transpose)?(\d)[dD](?:Transpose)?$/.exec(kind)?.[1] ?? [],
  );
  if (convolved.some((dimension) => dimension !== '1')) return 'image';
  if (network.calls.some(({ kind }) => /^(Multihead|KerasMultiHead)Attention$/.test(kind))) return 'sequence';
  // What is convolved along its length has its channels first, and takes an image's norms.
  if (convolved.length > 0) return 'image';
  return shapes.some((shape) => shape.length === 3) ? 'sequence' : 'vector';
}

/** A norm that another could stand in place of. */
export const isNorm = ({ kind, module, attributes }: Call): boolean => {
  const row = findLayer(kind);
  return module !== undefined && row?.role === 'norm' && !row.irreplaceable?.(attributes);
};

/** Norms that nothing can take the place of: functions, those written by hand, and those that are steered from elsewhere. */
export const fixedNorms = ({ calls, writtenNorms = [] }: Network): readonly string[] => [
  ...calls.filter((call) => findLayer(call.kind)?.role === 'norm' && !isNorm(call)).map(({ kind }) => kind),
  ...writtenNorms.map(({ kind }) => kind),
];

/** What takes a value, beyond what only moves it; undefined where several do, or nothing. */
export function onlyUser(view: View, call: Call): Call | undefined {
  let [user, ...others] = view.users(call.id);
  while (user && others.length === 0 && (roleOf(user) === 'shape' || user.kind === 'Identity'))
    [user, ...others] = view.users(user.id);
  return others.length === 0 ? user : undefined;
}

/**
 * Every place of a network: norms that stand, and places without one: between a layer with weights, or what several were
 * joined to, and its activation; at the end of a residual branch; behind a recurrent layer; at every step of one that is
 * written out; and, where a network that attends has no norm at all, behind the sums of its blocks.
 */
export function allSites(network: Network): { readonly standing: readonly Site[]; readonly empty: readonly Site[] } {
  const view = viewOf(network);
  const repeated = repeatedModules(view);
  const standing = network.calls
    .filter(isNorm)
    .map((call): Site => ({ call, existing: true, shape: shapeOf(call), place: placeOfNorm(view, call, repeated) }));
  const { attention } = traitsOf(network);
  const bare = standing.length + fixedNorms(network).length === 0;
  const residual = residualSums(view);
  const place = (call: Call): Site['place'] | undefined => {
    if (residual.has(call.id)) return attention && bare ? 'post-block' : undefined;
    const role = roleOf(call);
    const user = onlyUser(view, call);
    if (role === 'recurrent' && /Cell$/.test(call.kind)) return 'recurrence';
    if (role === 'recurrent')
      return shapeOf(call).length === 3 && view.users(call.id).length > 0 ? 'between' : undefined;
    if (network.outputs.includes(call.id) || (user && network.outputs.includes(user.id))) return undefined;
    if (role !== 'affine' && role !== 'merge') return undefined;
    if (call.module !== undefined && repeated.has(call.module) && !attention) return 'recurrence';
    if (user === undefined) return undefined;
    if (roleOf(user) === 'activation' && (role === 'affine' || joinsLayers(view, call))) return 'before-activation';
    return role === 'affine' && residual.has(user.id) && !attention ? 'branch-end' : undefined;
  };
  const empty = network.calls.flatMap((call): Site[] => {
    const where = place(call);
    return where ? [{ call, existing: false, shape: shapeOf(call), place: where }] : [];
  });
  return { standing, empty };
}

/** Whether all that a sum or a list joins comes from layers with weights. */
const joinsLayers = (view: View, call: Call): boolean => {
  const sources = view.sources(call);
  return (
    sources.length > 1 && sources.every((source) => roleOf(source) === 'affine' && onlyUser(view, source) === call)
  );
};

/**
 * The sites that a norm is tried at: the norms that stand, and the places without one. Where norms stand at most such
 * places, the few without one (a classifier's head) are left as they are, and so are the inner places of sequence blocks,
 * whose norms stand on the residual stream.
 */
export function findSites(network: Network): Site[] {
  const { standing, empty } = allSites(network);
  const sums = empty.filter(({ place }) => place === 'post-block');
  if (sums.length > 0) return sums;
  const norms = standing.length + fixedNorms(network).length;
  const leaveEmpty = norms > 0 && (familyOf(network) === 'sequence' || norms >= empty.length);
  return leaveEmpty ? [...standing] : [...standing, ...empty];
}

/** Norms over features alone: what they normalize has its channels last. */
const OVER_FEATURES = /^(LayerNorm|RMSNorm)$/;

/**
 * Which axis of a site holds channels: the one that its layer with weights makes, the second of a norm that is for
 * [N, C, …], the last of a norm over features.
 */
export function channelAxis({ call, shape }: Site): number {
  const row = findLayer(call.kind);
  if (row?.library === 'keras' && row.role !== 'recurrent')
    return row.channelAxis?.(undefined, shape.length, call.attributes) ?? shape.length - 1;
  // The stream of a Transformer, and what a recurrent layer gives, have their features last.
  if (row?.role === 'recurrent' || row?.role === 'merge') return shape.length - 1;
  if (row?.role === 'affine') return row.channelAxis?.(undefined, shape.length, call.attributes) ?? 1;
  if (!OVER_FEATURES.test(call.kind)) return 1;
  // LayerNorm([C, H, W]) is of an image with its channels first.
  const normalized = call.attributes.normalized_shape;
  return Array.isArray(normalized) && normalized.length >= 3 ? 1 : shape.length - 1;
}

export const channelsOf = (site: Site): number => site.shape[channelAxis(site)] as number;

/** Channels and positions: [N, C, …], or Keras's [N, …, C] of what is convolved. */
export function isSpatial(site: Site): boolean {
  const { call, shape } = site;
  if (shape.length <= 2) return false;
  if (!isKeras(call)) return channelAxis(site) === 1;
  return shape.length >= 4 || convolvedDimensions(call) !== undefined;
}

/** Features last, and more than one vector a sample: [N, length, features]. */
export const hasLength = (site: Site): boolean => site.shape.length > 2 && !isSpatial(site);
