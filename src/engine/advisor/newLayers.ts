import type { NewLayer } from '../change';
import { findLayer } from '../layers';
import { channelAxis, channelsOf, hasLength, isSpatial, type Site } from './sites';
import { isKeras } from './view';

/** The layer of a norm for a site; undefined where it cannot stand there. */
export type Builder = (site: Site) => NewLayer | undefined;

/** The usual number of groups (Wu & He 2018). */
export const USUAL_GROUPS = 32;
/** A group of fewer channels is nearer to an instance norm than to a group norm. */
const LEAST_CHANNELS = 4;

/** The most groups, `most` at most, that divide the channels and leave each group four channels at least; else 1. */
export function groupsFor(channels: number, most: number = USUAL_GROUPS): number {
  for (let groups = Math.min(most, Math.floor(channels / LEAST_CHANNELS)); groups > 1; groups--) {
    if (channels % groups === 0) return groups;
  }
  return 1;
}

/** A norm of Keras's, whose channels stand where the site has them: its own norm may be told another axis, or several. */
const keras = (norm: string, site: Site, attributes: NewLayer['attributes'] = {}): NewLayer => {
  const channels = channelsOf(site);
  const stated = site.existing ? site.call.attributes.axis : undefined;
  const own = typeof stated === 'number' && site.shape.at(stated) === channels;
  return {
    kind: `Keras${norm}Normalization`,
    attributes: { channels, axis: own ? stated : channelAxis(site) - site.shape.length, ...attributes },
  };
};

/** A norm of Keras's over the last axis alone. */
const kerasOverFeatures = (norm: string, site: Site): NewLayer => ({
  kind: `Keras${norm}Normalization`,
  attributes: { shape: [channelsOf(site)] },
});

/** Positions of a channel of one sample; 1 for a vector. */
export function positionsOf(site: Site): number {
  const axis = channelAxis(site);
  return site.shape.reduce<number>(
    (product, dim, i) => (i === 0 || i === axis || typeof dim !== 'number' ? product : product * dim),
    1,
  );
}

/** `BatchNorm2d`'s dimension for a site: 1 for vectors too. */
const dimensionOf = (site: Site): number => Math.max(1, site.shape.length - 2);

export const batchNorm: Builder = (site) => {
  if (hasLength(site)) return undefined;
  if (isKeras(site.call)) return keras('Batch', site);
  const kind = `BatchNorm${dimensionOf(site)}d`;
  return findLayer(kind) ? { kind, attributes: { num_features: channelsOf(site) } } : undefined;
};

export const syncBatchNorm: Builder = (site) =>
  hasLength(site) || isKeras(site.call)
    ? undefined
    : { kind: 'SyncBatchNorm', attributes: { num_features: channelsOf(site) } };

export const batchRenorm: Builder = (site) =>
  hasLength(site) || isKeras(site.call)
    ? undefined
    : { kind: 'BatchRenorm', attributes: { num_features: channelsOf(site) } };

/** For images "LayerNorm" is three things; this is the one that GroupNorm(1, C) writes: over channels and positions, with
 * one gain a channel. */
export const layerNorm: Builder = (site) => {
  if (isKeras(site.call))
    return isSpatial(site) ? keras('Group', site, { groups: 1 }) : kerasOverFeatures('Layer', site);
  return isSpatial(site)
    ? { kind: 'GroupNorm', attributes: { num_groups: 1, num_channels: channelsOf(site) } }
    : { kind: 'LayerNorm', attributes: { normalized_shape: [channelsOf(site)] } };
};

/** LayerNorm([C, H, W]): over channels and positions, with a gain for each value, of images of one size. */
export const layerNormOfShape: Builder = (site) => {
  const sizes = site.shape.slice(1);
  if (isKeras(site.call) || !isSpatial(site) || !sizes.every((size) => typeof size === 'number')) return undefined;
  return { kind: 'LayerNorm', attributes: { normalized_shape: sizes } };
};

export const groupNorm =
  (most: number = USUAL_GROUPS): Builder =>
  (site) => {
    if (hasLength(site)) return undefined;
    const channels = channelsOf(site);
    const groups = groupsFor(channels, most);
    if (isKeras(site.call)) return keras('Group', site, { groups });
    return { kind: 'GroupNorm', attributes: { num_groups: groups, num_channels: channels } };
  };

export const instanceNorm: Builder = (site) => {
  if (!isSpatial(site) || positionsOf(site) === 1) return undefined;
  if (isKeras(site.call)) return keras('Group', site, { groups: channelsOf(site) });
  const kind = `InstanceNorm${dimensionOf(site)}d`;
  return findLayer(kind) ? { kind, attributes: { num_features: channelsOf(site), affine: true } } : undefined;
};

export const rmsNorm: Builder = (site) => {
  if (isSpatial(site)) return undefined;
  if (isKeras(site.call)) return kerasOverFeatures('RMS', site);
  return { kind: 'RMSNorm', attributes: { normalized_shape: [channelsOf(site)] } };
};
