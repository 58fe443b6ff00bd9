import type { EditableSource } from './edits';
import { contentHash, InputError, type Network, type SourceDocument } from './network';

/** A document that was read, as edits of it are tried: another text of it read the same way, and the network of that name taken. */
export const editableSource = (
  document: SourceDocument,
  { name }: Network,
  read: (document: SourceDocument) => Promise<readonly Network[]>,
): EditableSource => ({
  document,
  reread: async (text) => {
    try {
      return (await read({ ...document, text, hash: contentHash(text) })).find((network) => network.name === name);
    } catch (error) {
      // An edit that makes the file wrong is none.
      if (error instanceof InputError) return undefined;
      throw error;
    }
  },
});
