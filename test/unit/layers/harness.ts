import type { Forward, ForwardContext, LayerRow } from '../../../src/engine/layers';
import { completeAttributes, findLayer } from '../../../src/engine/layers';
import type { Attributes } from '../../../src/engine/network';
import type { ProcessRuntime, TensorData } from '../../../src/engine/runtime';
import { input, type Tensor } from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats } from '../../execute';

/** The row of a kind that the table must have. */
export function row(kind: string): LayerRow {
  const found = findLayer(kind);
  if (!found) throw new Error(`no layer row for ${kind}`);
  return found;
}

/** Values by name, each with its shape. */
export type Values = Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>;

/** A layer's expressions; its inputs, parameters and buffers are leaves named `input.0`, `weight`, `running_mean`. */
export function express(
  kind: string,
  attributes: Attributes,
  inputs: readonly (readonly number[])[],
  context: Partial<ForwardContext> = {},
): { forward: Forward; inputs: Tensor[]; parameters: Readonly<Record<string, Tensor>> } {
  const layer = row(kind);
  const completed = completeAttributes(layer, attributes);
  const declared = { ...layer.parameters?.(completed), ...layer.buffers?.(completed) };
  const parameters = Object.fromEntries(
    Object.entries(declared).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const leaf = (name: string) => {
    const tensor = parameters[name];
    if (!tensor) throw new Error(`${kind} declares no ${name}`);
    return tensor;
  };
  const leaves = inputs.map((shape, i) => input(`input.${i}`, shape));
  const forward = layer.forward(leaves, completed, {
    mode: 'train',
    batch: inputs[0]?.[0] ?? 1,
    parameter: leaf,
    buffer: leaf,
    bernoulli: () => {
      throw new Error('no mask was expected');
    },
    uniform: () => {
      throw new Error('no draw was expected');
    },
    ...context,
  });
  return { forward, inputs: leaves, parameters };
}

/** Runs expressions, each leaf fed by its name. */
export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  values: Values,
  runtime: ProcessRuntime,
): Promise<Readonly<Record<string, TensorData>>> {
  const feeds = Object.entries(values).map(([name, [shape, list]]) => [name, floats(shape, list)] as const);
  return execute(outputs, Object.fromEntries(feeds), runtime);
}

/** A runtime for a suite, ended with it. */
export function suiteRuntime(): ProcessRuntime {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());
  return runtime;
}

/** The values as plain numbers. */
export const listOf = (data: TensorData | undefined): number[] => Array.from(data!.values as ArrayLike<number>, Number);
