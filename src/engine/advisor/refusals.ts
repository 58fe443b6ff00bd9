import { type Message, message, type Network } from '../network';
import type { TaskFamily } from '../report';
import { groupsFor, positionsOf } from './newLayers';
import { channelsOf, hasLength, isSpatial, type Site } from './sites';
import { roleOf } from './view';

/** Norms whose statistics mix samples. */
export const OVER_BATCH: ReadonlySet<string> = new Set(['BatchNorm', 'SyncBatchNorm', 'BatchRenorm']);

/** Families in which positions are no steps of time: BatchNorm over them is used, with axes moved around it. */
const POSITIONS: ReadonlySet<TaskFamily['kind']> = new Set(['graph', 'point cloud', 'time series']);

const atLine = (line: number): { line: number } => ({ line });

/** Why no norm over the batch may be in a network that is trained so, whatever its batch and sites. */
export function forbidsBatchStatistics({ surroundings }: Network): Message | undefined {
  if (surroundings?.differentialPrivacy)
    return message(
      'norm-not-private',
      'DP-SGD (line {line}) clips each sample’s gradient by itself, and statistics over the batch tie samples together.',
      atLine(surroundings.differentialPrivacy.source.start.line),
    );
  if (surroundings?.gradientPenalty)
    return message(
      'norm-not-under-penalty',
      'The gradient penalty (line {line}) is of each sample by itself, and statistics over the batch tie samples together.',
      atLine(surroundings.gradientPenalty.source.start.line),
    );
  return undefined;
}

/** Why a batch of one sample leaves a norm over the batch nothing. */
function leavesOneValue({ batch }: Network, sites: readonly Site[]): Message | undefined {
  const alone = batch.size === 1 ? sites.find((site) => !hasLength(site) && positionsOf(site) === 1) : undefined;
  if (alone)
    return message('norm-one-value', 'At batch 1 it would have one value a channel at {site}: a variance takes two.', {
      site: alone.call.id,
    });
  return undefined;
}

/** Why a norm cannot be at a network's sites; undefined where it can. */
export function refusalOf(
  norm: string,
  network: Network,
  sites: readonly Site[],
  family: TaskFamily['kind'],
): Message | undefined {
  // Where some places have channels and others time, the norm is for those that have channels.
  const long = sites.every(hasLength);
  if (OVER_BATCH.has(norm)) {
    const refused = forbidsBatchStatistics(network) ?? leavesOneValue(network, sites);
    if (refused) return refused;
    const overSteps = !POSITIONS.has(family) || network.calls.some((call) => roleOf(call) === 'recurrent');
    return long && overSteps ? overTime() : undefined;
  }
  if (norm === 'GroupNorm') {
    if (long) return overTime();
    const grouped = sites.filter((site) => !hasLength(site));
    if (grouped.every((site) => groupsFor(channelsOf(site)) === 1))
      return message(
        'norm-nothing-divides',
        'No number of groups divides {channels} channels and leaves four in each.',
        {
          channels: [...new Set(grouped.map(channelsOf))].join(', '),
        },
      );
  }
  if (norm === 'InstanceNorm') {
    const single = sites.find((site) => isSpatial(site) && positionsOf(site) === 1);
    if (single)
      return message('norm-one-position', 'At {site} a channel has one position (1×1): nothing of it would be left.', {
        site: single.call.id,
      });
    if (!sites.some(isSpatial))
      return message('norm-no-positions', 'It is over the positions of a channel, and vectors have none.');
  }
  return undefined;
}

const overTime = (): Message =>
  message(
    'norm-not-over-time',
    'Its statistics would mix time steps and padding with the batch, and [batch, length, features] has its channels last.',
  );

/** Why no norm can be inside of a recurrence: PyTorch's and Keras's own layers run all steps at once. */
export const closedRecurrence = ({ calls }: Network): Message | undefined => {
  const closed = calls.find((call) => roleOf(call) === 'recurrent' && !/Cell$/.test(call.kind));
  return (
    closed &&
    message(
      'norm-closed-recurrence',
      '{kind} has no place inside: a cell written out step by step takes a norm there, and is slower.',
      { kind: closed.kind.replace(/^Keras/, '') },
    )
  );
};
