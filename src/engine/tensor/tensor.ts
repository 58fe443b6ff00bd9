import type { ElementType } from '../onnx';
import type { PrimitiveAttributes } from './attributes';

export type { TypedArray } from '../onnx';
export type DataType = ElementType;

/** What is known of a tensor before anything runs: its shape, all numbers, and its element type. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

export type Primitive = keyof PrimitiveAttributes;

/** A node of the expression graph made by one primitive. Immutable, but for its label. */
export interface TensorOf<P extends Primitive> extends TensorType {
  readonly primitive: P;
  readonly inputs: readonly Tensor[];
  readonly attributes: PrimitiveAttributes[P];
  /** The layer whose computation this is; backward nodes bear their forward node's. Set once, by `label`. */
  layer?: string;
}

/** A symbolic tensor: an expression, not a value. */
export type Tensor = { [P in Primitive]: TensorOf<P> }[Primitive];

/** Every node that the roots depend on, inputs before users, each once. Iterative: a chain may be 100,000 nodes deep. */
export function topological(roots: Iterable<Tensor>): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/** Marks every unlabelled node from the roots down to labelled ones, or to those in `stop`, as the layer's. */
export function label(roots: Iterable<Tensor | undefined>, layer: string, stop?: ReadonlySet<Tensor>): void {
  const stack = [...roots].filter((root) => root !== undefined);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.layer !== undefined || stop?.has(node) || node.primitive === 'input') continue;
    node.layer = layer;
    stack.push(...node.inputs);
  }
}
