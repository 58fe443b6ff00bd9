import type { EditableSource } from './edits';
import { contentHash, InputError, type Network, type SourceDocument } from './network';

/** A document that was read, as edits of it are tried: another text of it read the same way, and the network of that name taken. */
export const editableSource = (
  document: SourceDocument,
  { name }: Network,
  read: (document: SourceDocument) => Promise<readonly Network[]>,
): EditableSource => {
  const again = async (edited: SourceDocument): Promise<Network | undefined> => {
    try {
      return (await read(edited)).find((network) => network.name === name);
    } catch (error) {
      // An edit that makes the file wrong is none.
      if (error instanceof InputError) return undefined;
      throw error;
    }
  };
  const withText = (of: SourceDocument, text: string): SourceDocument => ({ ...of, text, hash: contentHash(text) });
  const { cells } = document;
  return {
    document,
    reread: (text) => again(withText(document, text)),
    ...(cells && {
      rereadCells: (texts) => again({ ...document, cells: cells.map((cell, i) => withText(cell, texts[i] ?? '')) }),
    }),
  };
};
