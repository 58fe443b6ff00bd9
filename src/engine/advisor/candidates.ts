import type { Change, NewLayer } from '../change';
import { findLayer } from '../layers';
import { type Message, message } from '../network';
import { channelAxis, channelsOf, type Family, hasLength, isSpatial, type Site } from './sites';
import { isKeras } from './view';

/** A norm that could stand at the network's sites. */
export interface Candidate {
  /** PyTorch's class name without its dimension, or "none". */
  readonly norm: string;
  /** As a person would call it. */
  readonly label: string;
  readonly groups: number | null;
  readonly changes: readonly Change[];
  /** Why it cannot be here; absent where it can. */
  readonly impossible?: Message;
}

/** The usual number of groups (Wu & He 2018). */
const USUAL_GROUPS = 32;
/** A group of fewer channels is nearer to an instance norm than to a group norm. */
const LEAST_CHANNELS = 4;

/** The most groups, 32 at most, that divide the channels and leave each group four channels at least; else 1. */
export function groupsFor(channels: number): number {
  for (let groups = Math.min(USUAL_GROUPS, Math.floor(channels / LEAST_CHANNELS)); groups > 1; groups--) {
    if (channels % groups === 0) return groups;
  }
  return 1;
}

/** A norm of Keras's, whose channels stand where the site has them. */
const keras = (norm: string, site: Site, attributes: NewLayer['attributes'] = {}): NewLayer => ({
  kind: `Keras${norm}Normalization`,
  attributes: {
    channels: channelsOf(site),
    axis: (site.existing ? site.call.attributes.axis : undefined) ?? channelAxis(site) - site.shape.length,
    ...attributes,
  },
});

/** A norm of Keras's over the last axis alone. */
const kerasOverFeatures = (norm: string, site: Site): NewLayer => ({
  kind: `Keras${norm}Normalization`,
  attributes: { shape: [channelsOf(site)] },
});

type Builder = (site: Site) => NewLayer | undefined;

const batchNorm: Builder = (site) => {
  if (isKeras(site.call)) return hasLength(site) ? undefined : keras('Batch', site);
  const dimension = Math.max(1, site.shape.length - 2);
  if (hasLength(site) || !findLayer(`BatchNorm${dimension}d`)) return undefined;
  return { kind: `BatchNorm${dimension}d`, attributes: { num_features: channelsOf(site) } };
};

// For images "LayerNorm" is three things; this is the one that GroupNorm(1, C) writes: over channels and positions,
// with one gain a channel.
const layerNorm: Builder = (site): NewLayer => {
  if (isKeras(site.call))
    return isSpatial(site) ? keras('Group', site, { groups: 1 }) : kerasOverFeatures('Layer', site);
  return isSpatial(site)
    ? { kind: 'GroupNorm', attributes: { num_groups: 1, num_channels: channelsOf(site) } }
    : { kind: 'LayerNorm', attributes: { normalized_shape: [channelsOf(site)] } };
};

const groupNorm: Builder = (site) => {
  if (hasLength(site)) return undefined;
  const channels = channelsOf(site);
  if (isKeras(site.call)) return keras('Group', site, { groups: groupsFor(channels) });
  return {
    kind: 'GroupNorm',
    attributes: { num_groups: groupsFor(channels), num_channels: channels },
  };
};

const rmsNorm: Builder = (site) => {
  if (isSpatial(site)) return undefined;
  if (isKeras(site.call)) return kerasOverFeatures('RMS', site);
  return { kind: 'RMSNorm', attributes: { normalized_shape: [channelsOf(site)] } };
};

const changesFor = (sites: readonly Site[], build: Builder): readonly Change[] | undefined => {
  const changes: Change[] = [];
  for (const site of sites) {
    const layer = build(site);
    if (!layer) return undefined;
    changes.push({ operation: site.existing ? 'replace' : 'insert', site: site.call.id, layer });
  }
  return changes;
};

const NOT_OVER_TIME = message(
  'norm-not-over-time',
  'Its statistics would mix time steps and padding with the batch, and [batch, length, features] has its channels last.',
);
/** `impossible` says why a norm that people would ask about cannot be here; without it the norm is not mentioned. */
const rows: readonly { norm: string; build: Builder; impossible?: Message }[] = [
  { norm: 'BatchNorm', build: batchNorm, impossible: NOT_OVER_TIME },
  { norm: 'LayerNorm', build: layerNorm },
  { norm: 'GroupNorm', build: groupNorm, impossible: NOT_OVER_TIME },
  { norm: 'RMSNorm', build: rmsNorm },
];

/** Every norm at every site, and none where norms stand. Those that cannot be here say why. */
export function candidatesFor(sites: readonly Site[], family: Family): Candidate[] {
  const normed = rows.flatMap(({ norm, build, impossible }): Candidate[] => {
    const changes = changesFor(sites, build);
    const groups = norm === 'GroupNorm' ? commonGroups(changes) : null;
    const label = norm === 'LayerNorm' && family === 'image' ? 'LayerNorm, written GroupNorm(1, C)' : norm;
    if (changes) return [{ norm, label, groups, changes }];
    return impossible ? [{ norm, label, groups: null, changes: [], impossible }] : [];
  });
  const standing = sites.filter(({ existing }) => existing);
  if (standing.length === 0) return normed;
  const removals = standing.map(({ call }): Change => ({ operation: 'remove', site: call.id }));
  return [...normed, { norm: 'none', label: 'no norm', groups: null, changes: removals }];
}

/** The number of groups, where it is the same at every site. */
function commonGroups(changes: readonly Change[] | undefined): number | null {
  const groups = new Set(
    changes?.map((change) =>
      'layer' in change ? (change.layer.attributes.num_groups ?? change.layer.attributes.groups) : null,
    ),
  );
  const [only] = groups;
  return groups.size === 1 && typeof only === 'number' ? only : null;
}
