import { type Dim, divideDims, formatShape, multiplyDims, type Shape, sameDim } from '../../../network';

/** The names of axes that make one dimension; none for a dimension of 1. */
export type Group = readonly string[];

/** A refusal, in einops's words. */
export class EinopsError extends Error {}

const formatDim = (dim: Dim): string => formatShape([dim]).slice(1, -1);

/** The dimensions that an ellipsis stands for. */
export const ELLIPSIS = '…';
/** The same as one axis: `b (...) d`. */
const WHOLE = '(…)';

/**
 * One side of a pattern: `b (h p1) 1 ...`.
 * @throws EinopsError for parentheses that do not fit and for what is no name.
 */
export function groupsOf(side: string): Group[] {
  const groups: string[][] = [];
  let open: string[] | undefined;
  for (const token of side.replaceAll('...', ELLIPSIS).match(/\s+|[()]|[^\s()]+/g) ?? []) {
    if (/^\s/.test(token)) continue;
    if (token === '(') {
      if (open) throw new EinopsError('Axis composition is one-level (brackets inside brackets not allowed)');
      open = [];
    } else if (token === ')') {
      if (!open) throw new EinopsError('Brackets are not balanced');
      groups.push(open.length === 1 && open[0] === ELLIPSIS ? [WHOLE] : open);
      open = undefined;
    } else {
      if (!/^([A-Za-z_]\w*|1|…)$/.test(token)) throw new EinopsError(`Invalid axis identifier: ${token}`);
      const names = token === '1' ? [] : [token];
      if (open) open.push(...names);
      else groups.push(names);
    }
  }
  if (open) throw new EinopsError('Brackets are not balanced');
  return groups;
}

/** Both sides of a pattern. @throws EinopsError */
export function sidesOf(pattern: string): readonly [Group[], Group[]] {
  const sides = pattern.split('->');
  if (sides.length !== 2) throw new EinopsError(`'${pattern}' has no or more than one ->`);
  return [groupsOf(sides[0]!), groupsOf(sides[1]!)];
}

/** An ellipsis written out as so many axes of its own. */
export function withoutEllipsis(groups: readonly Group[], axes: readonly string[]): Group[] {
  return groups.flatMap((group): Group[] => {
    if (group[0] === WHOLE) return [axes];
    if (!group.includes(ELLIPSIS)) return [group];
    if (group.length === 1) return axes.map((axis) => [axis]);
    return [group.flatMap((name) => (name === ELLIPSIS ? axes : [name]))];
  });
}

/** The axes that the ellipsis of a side stands for in a tensor of that many dimensions. @throws EinopsError */
export function ellipsisAxes(groups: readonly Group[], rank: number): string[] {
  const has = groups.some((group) => group.includes(ELLIPSIS) || group[0] === WHOLE);
  const others = groups.length - (groups.some((group) => group.length === 1 && group[0] === ELLIPSIS) ? 1 : 0);
  if (has ? rank < others : rank !== groups.length)
    throw new EinopsError(
      `Wrong shape: expected ${has ? `>=${others}` : groups.length} dims. Received ${rank}-dim tensor.`,
    );
  return has ? Array.from({ length: rank - others }, (_, i) => `${ELLIPSIS}${i}`) : [];
}

/**
 * The length of every axis of the left side in a tensor of that shape.
 * @throws EinopsError where lengths do not fit the shape, or do not follow from it.
 */
export function lengthsOf(groups: readonly Group[], shape: Shape, given: ReadonlyMap<string, Dim>): Map<string, Dim> {
  const lengths = new Map(given);
  groups.forEach((group, i) => {
    const whole = shape[i]!;
    const open = group.filter((name) => !lengths.has(name));
    if (open.length > 1) throw new EinopsError(`Could not infer sizes for {${open.join(', ')}}`);
    const product = multiplyDims(group.flatMap((name) => lengths.get(name) ?? []));
    const said = formatDim(whole);
    if (open.length === 1) {
      const rest = product === undefined ? undefined : divideDims(whole, product);
      if (rest === undefined)
        throw new EinopsError(
          `Shape mismatch, can't divide axis of length ${said} in chunks of ${product === undefined ? 'batch × batch' : formatDim(product)}`,
        );
      lengths.set(open[0]!, rest);
    } else if (product === undefined || !sameDim(product, whole)) {
      throw new EinopsError(
        `Shape mismatch, ${said} != ${product === undefined ? 'batch × batch' : formatDim(product)}`,
      );
    }
  });
  return lengths;
}
