import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { binaryDocument, elementCount, type Initialization, type Network } from '../../src/engine/network';
import { traceNetwork } from '../../src/engine/probe/trace';
import { readOnnx } from '../../src/engine/readers/onnx';
import type { TensorData } from '../../src/engine/runtime';
import { constant, type Tensor, input as tensorInput } from '../../src/engine/tensor';
import type { chosenRuntime } from '../chosenRuntime';
import { execute } from '../execute';
import { decode, dtypeOf, type EncodedTensor } from './tensors';

/** The network of an ONNX file, with its weights. */
export const readOnnxFile = (file: string): Network =>
  readOnnx(binaryDocument(file, readFileSync(file)), { weights: true });

function known(initialization: Initialization, shape: readonly number[]): Tensor {
  if (initialization.kind === 'values') return constant(Float32Array.from(initialization.values), shape);
  assert.ok(initialization.kind === 'constant');
  return constant(new Float32Array(elementCount(shape)).fill(initialization.value), shape);
}

/** What the network gives for one input at evaluation; further inputs are zeros. */
export async function evaluated(
  network: Network,
  name: string,
  x: EncodedTensor,
  batch: number,
  runtime: ReturnType<typeof chosenRuntime>,
): Promise<TensorData> {
  const stored = new Map([...network.parameters, ...network.buffers].map((each) => [each.id, each]));
  const value = (id: string): Tensor => known(stored.get(id)!.initialization, stored.get(id)!.shape);
  const trace = traceNetwork(network, {
    batch,
    mode: 'evaluate',
    input: (each) =>
      each === name ? tensorInput('x', x.shape, dtypeOf(x)) : constant(new Float32Array(batch), [batch]),
    parameter: value,
    buffer: value,
    bernoulli: () => assert.fail('nothing is dropped'),
    uniform: () => assert.fail('nothing is drawn'),
  });
  const given = { dtype: dtypeOf(x), shape: x.shape, values: decode(x) };
  const { y } = await execute({ y: trace.outputs[0]! }, { x: given }, runtime);
  return y!;
}
