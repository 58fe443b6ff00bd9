import { lineText, type NetworkInput, type Shape } from '../../../network';
import type { Evaluation, Example } from '../../python/evaluator';
import type { ModuleValue, TensorValue, Value } from '../../python/values';
import type { ForwardParameter } from '../forward';
import type { BatchChoice } from '../script';

/** A made tensor of known sizes that can be an input. */
const asInput = (value: Value | undefined): (TensorValue & { readonly shape: readonly number[] }) | undefined =>
  value?.type === 'tensor' &&
  value.place.kind === 'fresh' &&
  value.dtype !== 'bool' &&
  value.shape !== undefined &&
  value.shape.length > 0 &&
  value.shape.every((dim) => typeof dim === 'number' && dim > 0)
    ? (value as TensorValue & { readonly shape: readonly number[] })
    : undefined;

const originOf = ({ place }: TensorValue, { by, site }: Example): string => {
  if (place.kind === 'fresh' && place.dataset) return `${place.dataset}, ${lineText(place.source)}`;
  if (by) return `${by}, ${lineText(site)}`;
  return `example, ${lineText(place.kind === 'fresh' ? place.source : site)}`;
};

/** The inputs that one example of the script gives, where it gives any. */
function inputsFrom(
  example: Example,
  parameters: readonly ForwardParameter[],
  inFront: (shape: readonly number[]) => Shape,
): { inputs: Map<string, NetworkInput>; batch: number } {
  const inputs = new Map<string, NetworkInput>();
  const required = parameters.filter((parameter) => parameter.required).length;
  let batch = 1;
  for (const [i, { name }] of parameters.entries()) {
    const value = asInput(example.positional[i] ?? example.keywords.get(name));
    if (!value || value.dtype === 'bool') continue;
    // A lone vector of numbers is one sample, as an environment shows it.
    const lone = value.dtype === 'float32' && value.shape.length === 1 && value.shape[0]! > 1 && required === 1;
    const shape = example.withoutBatch || lone ? [1, ...value.shape] : value.shape;
    batch = shape[0]!;
    const below = value.place.kind === 'fresh' ? value.place.below : undefined;
    inputs.set(name, {
      name,
      shape: inFront(shape),
      dtype: value.dtype,
      ...(below !== undefined && { vocabulary: below }),
      origin: originOf(value, example),
    });
  }
  return { inputs, batch };
}

/**
 * What the script feeds the model: the first example that gives all inputs, else the one that gives most of them.
 * `inFront` makes the batch a symbol.
 */
export function fromExamples(
  root: ModuleValue,
  parameters: readonly ForwardParameter[],
  inFront: (shape: readonly number[]) => Shape,
  run: Evaluation,
): { inputs: Map<string, NetworkInput>; batch: BatchChoice } | undefined {
  const own = root.attributes.get('example_input_array');
  const kept: Example[] = own
    ? [
        {
          module: root,
          positional: own.type === 'tuple' ? own.items : [own],
          keywords: new Map(),
          site: root.source,
        },
      ]
    : [];
  const found = [...kept, ...run.findings.examples.filter(({ module }) => module === root)]
    .map((example) => ({ example, ...inputsFrom(example, parameters, inFront) }))
    .filter(({ inputs }) => inputs.size > 0);
  const complete = found.find(({ inputs }) => parameters.every(({ name, required }) => !required || inputs.has(name)));
  const chosen =
    complete ?? found.reduce((best, each) => (each.inputs.size > best.inputs.size ? each : best), found[0]!);
  if (!chosen) return undefined;
  const origin = `the example that the model is called with, ${lineText(chosen.example.site)}`;
  // A model's own example is there for its shape.
  const size = kept.includes(chosen.example) ? 1 : chosen.batch;
  return { inputs: chosen.inputs, batch: { size, origin } };
}
