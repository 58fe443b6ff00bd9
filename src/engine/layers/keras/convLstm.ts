import { constant as filled, orthogonal, type Shape, valuesOf } from '../../network';
import { add, concat, constant, convolution, expand, mul, reshape, slice, type Tensor, transpose } from '../../tensor';
import { bool, choice, float, inferred, int, sizes } from '../attribute';
import { range } from '../dimensions';
import { defineLayer, type LayerRow, NotModelled, ShapeError } from '../row';
import { DIMENSIONS, type Dimension } from '../spatial/dimension';
import { checkSizes, dataFormat, kerasShape } from './format';
import { glorotUniform } from './initialization';
import { stepActivations, stepFunction } from './recurrentSteps';
import { placed } from './windows';

/** [...kernel, in, out] as [out, in, ...kernel]. */
const outFirst = (kernel: Tensor): Tensor => {
  const last = kernel.shape.length - 1;
  return transpose(kernel, [last, last - 1, ...range(0, last - 1)]);
};

const moved = (x: Tensor, dimension: Dimension): Tensor => transpose(x, [0, dimension + 1, ...range(1, dimension + 1)]);
const back = (x: Tensor, dimension: Dimension): Tensor => transpose(x, [0, ...range(2, dimension + 2), 1]);

/** An LSTM whose products are convolutions (Shi and others, 2015), over [N, T, …, C]. */
const convLstm = (dimension: Dimension): LayerRow =>
  defineLayer({
    kind: `KerasConvLSTM${dimension}D`,
    role: 'recurrent',
    library: 'keras',
    module: true,
    classes: [`keras.layers.ConvLSTM${dimension}D`],
    attributes: {
      channels: inferred(int()),
      filters: int(),
      kernel_size: sizes(dimension),
      strides: sizes(dimension, 1),
      padding: choice(['valid', 'same'], 'valid'),
      data_format: dataFormat,
      dilation_rate: sizes(dimension, 1),
      activation: choice(stepActivations, 'tanh'),
      recurrent_activation: choice(stepActivations, 'sigmoid'),
      use_bias: bool(true),
      unit_forget_bias: bool(true),
      dropout: float(0),
      recurrent_dropout: float(0),
      return_sequences: bool(false),
      return_state: bool(false),
      go_backwards: bool(false),
    },
    infer: ([input]) => {
      const channels = input?.at(-1);
      return typeof channels === 'number' ? { channels } : {};
    },
    validate({ dropout, recurrent_dropout, data_format, activation, recurrent_activation }) {
      if (dropout > 0 || recurrent_dropout > 0)
        throw new NotModelled('dropout', 'dropout in a ConvLSTM is not modelled');
      if (data_format !== 'channels_last')
        throw new NotModelled('data_format', 'channels_first in a ConvLSTM is not modelled');
      if (activation === 'other' || recurrent_activation === 'other')
        throw new NotModelled('activation', 'a recurrent layer with this activation is not modelled');
    },
    parameters({ channels, filters, kernel_size, use_bias, unit_forget_bias }) {
      const bias = Array.from({ length: 4 * filters }, (_, i) =>
        unit_forget_bias && i >= filters && i < 2 * filters ? 1 : 0,
      );
      return {
        kernel: glorotUniform([...kernel_size, channels, 4 * filters]),
        recurrent_kernel: { shape: [...kernel_size, filters, 4 * filters], initialization: orthogonal() },
        ...(use_bias && {
          bias: { shape: [4 * filters], initialization: unit_forget_bias ? valuesOf(bias) : filled(0) },
        }),
      };
    },
    outputShapes([input], given) {
      if (input?.length !== dimension + 3) {
        throw new ShapeError(
          `expected ndim=${dimension + 3}, found ndim=${input?.length ?? 0}. Full shape received: ${kerasShape(input ?? [])}`,
        );
      }
      const own = input.slice(2, -1).map(Number);
      const { output } = placed(own, {
        kernel: given.kernel_size,
        strides: given.strides,
        dilations: given.dilation_rate,
        padding: given.padding,
      });
      checkSizes(output, input, given.kernel_size);
      const state: Shape = [input[0]!, ...output, given.filters];
      const all: Shape = [input[0]!, input[1]!, ...output, given.filters];
      return [given.return_sequences ? all : state, ...(given.return_state ? [state, state] : [])];
    },
    forward([input], given, context) {
      const { filters, kernel_size, strides, dilation_rate, padding, go_backwards, return_sequences, return_state } =
        given;
      const [batch, steps, ...rest] = input!.shape as [number, number, ...number[]];
      const ones = kernel_size.map(() => 1);
      // All steps' inputs at once, as so many images.
      const images = moved(reshape(input!, [batch * steps, ...rest]), dimension);
      const window = placed(images.shape.slice(2), { kernel: kernel_size, strides, dilations: dilation_rate, padding });
      const product = convolution(images, outFirst(context.parameter('kernel')), {
        strides,
        padsBegin: window.before,
        padsEnd: window.after,
        dilations: dilation_rate,
        groups: 1,
      });
      const bias = given.use_bias ? reshape(context.parameter('bias'), [4 * filters, ...ones]) : undefined;
      const biased = bias ? add(product, bias) : product;
      const extent = biased.shape.slice(2);
      const inputs = reshape(biased, [batch, steps, 4 * filters, ...extent]);
      const recurrent = outFirst(context.parameter('recurrent_kernel'));
      const same = placed(extent, { kernel: kernel_size, strides: ones, dilations: ones, padding: 'same' });
      const [act, gate] = [stepFunction(given.activation), stepFunction(given.recurrent_activation)];
      const zero = expand(constant(0), [batch, filters, ...extent]);
      let [h, c] = [zero, zero];
      const taken: Tensor[] = [];
      for (let i = 0; i < steps; i++) {
        const t = go_backwards ? steps - 1 - i : i;
        const zeros = extent.map(() => 0);
        const own = reshape(slice(inputs, [0, t, 0, ...zeros], [batch, t + 1, 4 * filters, ...extent]), [
          batch,
          4 * filters,
          ...extent,
        ]);
        const geometry = { strides: ones, padsBegin: same.before, padsEnd: same.after, dilations: ones, groups: 1 };
        // Before the first step the state is zero, and so is what it gives.
        const z = i === 0 ? own : add(own, convolution(h, recurrent, geometry));
        const part = (at: number) => slice(z, [0, at * filters, ...zeros], [batch, (at + 1) * filters, ...extent]);
        c = add(mul(gate(part(1)), c), mul(gate(part(0)), act(part(2))));
        h = mul(gate(part(3)), act(c));
        const image = back(h, dimension);
        taken.push(reshape(image, [batch, 1, ...image.shape.slice(1)]));
      }
      const last = back(h, dimension);
      const all = concat(taken, 1);
      const output = return_sequences ? all : last;
      return { outputs: [output, ...(return_state ? [last, back(c, dimension)] : [])] };
    },
    channelAxis: (_, outputRank) => outputRank - 1,
  });

export const convLstms: readonly LayerRow[] = DIMENSIONS.map(convLstm);
