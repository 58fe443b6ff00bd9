import { InputError } from '../../../network';
import type { ModelNode } from '../../../onnx';

/**
 * The nodes in an order in which each stands after those it takes: the file's own where it is one.
 * @throws InputError for a value that two nodes make, one that nothing makes, and a cycle.
 */
export function inOrder(nodes: readonly ModelNode[], given: ReadonlySet<string>): readonly ModelNode[] {
  const makers = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || given.has(name))
        throw new InputError(`two nodes of the graph make '${name}'`, 'export the model again');
      makers.set(name, i);
    }
  });
  const state = new Uint8Array(nodes.length);
  const ordered: ModelNode[] = [];
  for (const start of nodes.keys()) {
    const open = [start];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const node = nodes[at]!;
      if (state[at] === 2) {
        open.pop();
        continue;
      }
      const needed = state[at] === 1 ? [] : needs(node, makers, given);
      state[at] = state[at] === 1 ? 2 : 1;
      if (state[at] === 2) {
        ordered.push(node);
        open.pop();
        continue;
      }
      for (const need of needed) {
        if (state[need] === 1)
          throw new InputError(
            `the graph has a cycle through '${nameOf(nodes[need]!)}'`,
            'export the model again: recurrence is an operator of its own in ONNX',
          );
        if (state[need] === 0) open.push(need);
      }
    }
  }
  return ordered;
}

function needs(node: ModelNode, makers: ReadonlyMap<string, number>, given: ReadonlySet<string>): number[] {
  const outer = outerNames(node).flatMap((name) => makers.get(name) ?? []);
  const own = node.inputs.flatMap((name) => {
    if (name === '' || given.has(name)) return [];
    const maker = makers.get(name);
    if (maker !== undefined) return [maker];
    throw new InputError(`${nameOf(node)} takes '${name}', which nothing in the file makes`, 'export the model again');
  });
  return [...own, ...outer];
}

/** The names that graphs within a node may take from around it. */
export function outerNames(node: ModelNode): readonly string[] {
  return [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === 'graph'
      ? [
          ...attribute.value.nodes.flatMap((inner) => [...inner.inputs, ...outerNames(inner)]),
          ...attribute.value.outputs.map(({ name }) => name),
        ]
      : [],
  );
}

/** A node as messages name it: its name, or its operator. */
export const nameOf = ({ name, op }: Pick<ModelNode, 'name' | 'op'>): string => (name ? `${name} (${op})` : op);
