import type { AttributeError, ShapeError } from '../../../layers';
import type { Assumption, InputError, SourceDocument, Span, Unmodelled } from '../../../network';
import type { Imports } from '../imports';
import type { Trace } from '../modules/trace';
import type { SyntaxNode } from '../syntax';
import type {
  Arguments,
  ClassValue,
  ModuleValue,
  RecordValue,
  Scope,
  TensorValue,
  UnknownValue,
  Value,
} from '../values';
import type { Budget } from './budget';
import type { Framework } from './framework';
import type { PythonError } from './pythonError';

/** How a block ended, when not by running to its end. */
export type Completion =
  | { readonly kind: 'return'; readonly value: Value; readonly endless?: true }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' };

/** Something that could not be modelled, and the outermost module that was being made or run. */
export interface Note extends Unmodelled {
  owner?: ModuleValue;
}

/** A call of a model by the script around it, with tensors whose shapes are known. */
export interface Example {
  readonly module: ModuleValue;
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Span;
  /** The function that is given the model and its input: `torch.onnx.export`. */
  readonly by?: string;
  /** The shapes are without the batch. */
  readonly withoutBatch?: true;
}

/** A model that a script's function keeps in a variable, or the script itself for a while. */
export interface LocalModel {
  /** The script's own variable, which may hold something else by now. */
  readonly global?: true;
  /** No variable at all: it has its class's name. */
  readonly passing?: true;
  readonly name: string;
  readonly module: ModuleValue;
}

/** What the evaluation saw on its way, for whoever reads the script around the model. */
export interface Findings {
  readonly notes: Note[];
  readonly records: RecordValue[];
  readonly examples: Example[];
  readonly localModels: LocalModel[];
  /** Errors in model code that the script's evaluation passed over. */
  readonly failures: (PythonError | InputError)[];
  /** Libraries whose names `from … import *` brings. */
  readonly starImports: string[];
  /** What was taken for granted where the file does not say it. */
  readonly assumptions: Assumption[];
  /** The script's command-line arguments with their defaults. */
  readonly arguments: Map<string, Value>;
  /** Whole numbers given to names like `batch_size`, with their place. */
  readonly batchSizes: { readonly name: string; readonly value: number; readonly source: Span }[];
}

/** One evaluation of one file. The tables of syntax and builtins work through it. */
export interface Evaluation {
  readonly document: SourceDocument;
  readonly framework: Framework;
  readonly budget: Budget;
  readonly findings: Findings;
  readonly globals: Scope;
  /** Files that the file imports. */
  imports: Imports;
  /** Arguments that the person gives by name, and those of them that the script has asked for. */
  given: ReadonlyMap<string, Value>;
  readonly used: Set<string>;
  /** The modules whose methods are running, outermost first. In them nothing unknown passes in silence. */
  readonly owners: ModuleValue[];
  /** Above 0 inside `try`, where an error must reach its `except`. */
  tryDepth: number;
  /** How many functions of imported files are running, one inside the other. */
  away: number;
  /** What the next generator that is called runs at its `yield`. */
  yieldTo: ((value: Value) => void) | undefined;
  /** Recording the calls of a forward; absent outside. */
  trace: Trace | undefined;

  evaluate(node: SyntaxNode, scope: Scope): Value;
  execute(block: SyntaxNode, scope: Scope): Completion | undefined;
  assign(target: SyntaxNode, value: Value, scope: Scope): void;
  call(callee: Value, args: Arguments, site: Span): Value;
  /** Makes an object of a class, whatever its metaclass says. */
  construct(of: ClassValue, args: Arguments, site: Span): Value;
  /** `value.name`; an unknown value where the reader does not know it. */
  attribute(value: Value, name: string, site: Span): Value;
  /** As `attribute`, but undefined where Python would raise AttributeError. */
  findAttribute(value: Value, name: string, site: Span): Value | undefined;
  setAttribute(value: Value, name: string, given: Value, site: Span): void;
  /** Python's truth, an object's own `__bool__` and `__len__` asked; undefined where that is not known. */
  truth(value: Value, site: Span): boolean | undefined;
  /** Python's order, an object's own `__lt__` asked: below, at or above 0; undefined where that is not known. */
  order(a: Value, b: Value, site: Span): number | undefined;
  /** `str(value)` and `repr(value)`, an object's own methods asked. */
  text(value: Value, site: Span): string;
  repr(value: Value, site: Span): string;
  /** The elements that a loop would see; undefined where they are not known. */
  iterate(value: Value, site: Span): readonly Value[] | undefined;
  binary(operator: string, left: Value, right: Value, site: Span): Value;
  /** `value in container`; undefined where that is not known. */
  contains(container: Value, value: Value, site: Span): boolean | undefined;
  /** Whether files that were not needed yet have filled a dictionary or set that lacks a key; it is worth another look. */
  registers(container: Value, key: Value): boolean;
  subscript(value: Value, index: Value, site: Span): Value;
  /** The meaning of a library's full name. */
  library(path: string): Value;
  libraryClass(path: string): ClassValue | undefined;
  /** Python's own names: `range`, `len`. */
  pythonName(name: string): Value | undefined;
  /** A method of a value that is no object of the file: `list.append`, `Tensor.view`. */
  method(value: Value, name: string): Value | undefined;
  operate(operator: string, left: Value, right: Value, site: Span): Value | undefined;
  tensorItem(value: TensorValue, index: Value, site: Span): Value;
  /** `value[index] = given` for a tensor. */
  setTensorItem(value: TensorValue, index: Value, given: Value, site: Span): void;
  /** Makes a tensor stand for new values, as an operation in place does; gives the tensor. */
  writeTo(target: TensorValue, values: Value, site: Span): Value;
  /** `operator value` for a tensor; undefined where it has none. */
  tensorUnary(operator: string, value: TensorValue, site: Span): Value | undefined;

  span(node: SyntaxNode): Span;
  /** Whether model code is running, where silence about the unknown would mislead. */
  strict(): boolean;
  /**
   * Whether an error costs its statement alone, and both ways of an open condition are looked at: in the script around the
   * model and on a file's top level, but not in the functions of what it imports.
   */
  lenient(scope: Scope): boolean;
  /** An unknown value, noted as unmodelled in model code. */
  unmodelled(what: string, why: string, source: Span): UnknownValue;
  /** Notes an unknown value that model code has met. */
  note(value: UnknownValue, what?: string): void;
  raise(kind: string, text: string, source: Span): never;
  /** What PyTorch refuses of a layer: a ValueError of model code, wherever it stands. */
  refuse(error: ShapeError | AttributeError, source: Span): never;
}
