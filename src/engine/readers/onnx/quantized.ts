import { InputError } from '../../network';
import type { ModelNode } from '../../onnx';
import { nameOf } from './graph/order';

/** Operators of graphs whose weights or values are 8 bits. */
const QUANTIZED =
  /^(QLinear\w+|QGemm|QAttention|QuantizeLinear|DequantizeLinear|DynamicQuantize\w+|MatMulInteger\w*|ConvInteger\w*|MatMulNBits|QMoE|MatMulBnb4)$/;

/** @throws InputError for a graph that computes with whole numbers in the place of floats. */
export function refuseQuantized(nodes: readonly ModelNode[]): void {
  const node = nodes.find(({ op }) => QUANTIZED.test(op));
  if (!node) return;
  throw new InputError(
    `the graph is quantized, not float: ${nameOf(node)}`,
    'name the float model that it was made from: a probe trains floats',
  );
}
