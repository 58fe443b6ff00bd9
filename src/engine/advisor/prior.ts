import type { Network } from '../network';
import type { TaskFamily } from '../report';
import { type Candidate, candidatesFor } from './candidates';
import type { BatchVerdict } from './decide';
import { taskFamily } from './family';
import { normsInOrder, type Practice, practicesFor, type Weight } from './published';
import { OVER_BATCH } from './refusals';
import { findSites } from './sites';
import { traitsOf } from './traits';

/** What is known of networks like this one before anything is trained. */
export interface Prior {
  readonly family: TaskFamily;
  readonly practices: readonly Practice[];
  /** Every norm, the most usual in such networks first; "none" among them. What the batch refuses comes last. */
  readonly order: readonly string[];
  /** What published practice says first, and how much that decides. */
  readonly first: string;
  readonly weight: Weight;
  /** Norms that practice speaks against here. */
  readonly against: ReadonlySet<string>;
}

/** What orders norms of which nothing is published here. */
const rest = (flat: boolean, ample: boolean): readonly string[] => {
  if (flat) return ample ? ['BatchNorm', 'LayerNorm', 'RMSNorm', 'GroupNorm'] : ['LayerNorm', 'RMSNorm', 'GroupNorm'];
  return ample
    ? ['BatchNorm', 'GroupNorm', 'LayerNorm', 'InstanceNorm', 'RMSNorm']
    : ['GroupNorm', 'LayerNorm', 'InstanceNorm', 'RMSNorm'];
};

/** The order of norms by what is published of such networks, and by what the batch allows. */
export function priorOf(network: Network, verdict: BatchVerdict): Prior {
  const family = taskFamily(network);
  const traits = traitsOf(network);
  const devices =
    network.surroundings?.distribution !== undefined || network.surroundings?.synchronizedNorms !== undefined;
  const practices = practicesFor({ family, traits, batch: verdict.batch, ample: verdict.admissible, devices });
  const possible = candidatesFor(network, findSites(network)).filter(({ impossible }) => !impossible);
  const can = (norm: string): boolean =>
    norm === 'none' || possible.some((candidate: Candidate) => candidate.norm === norm);
  const refused = (norm: string): boolean =>
    !can(norm) || (OVER_BATCH.has(norm) && norm === 'BatchNorm' && !verdict.admissible);
  const flat = traits.convolved === 0;
  const all = [...new Set([...normsInOrder(practices), ...rest(flat, verdict.admissible), 'none', 'BatchNorm'])];
  const order = [...all.filter((norm) => !refused(norm)), ...all.filter(refused)];
  const [leading] = practices;
  const against = new Set(leading?.weight === 'hint' ? [] : practices.flatMap((practice) => practice.against));
  return { family, practices, order, first: order[0]!, weight: leading?.weight ?? 'hint', against };
}
