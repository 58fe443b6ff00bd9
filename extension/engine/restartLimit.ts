/** Counts how often the engine died lately, so that one that cannot live is not started for ever. */
export class RestartLimit {
  readonly #deaths: number[] = [];

  constructor(
    private readonly most = 5,
    private readonly withinMilliseconds = 180_000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  died(): void {
    this.#deaths.push(this.now());
  }

  /** Whether another start is within bounds: the first is always, a restart after more than `most` deaths is not. */
  get mayStart(): boolean {
    const since = this.now() - this.withinMilliseconds;
    while (this.#deaths[0] !== undefined && this.#deaths[0] < since) this.#deaths.shift();
    return this.#deaths.length <= this.most;
  }

  /** What a person is told when the bound is reached. */
  get refusal(): string {
    const minutes = this.withinMilliseconds / 60_000;
    return `The engine ended ${this.#deaths.length} times in ${minutes} minutes and is not started again for now; the log says why.`;
  }
}
