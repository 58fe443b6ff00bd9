import type { Network } from '../../network';

/** The tables of a Network that `layers` or `graph` says; the header says the rest. */
export type Structure = Pick<Network, 'modules' | 'parameters' | 'buffers' | 'calls' | 'outputs'>;
