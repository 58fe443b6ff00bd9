import { type Tensor, topological } from './tensor';

/** The same expressions with some nodes replaced by others of their type. Nodes that depend on none of them stay as they are. */
export function substitute(roots: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const done = new Map<Tensor, Tensor>();
  for (const node of topological(roots)) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const kept = inputs.every((input, i) => input === node.inputs[i]);
    done.set(node, replacements.get(node) ?? (kept ? node : ({ ...node, inputs } as Tensor)));
  }
  return roots.map((root) => done.get(root)!);
}
