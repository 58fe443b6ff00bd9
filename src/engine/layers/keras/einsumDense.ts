import { type Attributes, constant, isBatchDim, type Shape } from '../../network';
import { add, reshape } from '../../tensor';
import { type Attribute, inferred, ints, optional } from '../attribute';
import { onlyInput } from '../dimensions';
import { einsum, einsumShape } from '../einsum';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { kerasShape } from './format';
import { named } from './initialization';

const text: Attribute<string> = {
  takes: 'a text',
  schema: { type: 'string' },
  accept: (value) => (typeof value === 'string' ? value.replace(/\s+/g, '') : undefined),
};

/** Sizes without the batch, None where the input's own stays. */
const sizesOrNone: Attribute<readonly (number | null)[]> = {
  takes: 'a size or a list of sizes and None',
  schema: { oneOf: [{ type: 'integer' }, { type: 'array', items: { type: ['integer', 'null'] } }] },
  accept(value) {
    if (typeof value === 'number') return [value];
    if (!Array.isArray(value)) return undefined;
    return value.every((item) => item === null || Number.isInteger(item)) ? (value as number[]) : undefined;
  },
};

/** Labels of an input or output of that rank: letters, with a dot for each axis that `...` stands for. */
const labelled = (letters: string, rank: number): string[] => {
  const open = rank - letters.replace('...', '').length;
  return [...letters.replace('...', '.'.repeat(Math.max(0, open)))];
};

/** The kernel's and the bias's shapes, as Keras reads them off the equation, the input and the output's sizes. */
function weightShapes(
  [input]: readonly Shape[],
  given: Attributes,
): { kernel_shape?: number[]; bias_shape?: number[] } {
  const equation = text.accept(given.equation ?? '') ?? '';
  const [, own = '', kernel = '', output = ''] = /^([\w.]+),(\w+)->([\w.]+)$/.exec(equation) ?? [];
  const sizes = sizesOrNone.accept(given.output_shape ?? null);
  if (!input || !kernel || !sizes) return {};
  const inputs = labelled(own, input.length);
  // What `...` stands for in the output it stands for in the input.
  const elided = input.length - own.replace('...', '').length;
  const outputs = labelled(output, output.replace('...', '').length + (output.includes('...') ? elided : 0));
  const known = new Map<string, number>();
  inputs.forEach((label, axis) => {
    const size = input[axis]!;
    if (!isBatchDim(size)) known.set(label, size);
  });
  // Without what `...` stands for in front, sizes are those of the last axes.
  const places = outputs.map((label, axis) => ({ label, axis })).slice(outputs.length - sizes.length);
  for (const [i, { label }] of places.entries()) if (sizes[i] !== null && label !== '.') known.set(label, sizes[i]!);
  const numbers = (labels: string): number[] | undefined => {
    const found = [...labels].map((label) => known.get(label));
    return found.includes(undefined) ? undefined : (found as number[]);
  };
  const kernelShape = numbers(kernel);
  const axes = typeof given.bias_axes === 'string' ? given.bias_axes : '';
  const first = outputs.findIndex((label) => axes.includes(label) && label !== '.');
  const behind = first < 0 ? [] : outputs.slice(first);
  const bias = behind.map((label) => (axes.includes(label) && label !== '.' ? known.get(label) : 1));
  return {
    ...(kernelShape && { kernel_shape: kernelShape }),
    bias_shape: bias.includes(undefined) ? [] : (bias as number[]),
  };
}

/** The kernel as a matrix: from what is summed over to what is new in the output. */
function fansOf(equation: string, shape: readonly number[]): readonly number[] {
  const [, kernel = '', output = ''] = /^[\w.]+,(\w+)->([\w.]+)$/.exec(equation) ?? [];
  const product = (there: boolean): number =>
    [...kernel].reduce((total, label, i) => (output.includes(label) === there ? total * shape[i]! : total), 1);
  return [product(false), product(true)];
}

/** A product by any equation with a kernel, and a bias over some of the output's axes. */
const einsumDense = defineLayer({
  kind: 'KerasEinsumDense',
  role: 'affine',
  library: 'keras',
  module: true,
  classes: ['keras.layers.EinsumDense'],
  attributes: {
    equation: text,
    output_shape: sizesOrNone,
    bias_axes: optional(text),
    kernel_shape: inferred(ints()),
    bias_shape: inferred(ints([])),
  },
  infer: weightShapes,
  parameters: ({ equation, kernel_shape, bias_shape, bias_axes }) => ({
    kernel: { shape: kernel_shape, initialization: named('glorot_uniform', fansOf(equation, kernel_shape)) },
    ...(bias_axes !== null && { bias: { shape: bias_shape, initialization: constant(0) } }),
  }),
  outputShapes(inputs, { equation, kernel_shape }) {
    const input = onlyInput(inputs, 'EinsumDense');
    try {
      return [einsumShape(equation, [input, kernel_shape])];
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`the equation '${equation}' does not fit the input ${kerasShape(input)}: ${error.message}`);
    }
  },
  forward([x], { equation, bias_axes, bias_shape }, context) {
    const product = einsum(equation, [x!, context.parameter('kernel')]);
    return {
      outputs: [bias_axes === null ? product : add(product, reshape(context.parameter('bias'), bias_shape))],
    };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

export const einsumDenses: readonly LayerRow[] = [einsumDense];
