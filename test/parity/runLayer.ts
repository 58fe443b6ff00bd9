import { type Forward, type ForwardContext, forwardByItself } from '../../src/engine/layers';
import type { Slot, TensorData } from '../../src/engine/runtime';
import {
  add,
  cast,
  constant,
  gradients,
  input,
  logSoftmax,
  lower,
  mean,
  mul,
  neg,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  takeAlong,
} from '../../src/engine/tensor';
import { classAxis, type PreparedCase } from './layerRequests';
import { decode, dtypeOf, type EncodedTensor, isFloat } from './tensors';

/** What our side computes for a case, in the answer's terms; null for the gradient of what has none. */
export interface LayerValues {
  readonly outputs: readonly TensorData[];
  readonly inputGradients: readonly (TensorData | null)[];
  readonly parameterGradients: Readonly<Record<string, TensorData>>;
  readonly buffers: Readonly<Record<string, TensorData>>;
}

/** The layer's expressions on leaves named after what they stand for; no case asks for randomness. */
export function expressLayer(
  { row, request, completed, batch }: PreparedCase,
  prefix = '',
): {
  forward: Forward;
  inputs: Tensor[];
  parameters: Record<string, Tensor>;
} {
  const leaf = (name: string, tensor: EncodedTensor) => input(`${prefix}${name}`, tensor.shape, dtypeOf(tensor));
  const leaves = (what: string, tensors: Readonly<Record<string, EncodedTensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, leaf(`${what}.${name}`, tensor)]));
  const inputs = request.inputs.map((tensor, i) => leaf(`input.${i}`, tensor));
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
    uniform: () => {
      throw new Error('a random case cannot be compared by value');
    },
  };
  return { forward: forwardByItself(row, inputs, completed, context), inputs, parameters };
}

/** What is differentiated, from the layer's outputs: see `CaseLoss`. What is not float adds nothing. */
function lossOf({ request }: PreparedCase, outputs: readonly Tensor[], prefix: string): Tensor {
  const total = (part: (output: Tensor, other: Tensor) => Tensor) =>
    outputs.reduce(
      (sumSoFar, output, i) =>
        output.dtype === 'float32'
          ? add(sumSoFar, part(output, input(`${prefix}cotangent.${i}`, output.shape)))
          : sumSoFar,
      constant(0),
    );
  switch (request.loss) {
    case 'linear':
      return total((output, factors) => sum(mul(output, factors)));
    case 'squares':
      return total((output) => sum(square(output)));
    case 'meanSquaredError':
      return total((output, target) => mean(square(sub(output, target))));
    case 'crossEntropy': {
      const [logits] = outputs;
      if (logits?.dtype !== 'float32') return constant(0);
      const axis = classAxis(logits.shape.length);
      const classes = input(`${prefix}classes`, request.classes!.shape, 'int64');
      const index = reshape(
        classes,
        logits.shape.map((size, i) => (i === axis ? 1 : size)),
      );
      return neg(mean(takeAlong(logSoftmax(logits, axis), index, axis)));
    }
  }
}

/** Runs cases in one program: forward, gradients of their losses, updated buffers. */
export async function runLayers(slot: Slot, cases: readonly PreparedCase[]): Promise<LayerValues[]> {
  const outputs: Record<string, Tensor> = {};
  const data: Record<string, EncodedTensor> = {};
  const collectors = cases.map((prepared, at) => {
    const prefix = `${at}/`;
    const { request } = prepared;
    const { forward, inputs, parameters } = expressLayer(prepared, prefix);
    const loss = lossOf(prepared, forward.outputs, prefix);
    const floats = inputs.filter((_, i) => isFloat(request.inputs[i]!));
    const names = Object.keys(parameters);
    const slopes = gradients(loss, [...floats, ...Object.values(parameters)]);

    forward.outputs.forEach((output, i) => {
      outputs[`${prefix}output ${i}`] = cast(output, 'float32');
    });
    slopes.forEach((slope, i) => {
      outputs[`${prefix}gradient ${i}`] = slope;
    });
    for (const [name, next] of Object.entries(forward.buffers ?? {})) outputs[`${prefix}next ${name}`] = next;

    const name = (what: string, tensors: readonly EncodedTensor[] | Readonly<Record<string, EncodedTensor>>) => {
      for (const [key, tensor] of Object.entries(tensors)) data[`${prefix}${what}.${key}`] = tensor;
    };
    name('input', request.inputs);
    name('parameter', request.parameters);
    name('buffer', request.buffers);
    name('cotangent', request.cotangents);
    if (request.classes) data[`${prefix}classes`] = request.classes;

    return (found: Readonly<Record<string, TensorData>>): LayerValues => ({
      outputs: forward.outputs.map((_, i) => found[`${prefix}output ${i}`]!),
      inputGradients: inputs.map((leaf) => {
        const i = floats.indexOf(leaf);
        return i < 0 ? null : found[`${prefix}gradient ${i}`]!;
      }),
      parameterGradients: Object.fromEntries(
        names.map((key, i) => [key, found[`${prefix}gradient ${floats.length + i}`]!]),
      ),
      buffers: Object.fromEntries(
        Object.entries(request.buffers).map(([key, tensor]) => [key, found[`${prefix}next ${key}`] ?? fed(tensor)]),
      ),
    });
  });

  const program = lower(outputs);
  const feeds = Object.fromEntries(program.inputs.map(({ name }) => [name, fed(data[name]!)]));
  const found = await slot.run({ program, feeds, fetch: Object.keys(outputs) });
  return collectors.map((collect) => collect(found));
}

const fed = (tensor: EncodedTensor): TensorData => ({
  dtype: dtypeOf(tensor),
  shape: tensor.shape,
  values: decode(tensor),
});
