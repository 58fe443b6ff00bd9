import type { Span, Unmodelled } from '../../network';
import type { ModelNode } from '../../onnx';
import { Build } from './build';
import { nameOf } from './graph/order';
import { Naming } from './naming';
import { NotRead } from './notRead';
import { Applied, type Given } from './operators/applied';
import { folded } from './operators/folding';
import { findOperator } from './operators/table';
import type { Stored } from './stored';
import { type Flow, UNKNOWN, type Value } from './values';

/** An ONNX file has no lines that a person could rewrite. */
const MEND = 'export the model without it, or name the source file that defines the model';

/** What a walk over the nodes is told. */
export interface WalkInput {
  readonly nodes: readonly ModelNode[];
  /** The inputs by their names in the file. */
  readonly inputs: readonly Flow[];
  /** The file's tensors by name; those of Constant nodes among them. */
  readonly tensors: ReadonlyMap<string, Stored>;
  readonly constants: ReadonlySet<string>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly fixedBatch: number | undefined;
  readonly withWeights: boolean;
  readonly source: Span;
  /** The shape of a value that is not modelled, where the file states it. */
  readonly stated: (name: string) => Pick<Flow, 'shape' | 'type'> | undefined;
}

export interface Walked {
  readonly build: Build;
  readonly values: ReadonlyMap<string, Value>;
  readonly unmodelled: readonly Unmodelled[];
}

/** Reads the nodes one after another into calls. What is not modelled is listed, and all that hangs on it left out. */
export function walk(input: WalkInput): Walked {
  const { nodes, tensors, opsets, fixedBatch, source } = input;
  const build = new Build(
    new Naming(
      nodes,
      input.inputs.map(({ id }) => id),
    ),
    source,
    input.withWeights,
  );
  const values = new Map<string, Value>();
  for (const { id, shape, type } of input.inputs) values.set(id, build.input(id, shape, type));
  for (const [name, stored] of tensors)
    values.set(name, { kind: 'stored', stored, constant: input.constants.has(name) });
  const unmodelled: Unmodelled[] = [];

  for (const node of nodes) {
    if (node.op === 'Constant' && node.domain === '' && values.has(node.outputs[0] ?? '')) continue;
    const taken = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const results = taken.some((value) => value?.kind === 'unknown') ? [] : read(node, taken as (Given | undefined)[]);
    node.outputs.forEach((name, i) => {
      if (name !== '') values.set(name, results[i] ?? lost(name));
    });
  }
  return { build, values, unmodelled };

  /** What could not be computed: where its shape is stated, the layers behind it are still known. */
  function lost(name: string): Value {
    const stated = input.stated(name);
    return stated ? build.lost(name, stated.shape, stated.type) : UNKNOWN;
  }

  function read(node: ModelNode, taken: readonly (Given | undefined)[]): readonly Value[] {
    const alias = aliasOf(node, taken);
    if (alias) return [alias];
    const row = findOperator(node.domain, node.op);
    try {
      const applied = new Applied(node, taken, opsets.get(node.domain) ?? opsets.get('') ?? 0, build, fixedBatch);
      const known = folded(applied);
      if (known) return 'kind' in known ? [known] : known;
      if (!row) throw new NotRead(`no layer computes the operator ${node.domain ? `${node.domain}.` : ''}${node.op}`);
      const result = row.read(applied);
      return 'kind' in result ? [result] : result;
    } catch (error) {
      if (!(error instanceof NotRead)) throw error;
      unmodelled.push({ what: nameOf(node), why: error.message, source, mend: MEND });
      return [];
    }
  }
}

/** A tensor of the file's under another name: what the exporter sets equal is a parameter of its own. */
function aliasOf(node: ModelNode, [value]: readonly (Given | undefined)[]): Value | undefined {
  if (node.op !== 'Identity' || value?.kind !== 'stored') return undefined;
  return { ...value, stored: value.stored.named(node.outputs[0] ?? '') };
}
