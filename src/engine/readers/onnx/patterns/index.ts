// Chains of nodes that exporters write for one layer, as the one node that they stand for. A pattern changes nothing but
// the nodes; what a node means stands in operators/.
import type { ModelNode } from '../../../onnx';
import { outerNames } from '../graph/order';
import type { Stored } from '../stored';
import { activationPatterns } from './activations';
import { linear } from './linear';
import { normPatterns } from './norms';
import { PatternGraph } from './patternGraph';

const patterns = [...normPatterns, ...activationPatterns, linear];

/** The nodes, in order, with every recognized chain's last node in the place of the chain; the rest of it may be unused. */
export function recognized(nodes: readonly ModelNode[], tensors: ReadonlyMap<string, Stored>): readonly ModelNode[] {
  const graph = new PatternGraph(nodes, tensors);
  return nodes.map((node) => {
    let current = node;
    for (const pattern of patterns) {
      const found = current.domain === '' ? pattern(current, graph) : undefined;
      if (!found) continue;
      current = found;
      graph.add(current);
    }
    return current;
  });
}

/** The nodes that something needs, in order. */
export function needed(nodes: readonly ModelNode[], outputs: readonly string[]): readonly ModelNode[] {
  const wanted = new Set(outputs);
  const kept: ModelNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const input of node.inputs) wanted.add(input);
    for (const name of outerNames(node)) wanted.add(name);
    kept.push(node);
  }
  return kept.reverse();
}
