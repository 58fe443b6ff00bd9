/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** The exponent b of y = a·xᵇ by least squares on logarithms. */
export function fittedExponent(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const u = xs.map(Math.log);
  const v = ys.map(Math.log);
  const [mu, mv] = [mean(u), mean(v)];
  const covariance = mean(u.map((value, i) => (value - mu) * (v[i]! - mv)));
  return covariance / mean(u.map((value) => (value - mu) ** 2));
}
