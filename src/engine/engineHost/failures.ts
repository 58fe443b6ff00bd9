import { ResponseError } from 'vscode-jsonrpc';
import { InputError, type Span } from '../network';
import { type Failure, failureCodes } from '../protocol';
import type { ReportSource } from '../report';
import { visibleText } from '../report/visibleText';
import { CancelledError, EngineError } from '../runtime';

const oneLine = (error: unknown): string => visibleText(error instanceof Error ? error.message : String(error));

/** The answer to a request about a text that is another by now. */
export const outdated = (): ResponseError<Failure> =>
  new ResponseError<Failure>(failureCodes.cancelled, 'the document was edited since', { kind: 'cancelled' });

/** Any error as the protocol answers it; one that nobody foresaw becomes a sentence of the engine. */
export function failureOf(error: unknown, toSource: (span: Span) => ReportSource): ResponseError<Failure> {
  if (error instanceof ResponseError) return error;
  if (error instanceof InputError) {
    const { what, mend, source, needs = [] } = error;
    return new ResponseError<Failure>(failureCodes.input, oneLine(error), {
      kind: 'input',
      what: visibleText(what),
      mend: visibleText(mend),
      source: source ? toSource(source) : null,
      needs,
    });
  }
  if (error instanceof CancelledError) {
    return new ResponseError<Failure>(failureCodes.cancelled, error.message, { kind: 'cancelled' });
  }
  const sentence =
    error instanceof EngineError ? oneLine(error) : `The engine failed: ${oneLine(error)}. Run the analysis again.`;
  return new ResponseError<Failure>(failureCodes.engine, sentence, { kind: 'engine' });
}
