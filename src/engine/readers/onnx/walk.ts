import type { Span, Unmodelled } from '../../network';
import type { ModelGraph, ModelNode } from '../../onnx';
import { Build } from './build';
import { nameOf } from './graph/order';
import { Naming } from './naming';
import { NotRead } from './notRead';
import { Applied, elementsOf, type Given } from './operators/applied';
import { folded } from './operators/folding';
import { findOperator } from './operators/table';
import type { Stored } from './stored';
import { type Flow, UNKNOWN, type Value } from './values';

/** The file's tensors by name; those of Constant nodes are named in `constants`. */
export interface Tensors {
  readonly tensors: ReadonlyMap<string, Stored>;
  readonly constants: ReadonlySet<string>;
}

/** What a walk over the nodes is told. */
export interface WalkInput extends Tensors {
  readonly nodes: readonly ModelNode[];
  /** The inputs by their names in the file. */
  readonly inputs: readonly Flow[];
  /** Names of what the graph gives. */
  readonly outputs: readonly string[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly fixedBatch: number | undefined;
  readonly withWeights: boolean;
  readonly source: Span;
  /** The shape of a value that is not modelled, where the file states it. */
  readonly stated: (name: string) => Pick<Flow, 'shape' | 'type'> | undefined;
  /** The tensors of a graph within a node. */
  readonly tensorsOf: (graph: ModelGraph) => Tensors;
}

export interface Walked {
  readonly build: Build;
  readonly values: ReadonlyMap<string, Value>;
  readonly unmodelled: readonly Unmodelled[];
}

/** An ONNX file has no lines that a person could rewrite. */
const MEND = 'export the model without it, or name the source file that defines the model';

/** Reads the nodes one after another into calls. What is not modelled is listed, and all that hangs on it left out. */
export function walk(input: WalkInput): Walked {
  const { opsets, fixedBatch, source } = input;
  const names = input.inputs.map(({ id }) => id);
  const build = new Build(new Naming(input.nodes, names), source, input.withWeights);
  const values = new Map<string, Value>();
  const unmodelled: Unmodelled[] = [];
  const wanted = new Set(input.outputs);
  for (const { id, shape, type } of input.inputs) values.set(id, build.input(id, shape, type));
  enter(input.nodes, input);
  return { build, values, unmodelled };

  function enter(nodes: readonly ModelNode[], { tensors, constants }: Tensors): void {
    for (const node of nodes) for (const name of node.inputs) wanted.add(name);
    for (const [name, stored] of tensors) values.set(name, { kind: 'stored', stored, constant: constants.has(name) });
    for (const node of nodes) step(node);
  }

  function step(node: ModelNode): void {
    if (node.op === 'Constant' && node.domain === '' && values.get(node.outputs[0] ?? '')?.kind === 'stored') return;
    const taken = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const isLost = taken.some((value, i) => value?.kind === 'unknown' || (!value && node.inputs[i] !== ''));
    const results = isLost ? undefined : read(node, taken as (Given | undefined)[]);
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      values.set(name, results?.[i] ?? lost(name));
      if (results && results.length > 0 && !results[i] && wanted.has(name))
        leave(node, `its output ${i + 1} is not modelled`);
    });
  }

  /** What could not be computed: where its shape is stated, the layers behind it are still known. */
  function lost(name: string): Value {
    const stated = input.stated(name);
    return stated ? build.lost(name, stated.shape, stated.type) : UNKNOWN;
  }

  function leave(node: ModelNode, why: string): void {
    unmodelled.push({ what: nameOf(node), why, source, mend: MEND });
  }

  function read(node: ModelNode, taken: readonly (Given | undefined)[]): readonly Value[] {
    const alias = aliasOf(node, taken);
    if (alias) return [alias];
    try {
      if (node.op === 'If' && node.domain === '') return branch(node, taken);
      const row = findOperator(node.domain, node.op);
      const applied = new Applied(node, taken, opsets.get(node.domain) ?? opsets.get('') ?? 0, build, fixedBatch);
      const known = folded(applied);
      if (known) return 'kind' in known ? [known] : known;
      if (!row) throw new NotRead(`no layer computes the operator ${node.domain ? `${node.domain}.` : ''}${node.op}`);
      const result = row.read(applied);
      return 'kind' in result ? [result] : result;
    } catch (error) {
      if (!(error instanceof NotRead)) throw error;
      leave(node, error.message);
      return [];
    }
  }

  /** The branch that a condition chooses which hangs on sizes alone. */
  function branch(node: ModelNode, [condition]: readonly (Given | undefined)[]): readonly Value[] {
    const [chosen] = (condition && elementsOf(condition)) ?? [];
    if (typeof chosen !== 'number') throw new NotRead('which of its branches runs hangs on values');
    const attribute = node.attributes.get(chosen === 0 ? 'else_branch' : 'then_branch');
    if (attribute?.kind !== 'graph') throw new NotRead('it lacks a branch');
    const { value: graph } = attribute;
    enter(graph.nodes, input.tensorsOf(graph));
    return graph.outputs.map(({ name }) => values.get(name) ?? UNKNOWN);
  }
}

/** A tensor of the file's under another name: what the exporter sets equal is a parameter of its own. */
function aliasOf(node: ModelNode, [value]: readonly (Given | undefined)[]): Value | undefined {
  if (node.op !== 'Identity' || value?.kind !== 'stored') return undefined;
  return { ...value, stored: value.stored.named(node.outputs[0] ?? '') };
}
