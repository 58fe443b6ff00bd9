import { NotRead } from '../notRead';
import type { Value } from '../values';
import { type Applied, axisOf } from './applied';
import { type OperatorRow, unary } from './row';

/** Up to opset 12 the axes from `axis` on are one: the same as the last axis where that is meant. */
function softmax(applied: Applied, kind: string): Value {
  const rank = applied.rank();
  const old = applied.opset < 13;
  const axis = axisOf(applied.number('axis', old ? 1 : -1), rank);
  if (!old || axis === rank - 1) return applied.one(kind, { dim: axis === rank - 1 ? -1 : axis });
  const flat = applied.one('Flatten', { start_dim: axis, end_dim: -1 });
  return applied.one('reshape', { shape: applied.shape() }, [applied.one(kind, { dim: -1 }, [flat])]);
}

/** A slope for all, or one a channel: [C, 1, 1], without the batch. */
function prelu(applied: Applied): Value {
  const slope = applied.storedAt(1);
  if (!slope) throw new NotRead('a slope that is computed is not modelled');
  const channels = slope.size;
  const expected =
    channels === 1 || (slope.shape.filter((size) => size !== 1).length === 1 && applied.shape()[1] === channels);
  if (!expected) throw new NotRead(`a slope of shape [${slope.shape.join(', ')}] is not modelled`);
  return applied.module('PReLU', { num_parameters: channels }, [applied.input()], {
    weight: slope.reshaped([channels]),
  })[0]!;
}

export const activations: readonly OperatorRow[] = [
  unary('Relu', 'ReLU'),
  unary('Sigmoid', 'Sigmoid'),
  unary('Tanh', 'Tanh'),
  unary('Softsign', 'Softsign'),
  unary('Softplus', 'Softplus'),
  unary('Mish', 'Mish'),
  unary('HardSwish', 'Hardswish'),
  unary('LeakyRelu', 'LeakyReLU', (node) => ({ negative_slope: node.number('alpha', 0.01) })),
  unary('Elu', 'ELU', (node) => ({ alpha: node.number('alpha', 1) })),
  unary('Celu', 'CELU', (node) => ({ alpha: node.number('alpha', 1) })),
  unary('Gelu', 'GELU', (node) => ({ approximate: node.text('approximate', 'none') })),
  unary('ThresholdedRelu', 'Threshold', (node) => ({ threshold: node.number('alpha', 1), value: 0 })),
  {
    op: 'Swish',
    read(applied) {
      if (applied.number('alpha', 1) === 1) return applied.one('SiLU', {});
      const scaled = applied.one('mul', { other: applied.number('alpha', 1) });
      return applied.one('mul', {}, [applied.input(), applied.one('Sigmoid', {}, [scaled])]);
    },
  },
  {
    op: 'Selu',
    read(applied) {
      const [alpha, gamma] = [applied.number('alpha', 1.67326), applied.number('gamma', 1.0507)];
      if (Math.abs(alpha - 1.67326) < 1e-3 && Math.abs(gamma - 1.0507) < 1e-3) return applied.one('SELU', {});
      return applied.one('mul', { other: gamma }, [applied.one('ELU', { alpha })]);
    },
  },
  {
    op: 'HardSigmoid',
    read(applied) {
      const [alpha, beta] = [applied.number('alpha', 0.2), applied.number('beta', 0.5)];
      if (Math.abs(alpha - 1 / 6) < 1e-4 && Math.abs(beta - 0.5) < 1e-6) return applied.one('Hardsigmoid', {});
      const line = applied.one('add', { other: beta }, [applied.one('mul', { other: alpha })]);
      return applied.one('Hardtanh', { min_val: 0, max_val: 1 }, [line]);
    },
  },
  {
    op: 'Shrink',
    read(applied) {
      const [bias, lambd] = [applied.number('bias', 0), applied.number('lambd', 0.5)];
      if (bias === 0) return applied.one('Hardshrink', { lambd });
      if (bias === lambd) return applied.one('Softshrink', { lambd });
      throw new NotRead(`a bias of ${bias} at lambd ${lambd} is not modelled`);
    },
  },
  { op: 'PRelu', read: prelu },
  { op: 'Softmax', read: (applied) => softmax(applied, 'Softmax') },
  { op: 'LogSoftmax', read: (applied) => softmax(applied, 'LogSoftmax') },
];
