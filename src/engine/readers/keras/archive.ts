import { unzipSync } from 'fflate';
import { InputError, type SourceDocument, spanOf } from '../../network';

/** A configuration is text about layers: no model's comes near this. */
const MOST_BYTES = 50_000_000;
const CONFIG = 'config.json';

/**
 * The configuration in a `.keras` archive, as text of the same document. Nothing else of the archive is inflated, and
 * no more than the entry says that it holds: fflate writes into a buffer of that size.
 * @throws InputError for what is no such archive, or holds a configuration that is absurdly large.
 */
export function configurationOf(document: SourceDocument): SourceDocument {
  const refuse = (what: string, mend: string): never => {
    throw new InputError(what, mend, spanOf(document));
  };
  let tooLarge = false;
  let entries: Readonly<Record<string, Uint8Array>> = {};
  try {
    entries = unzipSync(document.bytes ?? new Uint8Array(), {
      filter({ name, originalSize }) {
        if (name !== CONFIG) return false;
        tooLarge = originalSize > MOST_BYTES;
        return !tooLarge;
      },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refuse(`the file is no .keras archive: ${why}`, 'save the model again with model.save("model.keras")');
  }
  if (tooLarge) refuse(`its ${CONFIG} would hold more than ${MOST_BYTES / 1e6} MB`, 'no model needs that much');
  const config = entries[CONFIG];
  if (!config) refuse(`the archive has no ${CONFIG}`, 'save the model again with model.save("model.keras")');
  return { ...document, text: new TextDecoder().decode(config) };
}
