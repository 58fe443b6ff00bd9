import type { Forward, ForwardContext } from '../../src/engine/layers';
import type { Slot, TensorData } from '../../src/engine/runtime';
import { add, constant, gradients, input, lower, mul, sum, type Tensor } from '../../src/engine/tensor';
import type { PreparedCase } from './layerRequests';
import { decode, type EncodedTensor } from './tensors';

/** What our side computes for a case, in the answer's terms. */
export interface LayerValues {
  readonly outputs: readonly TensorData[];
  readonly inputGradients: readonly TensorData[];
  readonly parameterGradients: Readonly<Record<string, TensorData>>;
  readonly buffers: Readonly<Record<string, TensorData>>;
}

/** The layer's expressions on leaves named after what they stand for; no case asks for randomness. */
export function expressLayer({ row, request, completed, batch }: PreparedCase): {
  forward: Forward;
  inputs: Tensor[];
  parameters: Record<string, Tensor>;
} {
  const leaves = (prefix: string, tensors: Readonly<Record<string, EncodedTensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, input(`${prefix}.${name}`, shape)]));
  const inputs = request.inputs.map(({ shape }, i) => input(`input.${i}`, shape));
  const parameters = leaves('parameter', request.parameters);
  const buffers = leaves('buffer', request.buffers);
  const named = (tensors: Record<string, Tensor>, name: string): Tensor => {
    const tensor = tensors[name];
    if (!tensor) throw new Error(`${row.kind} asks for ${name}, which it does not declare`);
    return tensor;
  };
  const context: ForwardContext = {
    mode: request.mode,
    batch,
    parameter: (name) => named(parameters, name),
    buffer: (name) => named(buffers, name),
    bernoulli: () => {
      throw new Error('a random case cannot be compared by value');
    },
  };
  return { forward: row.forward(inputs, completed, context), inputs, parameters };
}

/** Runs a case: forward, gradients of the sum of output times cotangent, updated buffers. */
export async function runLayer(slot: Slot, prepared: PreparedCase): Promise<LayerValues> {
  const { request } = prepared;
  const { forward, inputs, parameters } = expressLayer(prepared);
  const parts = forward.outputs.map((output, i) => sum(mul(output, input(`cotangent.${i}`, output.shape))));
  const loss = parts.reduce((total, part) => add(total, part), constant(0));
  const names = Object.keys(parameters);
  const slopes = gradients(loss, [...inputs, ...Object.values(parameters)]);

  const outputs: Record<string, Tensor> = {};
  forward.outputs.forEach((output, i) => {
    outputs[`output ${i}`] = output;
  });
  slopes.forEach((slope, i) => {
    outputs[`gradient ${i}`] = slope;
  });
  for (const [name, next] of Object.entries(forward.buffers ?? {})) outputs[`next ${name}`] = next;

  const program = lower(outputs);
  const data: Record<string, EncodedTensor> = {};
  const name = (prefix: string, tensors: readonly EncodedTensor[] | Readonly<Record<string, EncodedTensor>>) => {
    for (const [key, tensor] of Object.entries(tensors)) data[`${prefix}.${key}`] = tensor;
  };
  name('input', request.inputs);
  name('parameter', request.parameters);
  name('buffer', request.buffers);
  name('cotangent', request.cotangents);
  const feeds = Object.fromEntries(
    program.inputs.map((leaf): [string, TensorData] => {
      const tensor = data[leaf.name]!;
      return [leaf.name, { dtype: 'float32', shape: tensor.shape, values: decode(tensor) }];
    }),
  );
  const found = await slot.run({ program, feeds, fetch: Object.keys(outputs) });
  const unchanged = ([key, { shape, data }]: [string, EncodedTensor]): [string, TensorData] => [
    key,
    found[`next ${key}`] ?? { dtype: 'float32', shape, values: decode({ shape, data }) },
  ];
  return {
    outputs: forward.outputs.map((_, i) => found[`output ${i}`]!),
    inputGradients: inputs.map((_, i) => found[`gradient ${i}`]!),
    parameterGradients: Object.fromEntries(names.map((key, i) => [key, found[`gradient ${inputs.length + i}`]!])),
    buffers: Object.fromEntries(Object.entries(request.buffers).map(unchanged)),
  };
}
