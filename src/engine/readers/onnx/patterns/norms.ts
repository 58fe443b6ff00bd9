import type { ModelNode } from '../../../onnx';
import { listAttribute, numberAttribute } from '../attributes';
import { inPlaceOf, type Pattern } from './pattern';
import type { PatternGraph } from './patternGraph';

/** The axes that a reduction is over, where they are stated: an attribute in older opsets, then an input. */
function axesOf(node: ModelNode, graph: PatternGraph): readonly number[] | undefined {
  return listAttribute(node, 'axes') ?? graph.numbers(node.inputs[1]);
}

/** The mean over the last axes: what it is of, and how many axes counted from the end. */
function meanOverLast(name: string | undefined, graph: PatternGraph): { of: string; axes: number } | undefined {
  const node = graph.made(name, 'ReduceMean');
  const axes = node && axesOf(node, graph);
  if (!axes || axes.length === 0 || numberAttribute(node, 'keepdims') === 0) return undefined;
  const sorted = [...axes].sort((a, b) => b - a);
  return sorted.every((axis, i) => axis === -1 - i) ? { of: node.inputs[0]!, axes: axes.length } : undefined;
}

/** What is squared: x² or x · x. */
function squared(name: string | undefined, graph: PatternGraph): string | undefined {
  const power = graph.made(name, 'Pow');
  if (power) return graph.scalar(power.inputs[1]) === 2 ? power.inputs[0] : undefined;
  const product = graph.made(name, 'Mul');
  return product && graph.same(product.inputs[0], product.inputs[1]) ? product.inputs[0] : undefined;
}

/** √(mean(of²) + eps) over the last axes. */
function rootMeanSquare(
  name: string | undefined,
  graph: PatternGraph,
): { of: string; axes: number; epsilon: number } | undefined {
  const root = graph.made(name, 'Sqrt');
  const power = graph.made(name, 'Pow');
  const inside = root ? root.inputs[0] : power && graph.scalar(power.inputs[1]) === 0.5 ? power.inputs[0] : undefined;
  return graph.either(graph.made(inside, 'Add'), (mean, eps) => {
    const epsilon = graph.scalar(eps);
    const over = meanOverLast(mean, graph);
    const of = squared(over?.of, graph);
    return epsilon !== undefined && over && of !== undefined ? { of, axes: over.axes, epsilon } : undefined;
  });
}

/** of / rms(of): by a division, or a product with the reciprocal. */
function normalized(node: ModelNode, graph: PatternGraph): { of: string; axes: number; epsilon: number } | undefined {
  const matches = (of: string, rms: string | undefined) => {
    const root = rootMeanSquare(rms, graph);
    return root && graph.same(root.of, of) ? root : undefined;
  };
  if (node.op === 'Div') return matches(node.inputs[0]!, node.inputs[1]);
  if (node.op !== 'Mul') return undefined;
  return graph.either(node, (of, scale) => {
    const inverse = graph.made(scale, 'Reciprocal');
    if (inverse) return matches(of, inverse.inputs[0]);
    const division = graph.made(scale, 'Div');
    return division && graph.scalar(division.inputs[0]) === 1 ? matches(of, division.inputs[1]) : undefined;
  });
}

/** (x − mean(x)) / √(var(x) + eps) is a LayerNorm over the last axes, x / √(mean(x²) + eps) an RMSNorm. */
const written: Pattern = (node, graph) => {
  const found = normalized(node, graph);
  if (!found) return undefined;
  const attributes = { axis: -found.axes, epsilon: found.epsilon };
  const centred = graph.made(found.of, 'Sub');
  const mean = meanOverLast(centred?.inputs[1], graph);
  if (centred && mean && mean.axes === found.axes && graph.same(mean.of, centred.inputs[0]))
    return inPlaceOf(node, 'LayerNormalization', [centred.inputs[0]!], attributes);
  return inPlaceOf(node, 'RMSNormalization', [found.of], attributes);
};

/** A learned tensor beside a norm's output, over its last axes. */
function over(graph: PatternGraph, name: string, axes: number): boolean {
  const tensor = graph.tensor(name);
  return tensor !== undefined && tensor.shape.length === axes && tensor.size > 1 && !(tensor.dataType === 9);
}

/** norm(x) · weight, where the norm has no weight yet. */
const withWeight: Pattern = (node, graph) => {
  if (node.op !== 'Mul') return undefined;
  return graph.either(node, (x, weight) => {
    const norm = graph.made(x, 'LayerNormalization', 'RMSNormalization');
    const axis = norm && numberAttribute(norm, 'axis');
    if (!norm || axis === undefined || axis >= 0 || norm.inputs.length > 1 || graph.uses(norm.outputs[0]!) > 1)
      return undefined;
    if (!over(graph, weight, -axis)) return undefined;
    return { ...norm, ...named(node), inputs: [...norm.inputs, weight], outputs: node.outputs };
  });
};

/** norm(x) + bias, where the norm has a weight and no bias. */
const withBias: Pattern = (node, graph) => {
  if (node.op !== 'Add') return undefined;
  return graph.either(node, (x, bias) => {
    const norm = graph.made(x, 'LayerNormalization');
    const axis = norm && numberAttribute(norm, 'axis');
    if (!norm || axis === undefined || axis >= 0 || norm.inputs.length !== 2 || graph.uses(norm.outputs[0]!) > 1)
      return undefined;
    if (!over(graph, bias, -axis)) return undefined;
    return { ...norm, ...named(node), inputs: [...norm.inputs, bias], outputs: node.outputs };
  });
};

const named = ({ name, metadata }: ModelNode) => ({ name, metadata });

/** All elements one number. */
const isAll = (graph: PatternGraph, name: string | undefined, value: number): boolean =>
  graph.numbers(name)?.every((each) => each === value) ?? false;

/** Groups as the instances of [N, groups, rest], scaled by ones: how GroupNorm is written before opset 18. */
const groups: Pattern = (node, graph) => {
  if (node.op !== 'Reshape') return undefined;
  const norm = graph.made(node.inputs[0], 'InstanceNormalization');
  const split = graph.made(norm?.inputs[0], 'Reshape');
  const shape = graph.numbers(split?.inputs[1]);
  if (!norm || !split || shape?.length !== 3 || shape[2] !== -1 || !(shape[1]! > 0)) return undefined;
  if (!isAll(graph, norm.inputs[1], 1) || !isAll(graph, norm.inputs[2], 0)) return undefined;
  const back = graph.made(node.inputs[1], 'Shape');
  if (back && !graph.same(back.inputs[0], split.inputs[0])) return undefined;
  const epsilon = numberAttribute(norm, 'epsilon') ?? 1e-5;
  return inPlaceOf(node, 'GroupNormalization', [split.inputs[0]!], { num_groups: shape[1]!, epsilon });
};

/** The name of a tensor with one value a channel: [C, 1, 1], [1, C, 1, 1], or [C] with axes put behind. */
function perChannel(graph: PatternGraph, name: string): string | undefined {
  const widened = graph.made(name, 'Unsqueeze');
  if (widened) return graph.tensor(widened.inputs[0])?.shape.length === 1 ? widened.inputs[0] : undefined;
  const tensor = graph.tensor(name);
  const isOne = tensor && tensor.shape.length >= 2 && tensor.shape.filter((size) => size > 1).length <= 1;
  return isOne ? name : undefined;
}

const groupsAffine: Pattern = (node, graph) => {
  if (node.op !== 'Mul' && node.op !== 'Add') return undefined;
  return graph.either(node, (x, other) => {
    const norm = graph.made(x, 'GroupNormalization');
    const tensor = perChannel(graph, other);
    const has = node.op === 'Mul' ? 1 : 2;
    if (!norm || norm.inputs.length !== has || graph.uses(norm.outputs[0]!) > 1 || tensor === undefined)
      return undefined;
    return { ...norm, ...named(node), inputs: [...norm.inputs, tensor], outputs: node.outputs };
  });
};

export const normPatterns: readonly Pattern[] = [written, withWeight, withBias, groups, groupsAffine];
