import type { SourceDocument } from '../../network';
import type { Reader } from '../reader';
import { cellsOf } from './cells';
import { pythonOf } from './magics';

/** A cell as Python; places and the hash are those of what the person wrote. */
const asPython = (cell: SourceDocument): SourceDocument => ({ ...cell, text: pythonOf(cell.text) });

/**
 * Notebooks, by their text or by the cells that an editor holds: one document of Python, of which a span says the cell.
 */
export const notebookReader: Reader = {
  format: 'notebook',
  reads: (fileName) => fileName.toLowerCase().endsWith('.ipynb'),
  async read(document, options) {
    const cells = (document.cells ?? cellsOf(document)).map(asPython);
    const { readerFor } = await import('../table');
    return (await readerFor('cells.py')!.load()).read({ ...document, text: '', cells }, options);
  },
};
