// What names mean: PyTorch's, beside ../../python/builtins for Python's own. Tables of rows; a new builtin is a new row.
// Layers come from the layer table, never from here.
export { pytorch } from './framework';
