/** The reader's own limits, so that no file keeps it busy: all are far above what model code needs. */
export const LIMITS = {
  /** Syntax nodes evaluated in one file. */
  operations: 600_000,
  /** Syntax nodes evaluated, imported code's too, after which no further model of the file is begun. */
  file: 2_000_000,
  /** Calls of the file's functions inside each other. */
  callDepth: 120,
  /** Syntax nodes inside each other, over all calls. */
  nesting: 2_500,
  /** Rounds of one `while` loop. */
  rounds: 20_000,
  /** Elements of one list, characters of one string. */
  size: 200_000,
} as const;

/** Thrown where a limit is reached; whoever started the evaluation says so and goes on without it. */
export class BudgetExceeded extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'BudgetExceeded';
  }
}

/** What an evaluation has used of its limits. */
export interface Budget {
  operations: number;
  /** Steps so far, imported code's in full. */
  spent: number;
  callDepth: number;
  nesting: number;
}

export const newBudget = (): Budget => ({ operations: LIMITS.operations, spent: 0, callDepth: 0, nesting: 0 });

/** @throws BudgetExceeded when there would be more elements than the reader holds. */
export function checkSize(count: number): void {
  if (count > LIMITS.size) throw new BudgetExceeded(`more than ${LIMITS.size} elements`);
}

/** @throws BudgetExceeded when a string would be longer than the reader holds. */
export function checkText(length: number): void {
  if (length > LIMITS.size) throw new BudgetExceeded('a very long string');
}
