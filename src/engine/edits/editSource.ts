import { applyChanges, type Change } from '../change';
import { findLayer } from '../layers';
import { loadedPart, type Message, message, type Network, type SourceDocument, type Span } from '../network';
import { attemptsFor } from './attempts';
import { backToCells, cellsOf, movedNetwork } from './cells';
import { type EditableSource, parsedFile, type SourceEdit, toEdits } from './editable';
import { type Group, groupChanges } from './group';
import { type Correspondence, matchNetworks } from './sameNetwork';
import { type BrokenKeys, brokenKeys } from './stateDict';
import { inOrder, type Piece, withPieces } from './text';

export type Edited =
  | {
      readonly edits: readonly SourceEdit[];
      /** What the edits make of the network: what was asked for, and its like at the other layers of the same places. */
      readonly changes: readonly Change[];
      /** The sites of those that nobody asked for. */
      readonly also: readonly string[];
      readonly keys: BrokenKeys;
      readonly network: Network;
    }
  | { readonly refused: Message };

/** What an edit may cost: a large file takes a tenth of a second to read. */
const MOST_READINGS = 60;
/** A file with more places to change than this is not edited: each costs some readings. */
const MOST_PLACES = 200;

const refusal = (id: string, text: string, args: Record<string, string | number> = {}): { refused: Message } => ({
  refused: message(`no-edit-${id}`, text, args),
});

/**
 * The edits of the source that make the changes, or why there are none. What they make was read again and compared. A
 * notebook's cells are edited as one text, and each edit is in one of them.
 */
export async function editSource(
  network: Network,
  changes: readonly Change[],
  source: EditableSource,
): Promise<Edited> {
  const cells = cellsOf(source);
  if (!cells) return editText(network, changes, source);
  const edited = await editText(movedNetwork(cells, network), changes, cells.source(source));
  if ('refused' in edited) return { refused: cells.refusal(edited.refused) };
  const edits = backToCells(cells, edited.edits);
  return edits ? { ...edited, edits } : refusal('cells', 'The edit would reach over several cells.');
}

async function editText(
  network: Network,
  changes: readonly Change[],
  { document, reread }: EditableSource,
): Promise<Edited> {
  const wrong = impossible(network, changes, document);
  if (wrong) return wrong;
  const file = await parsedFile(document);
  if (!file) return refusal('syntax', 'The file has a syntax error: mend that first.');
  const grouped = groupChanges(file, network, changes);
  if ('impossible' in grouped)
    return atLine('sizes', 'makes layers of several widths, which one norm cannot fit', grouped.impossible);
  const { groups } = grouped;
  if (groups.length > MOST_PLACES)
    return refusal('many', 'It would change {count} places: too many at once.', { count: groups.length });
  const elsewhere = groups.find(({ span }) => span.uri !== document.uri);
  if (elsewhere) return refusal('other-file', 'A layer that would change is made in another file.');
  const context = { file, network, taken: new Map<string, Set<string>>(), groups };
  // All are proposed before the first is read: the parser's nodes serve one reading at a time.
  const attempts = groups.map((group) => attemptsFor(group, context));
  const without = attempts.findIndex(({ length }) => length === 0);
  if (without >= 0) return atLine('form', 'is written in a way that cannot be edited safely', groups[without]!.span);

  let readings = 0;
  const prove = async (of: readonly Group[], pieces: readonly Piece[]) => {
    if (++readings > MOST_READINGS) return undefined;
    const ordered = inOrder(pieces);
    const edited = ordered && (await reread(withPieces(file.source.text, ordered)));
    if (!edited) return undefined;
    const all = of.flatMap((group) => group.changes);
    const expected = applyChanges(network, all);
    const modules = matchNetworks(expected, edited, beginsAlike(network, all));
    return modules && { pieces: ordered, edited, modules };
  };
  type Proof = NonNullable<Awaited<ReturnType<typeof prove>>>;
  let proof: Proof | undefined = await prove(
    groups,
    attempts.flatMap(([first]) => first!),
  );
  if (!proof) {
    const chosen: Piece[] = [];
    for (const [i, group] of groups.entries()) {
      let own: Proof | undefined;
      for (const pieces of attempts[i]!) {
        own = await prove([group], pieces);
        if (own) break;
      }
      if (!own) return atLine('unproven', 'has no edit that gives the network meant', group.span);
      chosen.push(...own.pieces);
    }
    proof = groups.length > 1 ? await prove(groups, chosen) : undefined;
    if (!proof && groups.length === 1) proof = await prove(groups, chosen);
  }
  if (!proof) return refusal('together', 'The edits of single lines do not go together.');
  const asked = new Set(changes.map(({ site }) => site));
  const { pieces, edited, modules } = proof;
  const made = groups.flatMap((group) => group.changes);
  const keys = brokenKeys(network, edited, ownModules(network, modules));
  const trained = breaksTrained(network, keys);
  if (trained) return trained;
  return {
    edits: toEdits(file, pieces),
    changes: made,
    also: made.flatMap(({ site }) => (asked.has(site) ? [] : site)),
    keys,
    network: edited,
  };
}

/** Why nothing of the kind can be edited here; undefined where it may. */
function impossible(network: Network, changes: readonly Change[], document: SourceDocument) {
  if (changes.length === 0) return refusal('nothing', 'There is nothing to change.');
  if (!/\.py$/i.test(document.uri) || document.bytes) return refusal('format', 'Only Python source is edited.');
  const norms = (kind: string) => findLayer(kind)?.role === 'norm';
  const pretrained = loadedPart(network);
  if (pretrained && changes.some((change) => 'layer' in change && norms(change.layer.kind))) {
    return atLine('pretrained', 'loads trained weights, which another norm would make worthless', pretrained.source);
  }
  return undefined;
}

/** Why an edit is not for a file that loads trained weights: they would not fit any more. */
function breaksTrained(network: Network, { removed, added, renamed }: BrokenKeys) {
  const pretrained = loadedPart(network);
  if (!pretrained || removed.length + added.length + renamed.length === 0) return undefined;
  return atLine('pretrained', 'loads trained weights, whose names or shapes would not fit any more', pretrained.source);
}

const atLine = (id: string, what: string, { start }: Pick<Span, 'start'>) =>
  refusal(id, `Line {line} ${what}.`, { line: start.line });

/** The parameters that no change touches: they begin as they did. */
function beginsAlike(network: Network, changes: readonly Change[]): (parameter: string) => boolean {
  const before = new Set([...network.parameters, ...network.buffers].map(({ id }) => id));
  const fresh = new Set<string>();
  for (const change of changes) {
    if (change.operation !== 'replace') continue;
    const call = network.calls.find(({ id }) => id === change.site);
    const module = network.modules.find(({ id }) => id === call?.module);
    for (const table of [module?.parameters, module?.buffers])
      for (const id of Object.values(table ?? {})) fresh.add(id);
  }
  return (parameter) => before.has(parameter) && !fresh.has(parameter);
}

/** The pairs whose first is a module of the network itself. */
const ownModules = (network: Network, modules: Correspondence): Correspondence => {
  const own = new Set(network.modules.map(({ id }) => id));
  return new Map([...modules].filter(([id]) => own.has(id)));
};
