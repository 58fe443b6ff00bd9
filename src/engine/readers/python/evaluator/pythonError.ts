import type { Span } from '../../../network';

/** An exception that Python would raise, or that the file raises. */
export class PythonError extends Error {
  constructor(
    /** Its class: `ValueError`. */
    readonly kind: string,
    readonly text: string,
    readonly source: Span,
    /** Raised while a model was made or run. */
    readonly inModel = false,
    /** How to mend it, where the layer knows. */
    readonly mend?: string,
  ) {
    super(text ? `${kind}: ${text}` : kind);
    this.name = 'PythonError';
  }
}
