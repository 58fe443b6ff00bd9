// First values of parameters and buffers, drawn in the probe process: one row a kind of Initialization.
export * from './values';
