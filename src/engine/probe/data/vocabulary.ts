import { findLayer } from '../../layers';
import { type AttributeValue, type Call, InputError, type Network, type NetworkInput, outputOf } from '../../network';

/** How many different numbers an input of whole numbers may hold, from 0 on. */
export interface Vocabulary {
  readonly size: number;
  /** Of a table's columns, [batch, columns], where each has tables of its own: how many each of them may hold. */
  readonly columns?: readonly number[];
}

/** A value that is an input's own numbers, moved about. */
interface Own {
  /** Which of the input's columns it holds: in order along its last axis, if it is `ordered`. */
  readonly columns: readonly number[];
  readonly ordered: boolean;
  /** What was added to them: one number, or one for each column in order. */
  readonly added: readonly number[];
}

/** How many different numbers a call takes, where it is a lookup in a table or makes one-hot rows. */
function rowsOf({ kind, attributes }: Call): number | undefined {
  const { library } = findLayer(kind) ?? {};
  const rows = attributes[kind === 'one_hot' ? 'num_classes' : library === 'keras' ? 'input_dim' : 'num_embeddings'];
  return typeof rows === 'number' && rows > 0 ? rows : undefined;
}

/** A call's known numbers, moved about or not; undefined where it computes. */
function knownNumbers(id: string, calls: ReadonlyMap<string, Call>): readonly number[] | undefined {
  const call = calls.get(id);
  if (call?.kind === 'tensor') return call.attributes.values as readonly number[];
  const [of] = call?.inputs ?? [];
  const moved = call && findLayer(call.kind)?.role === 'shape' && of && 'value' in of;
  return moved ? knownNumbers(of.value, calls) : undefined;
}

/** What an addition of known numbers adds: `x + offsets`, so that one table has the rows of all columns. */
function addedBy(call: Call, own: string, calls: ReadonlyMap<string, Call>): readonly number[] | undefined {
  const { other, alpha = 1 } = call.attributes;
  if (call.kind !== 'add' || alpha !== 1) return undefined;
  if (call.inputs.length === 1) return typeof other === 'number' ? [other] : undefined;
  const second = call.inputs.find((operand) => 'value' in operand && operand.value !== own);
  return second && 'value' in second ? knownNumbers(second.value, calls) : undefined;
}

const isWhole = (part: AttributeValue | undefined): boolean =>
  part === '...' || JSON.stringify(part) === '["slice",null,null,null]';

/** Which columns an index of the last of two axes takes; undefined for any other. */
function taken(columns: readonly number[], { kind, attributes }: Call): readonly number[] | undefined {
  const { index, dim } = attributes;
  if (kind === 'select' && (dim === 1 || dim === -1)) return [columns.at(Number(index))!];
  if (kind !== 'getitem' || !Array.isArray(index) || index.length !== 2 || !isWhole(index[0])) return undefined;
  const last: AttributeValue = index[1];
  if (typeof last === 'number') return [columns.at(last)!];
  if (!Array.isArray(last) || last[0] !== 'slice' || (last[3] !== null && last[3] !== 1)) return undefined;
  const [from, to] = [last[1] ?? 0, last[2] ?? columns.length];
  return typeof from === 'number' && typeof to === 'number' ? columns.slice(from, to) : undefined;
}

/** What each output of a call holds that only moves numbers, by the output's number. */
function moved(own: Own, call: Call): (output: number) => Own {
  const picked = own.ordered && own.added.length === 1 ? taken(own.columns, call) : undefined;
  if (picked) return () => ({ ...own, columns: picked, ordered: picked.length > 1 });
  const { dim } = call.attributes;
  if (own.ordered && own.added.length === 1 && call.kind === 'unbind' && (dim === 1 || dim === -1))
    return (output) => ({ ...own, columns: [own.columns[output]!], ordered: false });
  return () => ({ ...own, ordered: false });
}

/** How many different numbers each column may hold that a table of so many rows is asked for. */
function limits({ columns, ordered, added }: Own, rows: number): readonly number[] {
  const most = Math.max(...added);
  // Each column's rows end where the next ones begin.
  const end = (start: number): number => Math.min(rows, ...added.filter((other) => other > start));
  const each = ordered && added.length === columns.length;
  return columns.map((_, i) => Math.max(1, each ? end(added[i]!) - added[i]! : rows - most));
}

/**
 * How many token values an input of whole numbers may hold: as many as it is said, and as the smallest table has that looks
 * them up; a column by itself where it has tables of its own. One where nothing but rearranging is done with them: targets that
 * a forward is given for a loss of its own.
 */
export function knownVocabulary(input: NetworkInput, network: Network): Vocabulary | undefined {
  const calls = new Map(network.calls.map((call) => [call.id, call]));
  const width = input.shape.length === 2 ? input.shape[1] : undefined;
  const columns = Array.from({ length: typeof width === 'number' ? width : 1 }, (_, column) => column);
  const found: (number | undefined)[] = columns.map(() => undefined);
  let used = false;
  const own = new Map<string, Own>([[input.name, { columns, ordered: columns.length > 1, added: [0] }]]);
  for (const call of network.calls) {
    const operand = call.inputs.find((each) => 'value' in each && own.has(each.value));
    if (!operand || !('value' in operand)) continue;
    const value = own.get(operand.value)!;
    const rows = rowsOf(call);
    const added = addedBy(call, operand.value, calls);
    if (rows !== undefined) {
      const sizes = limits(value, rows);
      value.columns.forEach((column, i) => {
        found[column] = Math.min(found[column] ?? Number.POSITIVE_INFINITY, sizes[i]!);
      });
    } else if (findLayer(call.kind)?.role === 'shape') {
      const at = moved(value, call);
      for (const output of call.outputShapes.keys()) own.set(outputOf(call.id, output), at(output));
    } else if (added !== undefined && value.added.length === 1)
      own.set(call.id, { ...value, added: added.map((number) => number + value.added[0]!) });
    else used = true;
  }
  const stated = input.vocabulary ?? Number.POSITIVE_INFINITY;
  const sizes = found.filter((size) => size !== undefined);
  if (sizes.length === 0) {
    if (input.vocabulary !== undefined) return { size: input.vocabulary };
    return used || network.outputs.some((output) => own.has(output)) ? undefined : { size: 1 };
  }
  if (sizes.every((size) => size === sizes[0])) return { size: Math.min(stated, sizes[0]!) };
  // A column that nothing looks up may hold what any other may.
  const most = Math.max(...sizes);
  return { size: most, columns: found.map((size) => size ?? most) };
}

/** The same, needed to make tokens. @throws InputError where nothing says it. */
export function vocabularyOf(input: NetworkInput, network: Network): Vocabulary {
  const known = knownVocabulary(input, network);
  if (known !== undefined) return known;
  throw new InputError(
    `the input ${input.name} takes whole numbers, and nothing says how many different ones`,
    `state it: in a description {shape: [64], vocabulary: 1000}; a lookup by nn.Embedding says it by itself`,
    network.source,
  );
}
