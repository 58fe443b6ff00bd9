import type { Span } from '../../network';
import { type CompositeLine, type ConcatLine, type LayerLine, type Line, MOST_LINES, type ResidualLine } from './line';
import { refuse } from './node';

interface Placed {
  /** The module's id, or the function's call id. */
  readonly id: string;
  /** The id of the call that gives the line's output. */
  readonly output: string;
}

export interface PlacedLayer extends Placed {
  readonly line: LayerLine;
}

/** Its output is known when its calls are written out. */
export interface PlacedComposite extends Placed {
  readonly line: CompositeLine;
}

export interface PlacedResidual extends Placed {
  readonly line: ResidualLine;
  readonly branch: readonly PlacedLine[];
  readonly shortcut?: readonly PlacedLine[];
}

export interface PlacedConcat extends Placed {
  readonly line: ConcatLine;
  readonly branches: readonly (readonly PlacedLine[])[];
}

/** A line with its id, repeats written out. */
export type PlacedLine = PlacedLayer | PlacedComposite | PlacedResidual | PlacedConcat;

export const isComposite = (placed: PlacedLine): placed is PlacedComposite => placed.line.form === 'composite';
export const isResidual = (placed: PlacedLine): placed is PlacedResidual => placed.line.form === 'residual';
export const isConcat = (placed: PlacedLine): placed is PlacedConcat => placed.line.form === 'concat';

/**
 * Numbers lines as `nn.Sequential` does: modules "0", "1", … within their container, an `id` in the number's place (the
 * line still counts). Functions take no number: `<scope>.mean`, `<scope>.mean_1`. Repeats are written out first.
 * @param taken names that no line may have: the inputs'.
 * @throws InputError for an id that stands twice, and for more than MOST_LINES lines.
 */
export function numberLines(lines: readonly Line[], taken: readonly string[]): readonly PlacedLine[] {
  const ids = new Set(taken);
  const functions = new Map<string, number>();
  let count = 0;

  const claim = (id: string, place: Span): string => {
    if (ids.has(id)) refuse(place, `the id '${id}' stands twice`, 'give one of them another id');
    ids.add(id);
    return id;
  };
  const within = (scope: string, name: string): string => (scope ? `${scope}.${name}` : name);
  const functionId = (scope: string, kind: string, place: Span): string => {
    // A method's kind is its full name: `Tensor.unfold`.
    const id = within(scope, kind.split('.').at(-1)!);
    const before = functions.get(id) ?? 0;
    functions.set(id, before + 1);
    return claim(before === 0 ? id : `${id}_${before}`, place);
  };

  const place = (written: readonly Line[], scope: string): PlacedLine[] => {
    const placed: PlacedLine[] = [];
    let position = 0;
    const visit = (line: Line): void => {
      if (line.form === 'repeat') {
        for (let round = 0; round < line.count; round++) line.lines.forEach(visit);
        return;
      }
      if (++count > MOST_LINES) refuse(line.span, `more than ${MOST_LINES} lines, repeats written out`, 'repeat less');
      const named = line.id && claim(within(scope, line.id.name), line.id.span);
      if (line.form === 'layer' && !line.row.module) {
        const id = named ?? functionId(scope, line.row.kind, line.span);
        placed.push({ line, id, output: id });
        return;
      }
      const id = named ?? claim(within(scope, String(position)), line.span);
      position++;
      placed.push(placeModule(line, id));
    };
    written.forEach(visit);
    return placed;
  };

  const placeModule = (line: Exclude<Line, { form: 'repeat' }>, id: string): PlacedLine => {
    if (line.form === 'layer') return { line, id, output: id };
    if (line.form === 'composite') return { line, id, output: id };
    if (line.form === 'residual') {
      const branch = place(line.branch, id);
      const shortcut = line.shortcut && place(line.shortcut, claim(`${id}.shortcut`, line.span));
      return { line, id, branch, ...(shortcut && { shortcut }), output: functionId(id, 'add', line.span) };
    }
    const branches = line.branches.map((branch, i) => place(branch, claim(`${id}.${i}`, line.span)));
    return { line, id, branches, output: functionId(id, 'cat', line.span) };
  };

  return place(lines, '');
}
