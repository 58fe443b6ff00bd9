// Evaluates Python over the reader's values: environment, expressions, statements, calls, classes.
// What a name of Python's or a library's means stands in ../builtins, never here.
export * from './budget';
export * from './evaluation';
export { createEvaluation } from './evaluator';
export * from './framework';
export * from './pythonError';
