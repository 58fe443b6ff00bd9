import { isBatchDim, type Shape } from '../../../network';
import type { ModuleTensors } from '../build';
import { NotRead } from '../notRead';
import type { Stored } from '../stored';
import type { Value } from '../values';
import { type Applied, axisOf } from './applied';
import { applyBinary, type OperatorRow } from './row';

/** 1, 2 or 3 spatial dimensions of [N, C, …]; vectors count as one. */
function dimensionOf(applied: Applied): number {
  const dimension = Math.max(1, applied.rank() - 2);
  if (dimension > 3) throw new NotRead(`${dimension} spatial dimensions are not modelled`);
  return dimension;
}

/** The number of channels. */
function channelsOf(applied: Applied): number {
  const channels = applied.shape()[1];
  if (channels === undefined || isBatchDim(channels)) throw new NotRead('its channels are not on axis 1');
  return channels;
}

/** Scale and shift that are tensors of the file's; undefined where one is computed. */
function affineOf(
  applied: Applied,
  from: number,
  shape: readonly number[],
): { weight?: Stored; bias?: Stored } | undefined {
  const tensors = [from, from + 1].map((index) => (applied.inputs[index] ? applied.storedAt(index) : null));
  if (tensors.includes(undefined)) return undefined;
  const [weight, bias] = tensors.map((tensor) => tensor?.reshaped(tensor.size === size(shape) ? shape : tensor.shape));
  return { ...(weight && { weight }), ...(bias && { bias }) };
}

const size = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);

/** A norm as a module; where scale or shift are no parameters, without them, and these as operations. */
function norm(
  applied: Applied,
  kind: string,
  attributes: Readonly<Record<string, number | boolean | readonly number[]>>,
  shape: readonly number[],
  affine: string,
  hasBias = true,
): Value {
  const tensors = affineOf(applied, 1, shape);
  if (!tensors) {
    let value: Value = applied.one(kind, { ...attributes, [affine]: false });
    if (applied.inputs[1]) value = applyBinary(applied, 'mul', value, applied.input(1));
    return applied.inputs[2] ? applyBinary(applied, 'add', value, applied.input(2)) : value;
  }
  const { weight, bias } = tensors;
  if (!weight && !bias) return applied.one(kind, { ...attributes, [affine]: false });
  if (!weight) throw new NotRead('a shift without a scale is not modelled');
  const all: ModuleTensors = { weight, ...(bias && { bias }) };
  const given = { ...attributes, [affine]: true, ...(hasBias && { bias: bias !== undefined }) };
  return applied.module(kind, given, [applied.input()], all)[0]!;
}

/** The sizes of the axes from `axis` on. */
function normalizedShape(applied: Applied): readonly number[] {
  const sizes: Shape = applied.shape().slice(axisOf(applied.number('axis', -1), applied.rank()));
  if (sizes.some((dim) => isBatchDim(dim))) throw new NotRead('it normalizes over the batch');
  return sizes as readonly number[];
}

function batchNorm(applied: Applied): Value {
  const tensors = [1, 2, 3, 4].map((index) => applied.storedAt(index));
  const [weight, bias, mean, variance] = tensors;
  if (!weight || !bias || !mean || !variance)
    throw new NotRead('scale, shift and statistics that are computed are not modelled');
  if (applied.number('spatial', 1) === 0) throw new NotRead('spatial = 0 is not modelled');
  const attributes = {
    num_features: channelsOf(applied),
    eps: applied.number('epsilon', 1e-5),
    // ONNX counts the share of the old value.
    momentum: Number((1 - applied.number('momentum', 0.9)).toFixed(7)),
  };
  return applied.module(`BatchNorm${dimensionOf(applied)}d`, attributes, [applied.input()], {
    weight,
    bias,
    running_mean: mean,
    running_var: variance,
  })[0]!;
}

const isAll = (stored: Stored | undefined, value: number): boolean =>
  stored?.few()?.every((each) => each === value) ?? false;

function instanceNorm(applied: Applied): Value {
  const [weight, bias] = [applied.storedAt(1), applied.storedAt(2)];
  if (!weight || !bias) throw new NotRead('scale and shift that are computed are not modelled');
  const kind = `InstanceNorm${dimensionOf(applied)}d`;
  const attributes = { num_features: channelsOf(applied), eps: applied.number('epsilon', 1e-5) };
  // PyTorch's has no scale and shift by default; ONNX's always has some.
  const plain = weight.name === undefined && isAll(weight, 1) && isAll(bias, 0);
  if (plain) return applied.one(kind, attributes);
  return applied.module(kind, { ...attributes, affine: true }, [applied.input()], { weight, bias })[0]!;
}

function groupNorm(applied: Applied): Value {
  const channels = channelsOf(applied);
  const attributes = {
    num_groups: applied.number('num_groups', 1),
    num_channels: channels,
    eps: applied.number('epsilon', 1e-5),
  };
  if (applied.storedAt(1) && applied.storedAt(1)!.size !== channels)
    throw new NotRead('a scale for each group, as opset 18 had it, is not modelled');
  return norm(applied, 'GroupNorm', attributes, [channels], 'affine');
}

function layerNorm(applied: Applied): Value | readonly Value[] {
  const shape = normalizedShape(applied);
  const eps = applied.number('epsilon', 1e-5);
  return norm(applied, 'LayerNorm', { normalized_shape: shape, eps }, shape, 'elementwise_affine');
}

function rmsNorm(applied: Applied): Value {
  const shape = normalizedShape(applied);
  const eps = applied.number('epsilon', 1e-5);
  return norm(applied, 'RMSNorm', { normalized_shape: shape, eps }, shape, 'elementwise_affine', false);
}

/** x / ‖x‖ along an axis. */
function lpNorm(applied: Applied): Value {
  return applied.one('normalize', { p: applied.number('p', 2), dim: [applied.number('axis', -1)], eps: 1e-12 });
}

/** Skip connections that onnxruntime's optimizer puts into the norm. */
function skipLayerNorm(applied: Applied): Value {
  const sum = applyBinary(applied, 'add', applied.input(0), applied.input(1));
  const shape = [applied.shape().at(-1)] as readonly number[];
  const [weight, bias] = [applied.storedAt(2), applied.storedAt(3)];
  if (!weight) throw new NotRead('a scale that is computed is not modelled');
  const given = { normalized_shape: shape, eps: applied.number('epsilon', 1e-12), bias: bias !== undefined };
  return applied.module('LayerNorm', given, [sum], { weight, ...(bias && { bias }) })[0]!;
}

export const norms: readonly OperatorRow[] = [
  { op: 'BatchNormalization', read: batchNorm },
  { op: 'InstanceNormalization', read: instanceNorm },
  { op: 'GroupNormalization', read: groupNorm },
  { op: 'LayerNormalization', read: layerNorm },
  { op: 'RMSNormalization', read: rmsNorm },
  { op: 'SimplifiedLayerNormalization', read: rmsNorm },
  { op: 'SkipLayerNormalization', domain: 'com.microsoft', read: skipLayerNorm },
  { op: 'LpNormalization', read: lpNorm },
  {
    op: 'LRN',
    read: (applied) =>
      applied.one('LocalResponseNorm', {
        size: applied.number('size', 1),
        alpha: applied.number('alpha', 1e-4),
        beta: applied.number('beta', 0.75),
        k: applied.number('bias', 1),
      }),
  },
  {
    op: 'MeanVarianceNormalization',
    read(applied) {
      const dim = [...(applied.list('axes') ?? [0, 2, 3])];
      const centred = applied.one('sub', {}, [applied.input(), applied.one('mean', { dim, keepdim: true })]);
      const deviation = applied.one('std', { dim, correction: 0, keepdim: true });
      return applied.one('div', {}, [centred, deviation]);
    },
  },
];
