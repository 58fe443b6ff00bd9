import { numberAttribute } from '../attributes';
import { inPlaceOf, type Pattern } from './pattern';
import type { PatternGraph } from './patternGraph';

/** x · W with a matrix of the file's: Linear, and with what is added to it, its bias. */
export const linear: Pattern = (node, graph) => {
  if (node.op === 'MatMul')
    return matrix(graph, node.inputs[1]) ? inPlaceOf(node, 'Linear', node.inputs, { transposed: 1 }) : undefined;
  if (node.op !== 'Add') return undefined;
  return graph.either(node, (x, bias) => {
    const product = graph.made(x, 'Linear', 'Gemm');
    if (!product || product.inputs.length > 2 || graph.uses(product.outputs[0]!) > 1) return undefined;
    if (product.op === 'Gemm' && !isPlain(product.attributes)) return undefined;
    const [inner, outer] = matrix(graph, product.inputs[1]) ?? [];
    const vector = graph.tensor(bias);
    if (outer === undefined || vector?.shape.length !== 1) return undefined;
    const features = product.op === 'Gemm' && numberAttribute(product, 'transB') ? inner : outer;
    if (vector.shape[0] !== features) return undefined;
    return { ...product, inputs: [...product.inputs, bias], outputs: node.outputs };
  });
};

/** The shape of a matrix of the file's, or of one with its axes changed. */
function matrix(graph: PatternGraph, name: string | undefined): readonly number[] | undefined {
  const turned = graph.made(name, 'Transpose');
  const shape = graph.tensor(turned ? turned.inputs[0] : name)?.shape;
  return shape?.length !== 2 ? undefined : turned ? [...shape].reverse() : shape;
}

const isPlain = (attributes: Parameters<typeof numberAttribute>[0]['attributes']): boolean =>
  (numberAttribute({ attributes }, 'alpha') ?? 1) === 1 && !numberAttribute({ attributes }, 'transA');
