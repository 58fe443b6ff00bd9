import type { Change } from '../change';
import { type Message, message, type Network, pretrainedPart } from '../network';
import type { TaskFamily } from '../report';
import { normName } from './currentNorm';
import { taskFamily } from './family';
import {
  type Builder,
  batchNorm,
  batchRenorm,
  groupNorm,
  groupsFor,
  instanceNorm,
  layerNorm,
  layerNormOfShape,
  rmsNorm,
  syncBatchNorm,
  USUAL_GROUPS,
} from './newLayers';
import { closedRecurrence, refusalOf } from './refusals';
import { channelsOf, hasLength, isSpatial, onlyUser, type Site } from './sites';
import { roleOf, viewOf } from './view';

export { groupsFor } from './newLayers';

/** A norm that could stand at the network's sites. */
export interface Candidate {
  /** PyTorch's class name without its dimension, or "none". */
  readonly norm: string;
  /** As a person would call it; no two of a network's candidates have the same. */
  readonly label: string;
  readonly groups: number | null;
  readonly changes: readonly Change[];
  /** Where its norms stand, when not where they usually do. */
  readonly placement?: 'after-activation';
  /** Why it cannot be here; absent where it can. */
  readonly impossible?: Message;
  /** Why no training can tell about it, though it can be here; absent where one can. */
  readonly untrained?: Message;
}

const SYNCHRONIZED = message(
  'norm-synchronized',
  'On one device it computes what BatchNorm does: what it gains, the samples of all devices, no probe shows.',
);
const IN_CELL = message(
  'norm-in-cell',
  'One norm for all steps, written into the cell: published practice alone speaks for it.',
);
const REPARAMETRIZED = message(
  'norm-of-weights',
  'It acts on weights, not on what flows: published practice alone speaks for it.',
);
const CHANNELS_LAST = message(
  'norm-channels-last',
  'Over channels alone, as in ConvNeXt: its axes must be moved last and back around it.',
);
const BY_SIZE = message(
  'norm-by-size',
  'It fixes the size of the image, and learns a gain for each value: seldom used.',
);
const AXES_MOVED = message(
  'norm-axes-moved',
  'It takes [batch, channels, positions]: its axes must be moved around it.',
);
const GROUPS = message(
  'norm-groups',
  'The number of groups matters little between 1 group (LayerNorm) and one a channel (InstanceNorm); 32 is usual.',
);

interface Row {
  readonly norm: string;
  readonly build: Builder;
  readonly label?: (sites: readonly Site[]) => string;
  readonly untrained?: (sites: readonly Site[]) => Message | undefined;
  /** Whether it is worth naming for these sites; default yes. */
  readonly named?: (network: Network, sites: readonly Site[]) => boolean;
}

const anySpatial = (sites: readonly Site[]): boolean => sites.some(isSpatial);
const moved = (sites: readonly Site[]): Message | undefined =>
  sites.length > 0 && sites.every(hasLength) ? AXES_MOVED : undefined;

/** Norms over what flows, in the order in which they are told of where nothing else orders them. */
const rows: readonly Row[] = [
  { norm: 'BatchNorm', build: batchNorm, untrained: moved },
  {
    norm: 'SyncBatchNorm',
    build: syncBatchNorm,
    untrained: () => SYNCHRONIZED,
    named: ({ surroundings }) =>
      surroundings?.distribution !== undefined || surroundings?.synchronizedNorms !== undefined,
  },
  {
    norm: 'LayerNorm',
    build: layerNorm,
    label: (sites) => (anySpatial(sites) ? 'LayerNorm, written GroupNorm(1, C)' : 'LayerNorm'),
  },
  {
    norm: 'LayerNorm',
    build: () => undefined,
    label: () => 'LayerNorm over channels alone',
    untrained: () => CHANNELS_LAST,
    named: (_, sites) => anySpatial(sites),
  },
  {
    norm: 'LayerNorm',
    build: layerNormOfShape,
    label: () => 'LayerNorm([C, H, W])',
    untrained: () => BY_SIZE,
    named: (_, sites) => sites.length > 0 && sites.every((site) => layerNormOfShape(site) !== undefined),
  },
  { norm: 'GroupNorm', build: groupNorm() },
  ...[USUAL_GROUPS / 2, 2 * USUAL_GROUPS].map(
    (groups): Row => ({
      norm: 'GroupNorm',
      build: groupNorm(groups),
      label: () => `GroupNorm, ${groups} groups at most`,
      untrained: () => GROUPS,
      named: (_, sites) =>
        sites.some((site) => !hasLength(site) && groupsFor(channelsOf(site), groups) !== groupsFor(channelsOf(site))),
    }),
  ),
  { norm: 'InstanceNorm', build: instanceNorm, named: (_, sites) => anySpatial(sites) },
  { norm: 'RMSNorm', build: rmsNorm, named: (_, sites) => !anySpatial(sites) },
  {
    norm: 'BatchRenorm',
    build: batchRenorm,
    label: () => 'Batch Renormalization',
    untrained: moved,
    named: (_, sites) => anySpatial(sites),
  },
];

/** The changes that put a norm wherever it can stand; undefined where it can nowhere. */
const changesFor = (sites: readonly Site[], build: Builder): readonly Change[] | undefined => {
  const changes = sites.flatMap((site): Change[] => {
    // One norm is for all steps: a change makes one for each place.
    const layer = site.place === 'recurrence' && !site.existing ? undefined : build(site);
    return layer ? [{ operation: site.existing ? 'replace' : 'insert', site: site.call.id, layer }] : [];
  });
  return changes.length > 0 ? changes : undefined;
};

/** Every norm at every site, and none where norms stand. Those that cannot be here say why. */
export function candidatesFor(network: Network, sites: readonly Site[]): Candidate[] {
  const family = taskFamily(network);
  const pretrained = pretrainedPart(network);
  if (pretrained) return tunedCandidates(network, sites, pretrained.source.start.line);
  const normed = rows.flatMap(({ norm, build, label, untrained, named }): Candidate[] => {
    if (named && !named(network, sites)) return [];
    const own = { norm, label: label?.(sites) ?? norm, groups: null };
    const impossible = refusalOf(norm, network, sites, family.kind);
    if (impossible) return [{ ...own, changes: [], impossible }];
    const changes = changesFor(sites, build);
    const stepwise = norm === 'LayerNorm' && sites.some(({ place, existing }) => place === 'recurrence' && !existing);
    const why = untrained?.(sites) ?? (!changes && stepwise ? IN_CELL : undefined);
    if (!changes && !why) return [];
    return [
      {
        ...own,
        groups: norm === 'GroupNorm' ? commonGroups(changes) : null,
        changes: changes ?? [],
        ...(why && { untrained: why }),
      },
    ];
  });
  const standing = sites.filter(({ existing }) => existing);
  const removals = standing.map(({ call }): Change => ({ operation: 'remove', site: call.id }));
  const none: Candidate[] =
    standing.length === 0 ? [] : [{ norm: 'none', label: 'no norm', groups: null, changes: removals }];
  return [...normed, ...none, ...ofWeights(family, network), ...beforeBlocks(sites), ...inRecurrence(network, sites)];
}

/** Norms of weights, where a family uses them. */
const ofWeights = ({ kind }: TaskFamily, { calls }: Network): Candidate[] => {
  const affine = calls.filter((call) => roleOf(call) === 'affine').length;
  if (affine < 2) return [];
  const named = kind === 'critic' ? ['WeightNorm', 'SpectralNorm'] : ['WeightNorm'];
  return named.map((norm) => ({ norm, label: norm, groups: null, changes: [], untrained: REPARAMETRIZED }));
};

/** Where norms stand behind a Transformer's blocks, the other place: which of them no short training shows. */
function beforeBlocks(sites: readonly Site[]): Candidate[] {
  const [behind] = sites.filter(({ place, existing }) => existing && place === 'post-block');
  if (!behind) return [];
  const norm = normName(behind.call.kind);
  const untrained = message(
    'norm-before-blocks',
    'Before the blocks no warm-up of the learning rate is needed; behind them the result may be a little better (Xiong et al. 2020).',
  );
  return [{ norm, label: `${norm} before each block`, groups: null, changes: [], untrained }];
}

/** What people ask of recurrent layers, and why it cannot be. */
function inRecurrence(network: Network, sites: readonly Site[]): Candidate[] {
  const impossible = closedRecurrence(network);
  if (!impossible || sites.some(({ place }) => place === 'recurrence')) return [];
  return [{ norm: 'LayerNorm', label: 'LayerNorm inside of the recurrence', groups: null, changes: [], impossible }];
}

/** The norms of a network that begins with trained weights: what stands may be frozen, and nothing may be added or changed. */
function tunedCandidates(network: Network, sites: readonly Site[], line: number): Candidate[] {
  const impossible = message(
    'norm-pretrained',
    'The weights that come in at line {line} were trained with the norms that stand: another one would undo them.',
    { line },
  );
  const refused = ['BatchNorm', 'GroupNorm', 'LayerNorm', 'none'].map(
    (norm): Candidate => ({ norm, label: norm === 'none' ? 'no norm' : norm, groups: null, changes: [], impossible }),
  );
  const batched = sites.filter(({ existing, call }) => existing && /BatchNorm/.test(call.kind));
  if (batched.length === 0) return refused;
  const several = network.surroundings?.distribution !== undefined;
  const kept: Candidate[] = [
    {
      norm: 'BatchNorm',
      label: 'BatchNorm, frozen',
      groups: null,
      changes: [],
      untrained: message(
        'norm-frozen',
        'Its norms in evaluation mode, with the statistics of the weights that came in: what detectors do at small batches.',
      ),
    },
    {
      norm: 'SyncBatchNorm',
      label: several ? 'SyncBatchNorm' : 'SyncBatchNorm, on several devices',
      groups: null,
      changes: several ? (changesFor(batched, syncBatchNorm) ?? []) : [],
      untrained: SYNCHRONIZED,
    },
    {
      norm: 'BatchNorm',
      label: 'BatchNorm, a larger batch',
      groups: null,
      changes: [],
      untrained: message(
        'norm-larger-batch',
        'More samples a device; accumulating gradients does not help its statistics.',
      ),
    },
  ];
  return [...kept, ...refused.filter(({ norm }) => norm !== 'BatchNorm')];
}

/**
 * The same norm behind each activation instead of before it, where no norm stands yet and all of its places are such;
 * undefined elsewhere. The sources disagree on which is better; what stands keeps its place, as a short training is no
 * reason to take a network apart.
 */
export function afterActivation(network: Network, sites: readonly Site[], candidate: Candidate): Candidate | undefined {
  const view = viewOf(network);
  if (sites.length === 0 || sites.some(({ existing, place }) => existing || place !== 'before-activation'))
    return undefined;
  if (candidate.impossible || candidate.norm === 'none') return undefined;
  const changes: Change[] = [];
  for (const { call } of sites) {
    const own = candidate.changes.find((change) => change.site === call.id);
    const activation = onlyUser(view, call);
    if (
      !own ||
      !('layer' in own) ||
      !activation ||
      roleOf(activation) !== 'activation' ||
      activation.outputShapes[0]?.length !== call.outputShapes[0]?.length
    )
      return undefined;
    changes.push({ operation: 'insert', site: activation.id, layer: own.layer });
  }
  return { ...candidate, label: `${candidate.label}, after the activation`, changes, placement: 'after-activation' };
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
