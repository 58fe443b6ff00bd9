// Model files to Networks, one folder a format. A reader knows the Network and the layer rows, never a rule, a probe or another reader.
export * from './formats';
export * from './reader';
