import * as operations from './operations';
import type { Tensor, TensorOf } from './tensor';
import { topological } from './tensor';

const count = ({ shape }: Tensor) => shape.reduce((product, dim) => product * dim, 1);

/** A node with its inputs rewritten, and how often the original of each input is used. */
interface Site {
  readonly node: Tensor;
  readonly inputs: readonly Tensor[];
  readonly uses: readonly number[];
}

type Rewrite = (site: Site) => Tensor | undefined;

const isMatmul = (x: Tensor): x is TensorOf<'matmul'> => x.primitive === 'matmul';

/**
 * s·(A·B) = (s·A)·B, where A holds fewer values than the product: an optimizer's step scales a gradient of the weight's
 * size, the layer's gradient is mostly smaller.
 */
const scaleSmallerOperand: Rewrite = ({ node, inputs, uses }) => {
  if (node.primitive !== 'mul') return undefined;
  const scalar = inputs.findIndex((input) => input.shape.length === 0);
  const scaled = inputs[1 - scalar];
  if (scalar < 0 || !scaled || uses[1 - scalar] !== 1) return undefined;
  const product = operations.unfolded(scaled);
  if (!isMatmul(product)) return undefined;
  const [a, b] = product.inputs as readonly [Tensor, Tensor];
  if (2 * Math.min(count(a), count(b)) > count(product)) return undefined;
  const scale = (x: Tensor) => operations.mul(x, inputs[scalar]!);
  const [left, right] = count(a) <= count(b) ? [scale(a), b] : [a, scale(b)];
  return operations.reshape(operations.matmul(left, right, product.attributes), node.shape);
};

/** A·B + c with a row vector c, also where leading axes were folded into rows: one node, which adds while it multiplies. */
const addInProduct: Rewrite = ({ node, inputs, uses }) => {
  if (node.primitive !== 'add') return undefined;
  const place = inputs.findIndex((input, i) => uses[i] === 1 && isMatmul(operations.unfolded(input)));
  const addend = inputs[1 - place];
  if (place < 0 || !addend || addend.shape.length !== 1 || addend.shape[0] !== node.shape.at(-1)) return undefined;
  const product = operations.unfolded(inputs[place]!) as TensorOf<'matmul'>;
  const [a, b] = product.inputs as readonly [Tensor, Tensor];
  if (a.shape.length !== 2 || b.shape.length !== 2 || product.shape[1] !== addend.shape[0]) return undefined;
  return operations.reshape(operations.matmulAdd(a, b, addend, product.attributes), node.shape);
};

const rewrites: readonly Rewrite[] = [scaleSmallerOperand, addInProduct];

/** The same values in fewer passes over memory. Roots keep their order; a rewritten node bears the label of its original. */
export function rewrite(roots: readonly Tensor[]): Tensor[] {
  const order = topological(roots);
  const uses = new Map<Tensor, number>();
  const use = (node: Tensor) => uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of order) node.inputs.forEach(use);
  roots.forEach(use);

  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const site = { node, inputs, uses: node.inputs.map((input) => uses.get(input)!) };
    let result: Tensor | undefined;
    for (const attempt of rewrites) result ??= attempt(site);
    if (result) {
      if (node.layer !== undefined) result.layer ??= node.layer;
    } else {
      result = inputs.every((input, i) => input === node.inputs[i]) ? node : ({ ...node, inputs } as Tensor);
    }
    done.set(node, result);
  }
  return roots.map((root) => done.get(root)!);
}
