import type { Span } from './span';

/** Wrong input, said in one line: where, what is wrong, how to mend it. */
export class InputError extends Error {
  constructor(
    readonly what: string,
    readonly mend: string,
    readonly source?: Span,
  ) {
    super(mend ? `${what}; ${mend}` : what);
    this.name = 'InputError';
  }
}
