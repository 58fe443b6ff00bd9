// What the script around a model says: directives, batch size, loss, optimizer, and all else that surrounds it (around/).
// It reads what the evaluation saw, and the syntax tree; it evaluates nothing.
export * from './around';
export * from './batch';
export * from './directives';
export * from './loss';
export * from './optimizer';
