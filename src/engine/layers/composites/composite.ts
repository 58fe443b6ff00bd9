import type { Attributes, Shape } from '../../network';
import type { Attribute, AttributesOf } from '../attribute';
import type { FunctionForm } from '../row';

/** A module that a composite registers: a layer kind with the attributes that it is made with. */
export interface CompositeChild {
  readonly kind: string;
  readonly attributes: Attributes;
}

/** What a composite computes with; a reader says how. V is what flows there. */
export interface CompositeCalls<V> {
  /** Calls the child of that name; `named` are masks and the like by PyTorch's names, `said` what the call says beside. */
  module(name: string, inputs: readonly V[], named?: Readonly<Record<string, V | undefined>>, said?: Attributes): V;
  /** Calls a function by its row's kind: `add`. */
  function(kind: string, inputs: readonly V[]): V;
  /** Applies the activation that the module was made with. */
  activation(x: V): V;
}

/**
 * A class of torch.nn that computes by its children alone. Readers write it out: it becomes a container, its children
 * modules with names of their own, its forward their calls.
 */
// biome-ignore lint/suspicious/noExplicitAny: the table holds composites of every attribute type; `defineComposite` checks each
export interface Composite<S extends Record<string, Attribute<any>> = Record<string, Attribute<any>>> {
  /** PyTorch's class. */
  readonly kind: string;
  /** In the order of the class's constructor; then those that a call says. */
  readonly attributes: S;
  /** How the module is called: its `forward` in Python's order. */
  readonly call: Required<Pick<FunctionForm, 'parameters' | 'operands'>>;
  infer?(inputs: readonly Shape[]): Partial<AttributesOf<S>>;
  /** In PyTorch's registration order. */
  children(attributes: AttributesOf<S>): Readonly<Record<string, CompositeChild>>;
  /** The calls, in PyTorch's order; `named` has the operands that are there, by their names. */
  forward<V>(calls: CompositeCalls<V>, named: Readonly<Record<string, V>>, attributes: AttributesOf<S>): V;
}

/** Types one composite by its own attributes, then widens it for the table. */
// biome-ignore lint/suspicious/noExplicitAny: see Composite
export function defineComposite<const S extends Record<string, Attribute<any>>>(composite: Composite<S>): Composite {
  return composite as unknown as Composite;
}
