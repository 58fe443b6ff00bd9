import type { Network } from '../network';
import type { Candidate } from './candidates';
import { fixedNorms, type Site } from './sites';

/** A norm's kind as reports name it: without its dimension, Keras's by PyTorch's name. On one device SyncBatchNorm is BatchNorm. */
export const normName = (kind: string): string =>
  kind
    .replace(/\dd$/, '')
    .replace(/^Frozen(?=BatchNorm$)/, '')
    .replace(/^batch_norm$/, 'BatchNorm')
    .replace(/^instance_norm$/, 'InstanceNorm')
    .replace(/^Sync(?=BatchNorm$)/, '')
    .replace(/^Keras(\w+)Normalization$/, '$1Norm');

/** The network as it is, by the norm that it has: PyTorch's name without its dimension; the commonest where there are several. */
export function asItStands(network: Network, sites: readonly Site[]): Candidate {
  const counts = new Map<string, number>();
  const standing = sites.filter(({ existing }) => existing).map(({ call }) => call.kind);
  for (const kind of [...standing, ...fixedNorms(network)]) {
    const norm = normName(kind);
    counts.set(norm, (counts.get(norm) ?? 0) + 1);
  }
  const norm = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? normOfWeights(network) ?? 'none';
  const grouped = network.calls.find(({ kind }) => normName(kind) === 'GroupNorm')?.attributes;
  const groups = grouped?.num_groups ?? grouped?.groups;
  return {
    norm,
    label: 'as it is',
    groups: norm === 'GroupNorm' && typeof groups === 'number' ? groups : null,
    changes: [],
  };
}

/** The norm of weights that a network has, where layers make their weights of others. */
function normOfWeights({ calls }: Network): string | undefined {
  if (calls.some(({ kind }) => /^_WeightNorm$/.test(kind))) return 'WeightNorm';
  return calls.some(({ kind }) => /^_?SpectralNorm$/.test(kind)) ? 'SpectralNorm' : undefined;
}
