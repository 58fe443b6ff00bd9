/** A reason without the names, numbers and places that make it one of a kind. */
export const generalized = (why: string): string =>
  why
    .replace(/'[^']*'/g, "'…'")
    .replace(/\[[^\]]*\]/g, '[…]')
    .replace(/\d+/g, 'n')
    .slice(0, 120);

/** Counts outcomes and the reasons for those that are not the best. */
export class Tally<Outcome extends string> {
  readonly #counts = new Map<Outcome, number>();
  readonly #reasons = new Map<string, { count: number; where: string }>();
  #slowest = { milliseconds: 0, name: '' };

  constructor(
    private readonly outcomes: readonly Outcome[],
    private readonly list: boolean,
  ) {}

  count(outcome: Outcome, name: string, why?: string, where = ''): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    if (this.list) process.stdout.write(`${outcome.padEnd(8)}${name}${why ? `  ${why} (${where})` : ''}\n`);
    if (why === undefined) return;
    const key = generalized(why);
    const known = this.#reasons.get(key) ?? { count: 0, where: `${name}${where && `, ${where}`}` };
    known.count++;
    this.#reasons.set(key, known);
  }

  took(name: string, milliseconds: number): void {
    if (milliseconds > this.#slowest.milliseconds) this.#slowest = { milliseconds, name };
  }

  /** Shares, the slowest, and the five commonest reasons. */
  summary(): string {
    const total = [...this.#counts.values()].reduce((a, b) => a + b, 0);
    const shares = this.outcomes.map((outcome) => {
      const count = this.#counts.get(outcome) ?? 0;
      return `${outcome} ${count} (${total === 0 ? 0 : ((100 * count) / total).toFixed(1)} %)`;
    });
    const commonest = [...this.#reasons].sort(([, a], [, b]) => b.count - a.count).slice(0, 5);
    return [
      `${total} models: ${shares.join(', ')}`,
      `slowest: ${this.#slowest.name}, ${Math.round(this.#slowest.milliseconds)} ms`,
      ...commonest.map(([why, { count, where }]) => `${count} × ${why} (${where})`),
      '',
    ].join('\n');
  }
}
