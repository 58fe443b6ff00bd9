import { InputError } from '../../../network';
import type { Model, ModelAttribute, ModelFunction, ModelNode } from '../../../onnx';

/** Functions of the file within one another. */
const MOST_DEPTH = 32;
const MOST_NODES = 500_000;

/** The main graph's nodes, with the nodes of the file's own functions in the place of their uses. */
export function inlined(model: Model): readonly ModelNode[] {
  if (model.functions.length === 0) return model.graph.nodes;
  const functions = new Map(model.functions.map((each) => [`${each.domain}:${each.name}`, each]));
  const nodes: ModelNode[] = [];
  let uses = 0;

  function add(node: ModelNode, depth: number): void {
    const body = functions.get(`${node.domain}:${node.op}`);
    if (!body) {
      nodes.push(node);
      if (nodes.length > MOST_NODES) throw refusal(`they amount to more than ${MOST_NODES} nodes`);
      return;
    }
    // Functions of nothing but functions make no nodes.
    if (uses > MOST_NODES) throw refusal(`they are used more than ${MOST_NODES} times`);
    if (depth > MOST_DEPTH) throw refusal(`${node.op} stands within itself, or more than ${MOST_DEPTH} deep`);
    for (const inner of instance(body, node, uses++)) add(inner, depth + 1);
  }

  for (const node of model.graph.nodes) add(node, 0);
  return nodes;
}

const refusal = (why: string): InputError =>
  new InputError(`the file's functions cannot be written out: ${why}`, 'export the model without functions');

/** A function's nodes as one node uses them: its values' names are their own, its attributes those of the node. */
function instance(body: ModelFunction, node: ModelNode, use: number): ModelNode[] {
  const prefix = `${node.name || node.op}#${use}/`;
  const names = new Map<string, string>([['', '']]);
  for (const [i, name] of body.inputs.entries()) names.set(name, node.inputs[i] ?? '');
  for (const [i, name] of body.outputs.entries()) names.set(name, node.outputs[i] || `${prefix}${name}`);
  const rename = (name: string) => names.get(name) ?? `${prefix}${name}`;
  return body.nodes.map((inner) => ({
    ...inner,
    name: node.name ? `${node.name}/${inner.name || inner.op}` : inner.name,
    inputs: inner.inputs.map(rename),
    outputs: inner.outputs.map(rename),
    attributes: new Map([...inner.attributes].flatMap(([key, value]) => bound(key, value, node, body))),
    metadata: inner.metadata.size > 0 ? inner.metadata : node.metadata,
  }));
}

function bound(
  key: string,
  value: ModelAttribute,
  node: ModelNode,
  body: ModelFunction,
): readonly (readonly [string, ModelAttribute])[] {
  if (value.kind !== 'reference') return [[key, value]];
  const given = node.attributes.get(value.value) ?? body.defaults.get(value.value);
  return given ? [[key, given]] : [];
}
