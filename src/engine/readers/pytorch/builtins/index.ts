// What names mean: Python's own, the standard library's, PyTorch's. Tables of rows; a new builtin is a new row.
// Layers come from the layer table, never from here.
export { builtinLibrary } from './library';
export { SILENT } from './torch';
