import type { Span } from './span';

/** Wrong input, said in one line: where, what is wrong, how to mend it. */
export class InputError extends Error {
  constructor(
    readonly what: string,
    readonly mend: string,
    readonly source?: Span,
    /** Arguments of the model's constructor that only a person can give, where that is what is wrong. */
    readonly needs?: readonly string[],
  ) {
    super(mend ? `${what}; ${mend}` : what);
    this.name = 'InputError';
  }
}
