// The layer kinds: one row each, by family. A row knows its attributes, parameters, shapes, forward and what saturation
// means for it; nothing here knows a reader, a rule or how a probe runs.
export * from './attribute';
export * from './channels';
export * from './composites';
export { fanShape, kerasFans } from './keras/initialization';
export * from './numbers';
export * from './row';
export { type FoundForm, findLayer, findLayerClass, functionForms, layers } from './table';
