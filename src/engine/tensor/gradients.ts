import * as operations from './operations';
import { ruleOf } from './table';
import { label, type Tensor, topological } from './tensor';

/**
 * ∂loss/∂t for each tensor of `wrt`, as expressions that bear their forward node's layer; zeros where the loss does
 * not depend on one. `loss` must be a single number. Reverse accumulation: each node hands its gradient to its
 * inputs once all its users have handed theirs to it.
 * @throws Error naming the primitive where a gradient would have to pass one that has none.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.reduce((product, dim) => product * dim, 1) !== 1) {
    throw new Error(`the loss must be one number, not [${loss.shape}]`);
  }
  const order = topological([loss]);
  const forward = new Set(order);
  const targets = new Set(wrt);
  // Only nodes on a way from a target to the loss need a gradient.
  const needed = new Set<Tensor>();
  for (const node of order) {
    if (targets.has(node) || node.inputs.some((input) => needed.has(input))) needed.add(node);
  }

  const cotangents = new Map<Tensor, Tensor>([[loss, operations.constant([1], loss.shape)]]);
  for (const node of order.reverse()) {
    const cotangent = cotangents.get(node);
    if (cotangent === undefined || !node.inputs.some((input) => needed.has(input))) continue;
    const { grad } = ruleOf(node as never) as unknown as {
      grad:
        | ((
            ops: typeof operations,
            node: Tensor,
            dy: Tensor,
            differentiate: typeof gradients,
          ) => readonly (Tensor | undefined)[])
        | null;
    };
    if (grad === null) throw new Error(`${node.primitive} has no gradient`);
    const passed = grad(operations, node, cotangent, gradients);
    if (node.layer !== undefined) label(passed, node.layer, forward);
    node.inputs.forEach((input, i) => {
      const gradient = passed[i];
      if (gradient === undefined || !needed.has(input)) return;
      const before = cotangents.get(input);
      const total = before ? operations.add(before, gradient) : gradient;
      if (before && input.layer !== undefined) label([total], input.layer, forward);
      cotangents.set(input, total);
    });
  }
  return wrt.map((target) => cotangents.get(target) ?? operations.zeros(target.shape));
}

/**
 * H·v of the loss's Hessian by the tensors of `wrt`, along `direction` (one tensor for each, of its shape): the gradient of
 * ⟨∇loss, v⟩ (Pearlmutter 1994). It costs about two backward passes, and H itself is never formed.
 * @throws Error as `gradients` does, for a loss that cannot be differentiated twice.
 */
export function hessianVectorProduct(loss: Tensor, wrt: readonly Tensor[], direction: readonly Tensor[]): Tensor[] {
  const slopes = gradients(loss, wrt).map((gradient, i) => operations.sum(operations.mul(gradient, direction[i]!)));
  const [first, ...rest] = slopes;
  if (!first) return [];
  return gradients(
    rest.reduce((total, slope) => operations.add(total, slope), first),
    wrt,
  );
}
