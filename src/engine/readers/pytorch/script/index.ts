// What the script around a model says: directives, batch size, loss, optimizer.
// It reads what the evaluation saw; it evaluates nothing.
export * from './batch';
export * from './directives';
export * from './loss';
export * from './optimizer';
