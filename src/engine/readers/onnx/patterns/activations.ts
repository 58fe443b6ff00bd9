import type { ModelNode } from '../../../onnx';
import { inPlaceOf, near, type Pattern } from './pattern';
import type { PatternGraph } from './patternGraph';

/** The factors of a product, its numbers multiplied: `0.5 · x · (1 + erf(x/√2))` → 0.5, [x, …]. */
function product(node: ModelNode, graph: PatternGraph): { scale: number; rest: string[] } | undefined {
  if (node.op !== 'Mul' && node.op !== 'Div') return undefined;
  let scale = 1;
  const rest: string[] = [];
  let factors: string[];
  if (node.op === 'Div') {
    const by = graph.scalar(node.inputs[1]);
    if (by === undefined) return undefined;
    scale = 1 / by;
    factors = graph.factors(node.inputs[0]!);
  } else factors = graph.factors(node.outputs[0]!);
  for (const factor of factors) {
    const number = graph.scalar(factor);
    if (number === undefined) rest.push(factor);
    else scale *= number;
  }
  return { scale, rest };
}

/** Which of two is the other's function: x and f(x). */
function selfProduct(
  node: ModelNode,
  graph: PatternGraph,
  inner: (name: string) => string | undefined,
): string | undefined {
  if (node.op !== 'Mul') return undefined;
  return graph.either(node, (x, gate) => (graph.same(inner(gate), x) ? x : undefined));
}

/** x · sigmoid(x) */
const silu: Pattern = (node, graph) => {
  const x = selfProduct(node, graph, (gate) => graph.made(gate, 'Sigmoid')?.inputs[0]);
  return x === undefined ? undefined : inPlaceOf(node, 'Swish', [x]);
};

/** x · tanh(softplus(x)) */
const mish: Pattern = (node, graph) => {
  const x = selfProduct(node, graph, (gate) => graph.made(graph.made(gate, 'Tanh')?.inputs[0], 'Softplus')?.inputs[0]);
  return x === undefined ? undefined : inPlaceOf(node, 'Mish', [x]);
};

/** Softplus as PyTorch has it: x itself where it is large. */
const softplus: Pattern = (node, graph) => {
  if (node.op !== 'Where') return undefined;
  const [condition, x, soft] = node.inputs;
  const large = graph.made(condition, 'Greater');
  const plus = graph.made(soft, 'Softplus');
  const isLimit = graph.scalar(large?.inputs[1]) === 20 && graph.same(large?.inputs[0], x);
  return plus && isLimit && graph.same(plus.inputs[0], x) ? inPlaceOf(node, 'Softplus', [x!]) : undefined;
};

/** x · hardsigmoid(x), and x · clip(x + 3, 0, 6) / 6 */
const hardswish: Pattern = (node, graph) => {
  const gated = selfProduct(node, graph, (gate) => {
    const sigmoid = graph.made(gate, 'HardSigmoid');
    const alpha = sigmoid?.attributes.get('alpha');
    return alpha?.kind === 'float' && near(alpha.value, 1 / 6) ? sigmoid?.inputs[0] : undefined;
  });
  if (gated !== undefined) return inPlaceOf(node, 'HardSwish', [gated]);
  const parts = product(node, graph);
  if (parts?.rest.length !== 2 || !near(parts.scale, 1 / 6)) return undefined;
  for (const [x, gate] of [parts.rest, [...parts.rest].reverse()]) {
    const clip = graph.made(gate, 'Clip');
    const shifted = graph.either(graph.made(clip?.inputs[0], 'Add'), (a, b) =>
      near(graph.scalar(b), 3) ? a : undefined,
    );
    if (clip && graph.same(shifted, x) && graph.scalar(clip.inputs[1]) === 0 && graph.scalar(clip.inputs[2]) === 6)
      return inPlaceOf(node, 'HardSwish', [x!]);
  }
  return undefined;
};

/** 0.5 · x · (1 + erf(x / √2)), and with tanh(√(2/π) · (x + 0.044715 · x³)) in erf's place. */
const gelu: Pattern = (node, graph) => {
  const parts = product(node, graph);
  if (parts?.rest.length !== 2 || !near(parts.scale, 0.5)) return undefined;
  for (const [x, gate] of [parts.rest, [...parts.rest].reverse()]) {
    const inner = graph.either(graph.made(gate, 'Add'), (a, b) => (graph.scalar(b) === 1 ? a : undefined));
    const erf = graph.made(inner, 'Erf');
    if (erf && isHalfRoot(erf.inputs[0]!, x!, graph)) return inPlaceOf(node, 'Gelu', [x!]);
    const tanh = graph.made(inner, 'Tanh');
    if (tanh && isCubic(tanh.inputs[0]!, x!, graph)) return inPlaceOf(node, 'Gelu', [x!], { approximate: 'tanh' });
  }
  return undefined;
};

/** x / √2 */
function isHalfRoot(name: string, x: string, graph: PatternGraph): boolean {
  const node = graph.made(name, 'Div', 'Mul');
  if (!node) return false;
  const parts = product(node, graph);
  return parts?.rest.length === 1 && graph.same(parts.rest[0], x) && near(parts.scale, Math.SQRT1_2);
}

/** √(2/π) · (x + 0.044715 · x³) */
function isCubic(name: string, x: string, graph: PatternGraph): boolean {
  const node = graph.made(name, 'Mul');
  const parts = node && product(node, graph);
  if (!parts || !near(parts.scale, Math.sqrt(2 / Math.PI))) return false;
  // Also as x · (1 + 0.044715 · x²).
  const [first, second] = parts.rest;
  if (second !== undefined) {
    const [sum] = parts.rest.filter((each) => !graph.same(each, x));
    return (
      parts.rest.length === 2 &&
      graph.either(graph.made(sum, 'Add'), (one, power) =>
        graph.scalar(one) === 1 && isPower(power, x, 2, graph) ? true : undefined,
      ) === true
    );
  }
  return (
    graph.either(graph.made(first, 'Add'), (a, power) =>
      graph.same(a, x) && isPower(power, x, 3, graph) ? true : undefined,
    ) === true
  );
}

/** 0.044715 · xⁿ */
function isPower(name: string, x: string, exponent: number, graph: PatternGraph): boolean {
  const node = graph.made(name, 'Mul');
  const parts = node && product(node, graph);
  if (!parts || !near(parts.scale, 0.044715)) return false;
  if (parts.rest.length === exponent) return parts.rest.every((each) => graph.same(each, x));
  const power = graph.made(parts.rest[0], 'Pow');
  return graph.same(power?.inputs[0], x) && graph.scalar(power?.inputs[1]) === exponent;
}

export const activationPatterns: readonly Pattern[] = [gelu, silu, softplus, mish, hardswish];
