import type { ModelNode } from '../../../onnx';
import { attributesOf } from '../attributes';
import type { PatternGraph } from './patternGraph';

/** A chain of nodes that exporters write for one layer: what ends with `node`, as one node, or undefined. */
export type Pattern = (node: ModelNode, graph: PatternGraph) => ModelNode | undefined;

/** One node in the place of a chain's last. */
export const inPlaceOf = (
  node: ModelNode,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, number | string>> = {},
  naming: Pick<ModelNode, 'name' | 'metadata'> = node,
): ModelNode => ({
  name: naming.name,
  metadata: naming.metadata,
  op,
  domain: '',
  inputs,
  outputs: [node.outputs[0]!],
  attributes: attributesOf(attributes),
});

/** Whether two numbers are the same to single precision, or nearly. */
export const near = (a: number | undefined, b: number): boolean =>
  a !== undefined && Math.abs(a - b) <= 1e-3 * Math.max(1e-6, Math.abs(b));
