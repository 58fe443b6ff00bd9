import type { SetArgument } from '../change';
import { type Message, message, type Network } from '../network';
import { argumentSet } from './attempts';
import { type EditableSource, parsedFile, type SourceEdit, toEdits } from './editable';
import { findPlace } from './place';
import { inOrder, withPieces } from './text';

const refused = (line: number): { readonly refused: Message } => ({
  refused: message('no-edit-argument', 'Line {line} is written in a way that cannot be edited safely.', { line }),
});

/**
 * The edit that gives a call an argument, or why there is none. The file that results is read again: the network must still
 * give what it gave, and nothing more be unknown.
 */
export async function editArgument(
  network: Network,
  { source, name, value }: SetArgument,
  { document, reread }: EditableSource,
): Promise<{ readonly edits: readonly SourceEdit[] } | { readonly refused: Message }> {
  const { line } = source.start;
  const file = source.uri === document.uri && !document.cells ? await parsedFile(document) : undefined;
  const place = file && findPlace(file, source);
  const pieces = place?.node.type === 'call' ? argumentSet(file!, place.node, name, value) : undefined;
  const ordered = pieces && inOrder(pieces);
  if (!file || !ordered) return refused(line);
  const edited = await reread(withPieces(document.text, ordered));
  const shapes = (of: Network) => JSON.stringify([of.inputs.map(({ shape }) => shape), of.calls.at(-1)?.outputShapes]);
  if (!edited || shapes(edited) !== shapes(network) || edited.unmodelled.length > network.unmodelled.length)
    return refused(line);
  return { edits: toEdits(file, ordered) };
}
