import { NONE } from './make';
import type { Arguments, Value } from './value';

/** A builtin's arguments by name: `parameters` in Python's order, positional ones first. */
export interface Bound {
  readonly [name: string]: Value | undefined;
}

/**
 * Puts a builtin's arguments to its parameters. Names that it does not list stay out: builtins ignore what they do
 * not need.
 */
export function bound(args: Arguments, ...parameters: readonly string[]): Bound {
  const values: Record<string, Value> = {};
  parameters.forEach((name, i) => {
    const value = args.positional[i] ?? args.keywords.get(name);
    if (value) values[name] = value;
  });
  return values;
}

/** The argument at a place, None where it is not given. */
export const argument = (args: Arguments, index: number): Value => args.positional[index] ?? NONE;
