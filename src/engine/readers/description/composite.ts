import type { Composite, CompositeCalls, LayerRow } from '../../layers';
import type { Attributes, Span, ValueId } from '../../network';
import { refuse } from './node';

/** Makes the calls that a composite is written out as. */
interface Calls {
  /** Of a module of that id. */
  module(id: string, row: LayerRow, inputs: readonly ValueId[], attributes: Attributes): void;
  function(id: string, kind: string, inputs: readonly ValueId[]): void;
}

/** The rows of the functions that a composite may name as its activation. */
const ACTIVATIONS: Readonly<Record<string, string>> = { relu: 'ReLU', gelu: 'GELU' };

/** Writes a composite's forward out as calls under its id, named as PyTorch's reader names them. */
export class CompositeWriter implements CompositeCalls<ValueId> {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly id: string,
    private readonly children: ReadonlyMap<string, { readonly row: LayerRow; readonly attributes: Attributes }>,
    private readonly activationName: string,
    private readonly calls: Calls,
  ) {}

  module(
    name: string,
    inputs: readonly ValueId[],
    named: Readonly<Record<string, ValueId | undefined>> = {},
    said: Attributes = {},
  ): ValueId {
    const { row, attributes } = this.children.get(name)!;
    const there = (row.call?.operands ?? [])
      .filter((operand) => operand.endsWith('?'))
      .map((operand) => operand.slice(0, -1))
      .filter((operand) => named[operand] !== undefined);
    const own = { ...attributes, ...said, ...(there.length > 0 && { operands: there }) };
    const id = `${this.id}.${name}`;
    this.calls.module(id, row, [...inputs, ...there.map((operand) => named[operand]!)], own);
    return id;
  }

  function(kind: string, inputs: readonly ValueId[]): ValueId {
    return this.named(kind, kind, inputs);
  }

  activation(x: ValueId): ValueId {
    return this.named(this.activationName, ACTIVATIONS[this.activationName] ?? this.activationName, [x]);
  }

  private named(name: string, kind: string, inputs: readonly ValueId[]): ValueId {
    const before = this.counts.get(name) ?? 0;
    this.counts.set(name, before + 1);
    const id = `${this.id}.${before === 0 ? name : `${name}_${before}`}`;
    this.calls.function(id, kind, inputs);
    return id;
  }
}

/** What a line takes, by the composite's names for it. @throws InputError where one is missing. */
export function operandsOf(
  { call }: Composite,
  attributes: Attributes,
  taken: readonly ValueId[],
  place: Span,
  subject: string,
): Readonly<Record<string, ValueId>> {
  const required = call.operands.filter((name) => !name.endsWith('?'));
  const names = [...required, ...((attributes.operands ?? []) as readonly string[])];
  if (taken.length !== names.length) {
    const from = `from: [${names.join(', ')}]`;
    refuse(place, `${subject} takes ${names.join(', ')}, but got ${taken.length} inputs`, `name them: ${from}`);
  }
  return Object.fromEntries(names.map((name, i) => [name, taken[i]!]));
}
