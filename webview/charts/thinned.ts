/** A figure `x` in row `y`. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/**
 * The dots that are seen where rows are lower than a pixel: of each pixel the least and the greatest figure, and every one
 * that must stay. Dots ascend by row, and stay in that order.
 */
export function thinned(dots: readonly Dot[], rowHeight: number, stays: (row: number) => boolean): Dot[] {
  if (rowHeight >= 1) return [...dots];
  const kept: Dot[] = [];
  let pixel = -1;
  let within: Dot[] = [];
  const close = (): void => {
    if (within.length === 0) return;
    let [least, greatest] = [within[0]!, within[0]!];
    for (const dot of within) {
      if (dot.x < least.x) least = dot;
      if (dot.x > greatest.x) greatest = dot;
    }
    kept.push(...within.filter((dot) => dot === least || dot === greatest || stays(dot.y)));
  };
  for (const dot of dots) {
    const at = Math.floor(dot.y * rowHeight);
    if (at !== pixel) {
      close();
      pixel = at;
      within = [];
    }
    within.push(dot);
  }
  close();
  return kept;
}
