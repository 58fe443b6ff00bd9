// Model files to Networks, one folder a format. A reader knows the Network and the layer rows, never a rule, a probe
// or another reader, but that a notebook's cells go to the reader of Python files.
export * from './formats';
export * from './reader';
export { type PythonChoice, sitePackagesOf } from './sitePackages';
