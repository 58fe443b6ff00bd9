// Notebooks (*.ipynb) to Networks: their cells of Python, in order, handed to the reader of Python files as one document.
// Nothing here knows what Python means, but for the lines in a cell that are IPython's.
export { notebookReader } from './reader';
