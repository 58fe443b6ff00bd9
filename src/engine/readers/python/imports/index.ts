// Imports of a model file: which files it may read, and what their names mean. Nothing is run but by the evaluator, and
// nothing outside the workspace and the chosen site-packages exists.
export * from './files';
export * from './imports';
