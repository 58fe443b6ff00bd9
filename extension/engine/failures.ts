import { ResponseError } from 'vscode-jsonrpc';
import type { Failure } from '../../src/engine/protocol';
import type { ReportSource } from '../../src/engine/report/report';

/** What a person wrote or chose is wrong: what, how to mend it, and where. */
export class WrongInput extends Error {
  constructor(
    readonly what: string,
    readonly mend: string,
    readonly source: ReportSource | null,
    /** Constructor arguments that only a person can give, where that is what is wrong. */
    readonly needs: readonly string[],
  ) {
    super(mend ? `${what}; ${mend}` : what);
    this.name = 'WrongInput';
  }
}

/** The engine failed; the message is a sentence for a person. */
export class EngineFailure extends Error {
  constructor(
    sentence: string,
    /** Whether its process ended, so that to run again is all that helps; else the sentence says what does. */
    readonly ended = false,
  ) {
    super(sentence);
    this.name = 'EngineFailure';
  }
}

/** The run was cancelled before anything was measured. */
export class CancelledRun extends Error {
  constructor() {
    super('The analysis was cancelled.');
    this.name = 'CancelledRun';
  }
}

/** The engine's mend names the command line's flags where a person has to give something; here the command asks for it. */
function wrongInput({ what, mend, source, needs }: Extract<Failure, { kind: 'input' }>): WrongInput {
  const ours = needs.length > 0 ? `run Analyze Network again and give ${needs.join(', ')}` : mend;
  return new WrongInput(what, ours, source, needs);
}

/** An error of a request as one of the above. */
export function clientError(error: unknown): WrongInput | EngineFailure | CancelledRun {
  if (error instanceof WrongInput || error instanceof EngineFailure || error instanceof CancelledRun) return error;
  if (error instanceof ResponseError) {
    const data = error.data as Failure | undefined;
    if (data?.kind === 'input') return wrongInput(data);
    if (data?.kind === 'cancelled') return new CancelledRun();
  }
  return new EngineFailure(error instanceof Error ? error.message : String(error));
}
