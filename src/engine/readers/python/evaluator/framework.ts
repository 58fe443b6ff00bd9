import type { Evaluation } from './evaluation';

/** What names and operators mean, for one evaluation. */
export type Meanings = Pick<
  Evaluation,
  'library' | 'libraryClass' | 'pythonName' | 'method' | 'operate' | 'tensorItem' | 'setTensorItem' | 'tensorUnary'
>;

/** The libraries that a file may use, as the language's evaluator needs them. */
export interface Framework {
  meanings(run: Evaluation): Meanings;
  /** Full names of functions whose result nobody in a model needs: calling one is nothing to speak of. */
  readonly silent: RegExp;
  /** Methods that every module has and the reader has not: asking for one is no fault of the file. */
  readonly otherModuleMethods: RegExp;
}
