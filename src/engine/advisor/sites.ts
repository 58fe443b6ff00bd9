import { findLayer } from '../layers';
import { type Call, type Network, type Shape, valueShapes } from '../network';
import type { SitePlan } from '../report';
import { placeOfEmpty, placeOfNorm } from './place';
import { repeatedModules } from './traits';
import { convolvedDimensions, isKeras, roleOf, shapeOf, viewOf } from './view';

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

/** Every place of a network: norms that stand, and places without one between a layer with weights and its activation. */
export function allSites(network: Network): { readonly standing: readonly Site[]; readonly empty: readonly Site[] } {
  const view = viewOf(network);
  const repeated = repeatedModules(view);
  const standing = network.calls
    .filter(isNorm)
    .map((call): Site => ({ call, existing: true, shape: shapeOf(call), place: placeOfNorm(view, call, repeated) }));
  const empty = network.calls.flatMap((call): Site[] => {
    if (roleOf(call) !== 'affine') return [];
    const [user, ...others] = view.users(call.id);
    const followed = user && others.length === 0 && roleOf(user) === 'activation';
    const ends = network.outputs.includes(call.id) || (user !== undefined && network.outputs.includes(user.id));
    if (!followed || ends) return [];
    return [{ call, existing: false, shape: shapeOf(call), place: placeOfEmpty(call, repeated) }];
  });
  return { standing, empty };
}

/**
 * The sites that a norm is tried at: the norms that stand, and the places without one. Where norms stand at most such
 * places, the few without one (a classifier's head) are left as they are, and so are the inner places of sequence blocks,
 * whose norms stand on the residual stream.
 */
export function findSites(network: Network): Site[] {
  const { standing, empty } = allSites(network);
  const leaveEmpty = standing.length > 0 && (familyOf(network) === 'sequence' || standing.length >= empty.length);
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
  if (row?.library === 'keras') return row.channelAxis?.(undefined, shape.length, call.attributes) ?? shape.length - 1;
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
