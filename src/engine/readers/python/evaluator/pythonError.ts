import type { Span } from '../../../network';
import type { Value } from '../values';

/** An exception that Python would raise, or that the file raises. */
export class PythonError extends Error {
  /** The object that the file raised, or that its `except … as` has asked for. */
  value?: Value;

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
