import type { Span } from '../../../network';
import type { Arguments, ClassValue, ModuleValue, RecordValue, TensorValue, Value } from '../values';
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
  /** Full names of the classes of which, or below which, an object is a module. */
  readonly moduleBases: readonly string[];
  /** Whether the reader models a library's name itself and opens no file for it. */
  modelled(path: string): boolean;
  /** Whether an installed package is left closed; a person's own of that name is opened. */
  closed?(path: string): boolean;
  /** What stands for an argument of a model's constructor that is not known before running, by its name, and how that reads. */
  usualArgument?(
    name: string,
    of: ClassValue,
    site: Span,
    run: Evaluation,
  ): { value: Value; words: string } | undefined;
  /** What a function of a package that is not read gives for its arguments, where that is known by them. */
  passed?(path: string, args: Arguments, site: Span): Value | undefined;
  /** What calling an object of a library gives of which only the making is kept: an initializer's tensor. */
  recordCalled?(record: RecordValue, args: Arguments, site: Span): Value | undefined;
  /** Full names of files of libraries whose own functions give way to what the reader knows of them by name. */
  readonly knownWithin?: RegExp;
  /** Forgets what earlier models of the file left: a model made now is the first of its process. */
  renew?(run: Evaluation): void;
  /** A module and all that are part of it, where the library keeps them in a way of its own. */
  partsOf?(module: ModuleValue): readonly ModuleValue[] | undefined;
  /** The models that a model holds and only trains, by its attributes' names; undefined where it is a network itself. */
  heldModels?(module: ModuleValue): ReadonlyMap<string, ModuleValue> | undefined;
  /** Whether `x += y` gives the name a new tensor: its library's tensors never change. */
  rebinds?(value: TensorValue, run: Evaluation): boolean;
  /** Sets a module's attribute where the library does that in a way of its own; false where it does not. */
  setAttribute?(module: ModuleValue, name: string, given: Value): boolean;
}
