import { contentHash, type Network } from '../network';

/** What says where or why something was read, and not what the network is. */
const NOT_STRUCTURE = new Set(['source', 'origin', 'unmodelled', 'surroundings', 'writtenNorms', 'task', 'optimizer']);

/**
 * A hash of what a network computes: layers with their settings, shapes, what feeds what, the batch. Two texts of a file
 * with the same hash give the same figures, places apart, unless the training around the model differs.
 */
export const structureHash = (network: Network): string =>
  contentHash(JSON.stringify(network, (key, value: unknown) => (NOT_STRUCTURE.has(key) ? undefined : value)));
