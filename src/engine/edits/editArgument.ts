import type { ArgumentChange, DrawWeights } from '../change';
import { type Message, message, type Network } from '../network';
import { argumentSet } from './attempts';
import { backToCells, cellsOf, movedNetwork } from './cells';
import { areDrawn, weightsDrawn } from './drawWeights';
import { type EditableSource, parsedFile, type SourceEdit, toEdits } from './editable';
import { writtenName } from './names';
import { argument, endOf, findPlace, type ParsedFile, type Place, startOf } from './place';
import { inOrder, type Piece, withPieces } from './text';

const refused = (line: number): { readonly refused: Message } => ({
  refused: message('no-edit-argument', 'Line {line} is written in a way that cannot be edited safely.', { line }),
});

/** A call's first argument in another call. */
function wrapped(file: ParsedFile, { node }: Place, through: string): Piece[] | undefined {
  const first = argument(node, 'module', 0);
  if (!first || /splat|keyword/.test(first.type)) return undefined;
  const { text, imports } = writtenName(file, through, undefined);
  const [start, end] = [startOf(file, first), endOf(file, first)];
  return [...imports, { start, end: start, text: `${text}(` }, { start: end, end, text: ')' }];
}

/** `model.parameters()` as two groups, the second (norms' gains and shifts, biases) without decay. */
function split(file: ParsedFile, { node }: Place): Piece[] | undefined {
  const first = argument(node, 'params', 0);
  if (!first || !/^[\w.]+\.parameters\(\)$/.test(first.text)) return undefined;
  const { text } = first;
  const groups = `[{'params': [p for p in ${text} if p.ndim > 1]}, {'params': [p for p in ${text} if p.ndim <= 1], 'weight_decay': 0.0}]`;
  return [{ start: startOf(file, first), end: endOf(file, first), text: groups }];
}

function piecesFor(file: ParsedFile, call: Place, asked: Exclude<ArgumentChange, DrawWeights>): Piece[] | undefined {
  if ('through' in asked) return wrapped(file, call, asked.through);
  if ('groups' in asked) return split(file, call);
  return argumentSet(file, call.node, asked.name, asked.value);
}

function atCall(file: ParsedFile, asked: Exclude<ArgumentChange, DrawWeights>): Piece[] | undefined {
  const place = findPlace(file, asked.source);
  return place?.node.type === 'call' ? piecesFor(file, place, asked) : undefined;
}

/**
 * The edit that gives a call an argument, or why there is none. The file that results is read again: the network must still
 * give what it gave, and nothing more be unknown.
 */
export async function editArgument(
  network: Network,
  asked: ArgumentChange,
  source: EditableSource,
): Promise<{ readonly edits: readonly SourceEdit[] } | { readonly refused: Message }> {
  const cells = cellsOf(source);
  if (!cells) return argumentInText(network, asked, source);
  const edited = await argumentInText(movedNetwork(cells, network), cells.moved(asked), cells.source(source));
  if ('refused' in edited) return { refused: cells.refusal(edited.refused) };
  const edits = backToCells(cells, edited.edits);
  return edits ? { edits } : refused(asked.source.start.line);
}

async function argumentInText(
  network: Network,
  asked: ArgumentChange,
  { document, reread }: EditableSource,
): Promise<{ readonly edits: readonly SourceEdit[] } | { readonly refused: Message }> {
  const { source } = asked;
  const { line } = source.start;
  const file = source.uri === document.uri ? await parsedFile(document) : undefined;
  const pieces = file && ('drawn' in asked ? weightsDrawn(file, network, asked) : atCall(file, asked));
  const ordered = pieces && inOrder(pieces);
  if (!file || !ordered) return refused(line);
  const edited = await reread(withPieces(document.text, ordered));
  const shapes = (of: Network) => JSON.stringify([of.inputs.map(({ shape }) => shape), of.calls.at(-1)?.outputShapes]);
  if (!edited || shapes(edited) !== shapes(network) || edited.unmodelled.length > network.unmodelled.length)
    return refused(line);
  if ('drawn' in asked && !areDrawn(edited, asked)) return refused(line);
  return { edits: toEdits(file, ordered) };
}
