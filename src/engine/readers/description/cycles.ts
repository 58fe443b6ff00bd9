/**
 * The way from `start` to `goal` along `edges`, both included; undefined where there is none. Takes no recursion: a
 * chain may be thousands long.
 */
export function pathBetween(
  start: string,
  goal: string,
  edges: (node: string) => readonly string[],
): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[start, undefined]]);
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === goal) {
      const path: string[] = [];
      for (let step: string | undefined = node; step !== undefined; step = cameFrom.get(step)) path.unshift(step);
      return path;
    }
    for (const next of edges(node)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      open.push(next);
    }
  }
  return undefined;
}

/** A path as a sentence shows it, its middle left out where it is long. */
export function formatPath(path: readonly string[]): string {
  const shown = path.length > 8 ? [...path.slice(0, 4), '…', ...path.slice(-3)] : path;
  return shown.join(' → ');
}
