/** Layers that one line joins, or that stand alone (`series` null). */
export interface KindGroup {
  readonly kinds: readonly string[];
  readonly series: number | null;
}

/** More lines than this cannot be told apart at a glance. */
const MOST_LINES = 4;

/**
 * Groups layers by kind, for gradients are compared within one role: a convolution's with a convolution's, never with the
 * norm's between them. The commonest kinds have a line each; the rest stand as points.
 */
export function kindGroups(kinds: readonly string[]): KindGroup[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const byCount = [...counts].sort((a, b) => b[1] - a[1]);
  const joined = byCount.filter(([, count]) => count > 1).slice(0, MOST_LINES);
  const alone = byCount.filter((each) => !joined.includes(each)).map(([kind]) => kind);
  return [
    ...joined.map(([kind], series) => ({ kinds: [kind], series })),
    ...(alone.length > 0 ? [{ kinds: alone, series: null }] : []),
  ];
}
