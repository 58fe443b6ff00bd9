import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import type { Arguments, Value } from '../values';

/** What a name does when it is called: one row of a table of builtins. */
export type BuiltinRow = (args: Arguments, site: Span, run: Evaluation) => Value;

/** Rows by name. */
export type BuiltinTable = Readonly<Record<string, BuiltinRow>>;

/** The row of that name; a name of `Object.prototype` is none. */
export const rowOf = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
