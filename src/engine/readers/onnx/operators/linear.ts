import { NotRead } from '../notRead';
import type { Value } from '../values';
import type { Applied } from './applied';
import { applyBinary, type OperatorRow } from './row';

/** x·Wᵀ + b as a Linear, the matrix [out, in] or, `transposed`, [in, out]. */
function linear(applied: Applied, transposed: boolean, x: Value = applied.input()): Value {
  const stored = applied.storedAt(1)!;
  const weight = transposed ? stored.permuted([1, 0]) : stored;
  const [out_features, in_features] = weight.shape as [number, number];
  const bias = applied.inputs[2] ? applied.storedAt(2) : undefined;
  const given = { in_features, out_features, bias: bias !== undefined };
  const vector = bias?.reshaped([bias.size]);
  return applied.module('Linear', given, [x], { weight, ...(vector && { bias: vector }) })[0]!;
}

function gemm(applied: Applied): Value {
  const [alpha, beta] = [applied.number('alpha', 1), applied.number('beta', 1)];
  const x = applied.number('transA', 0) ? applied.one('transpose', { dim0: 0, dim1: 1 }) : applied.input();
  const weight = applied.storedAt(1);
  const bias = applied.inputs[2];
  const vector = !bias || applied.storedAt(2)?.size === weight?.shape[applied.number('transB', 0) ? 0 : 1];
  if (weight?.shape.length === 2 && vector && alpha === 1 && (beta === 1 || !bias))
    return linear(applied, !applied.number('transB', 0), x);
  const right = applied.number('transB', 0)
    ? applied.one('transpose', { dim0: 0, dim1: 1 }, [applied.input(1)])
    : applied.input(1);
  const product = applied.one('matmul', {}, [x, right]);
  const scaled = alpha === 1 ? product : applied.one('mul', { other: alpha }, [product]);
  if (!bias || beta === 0) return scaled;
  const added = beta === 1 ? bias : applied.one('mul', { other: beta }, [bias]);
  return applyBinary(applied, 'add', scaled, added);
}

/** Rows of a table of the file's, by whole numbers that flow, or by known positions: an Embedding. */
export function embedding(applied: Applied): Value | undefined {
  const table = applied.storedAt(0);
  const indices = applied.input(1);
  if (table?.shape.length !== 2 || !table.type.includes('float') || applied.number('axis', 0) !== 0) return undefined;
  if (indices.kind === 'flow') applied.build.vocabularies.set(indices.id, table.shape[0]!);
  // One known place, or places in a table without a name, are a part of a tensor.
  else if (applied.rank(1) < 2 || table.name === undefined) return undefined;
  const [num_embeddings, embedding_dim] = table.shape as [number, number];
  return applied.module('Embedding', { num_embeddings, embedding_dim }, [indices], { weight: table })[0]!;
}

export const linears: readonly OperatorRow[] = [
  { op: 'Gemm', read: gemm },
  { op: 'Linear', read: (applied) => linear(applied, applied.number('transposed', 0) === 1) },
  { op: 'MatMul', read: (applied) => applied.one('matmul', {}, [applied.input(0), applied.input(1)]) },
  {
    op: 'Einsum',
    read(applied) {
      const equation = applied.text('equation', '');
      if (equation === '') throw new NotRead('it has no equation');
      return applied.one(
        'einsum',
        { equation: equation.replaceAll(' ', '') },
        applied.inputs.map((_, i) => applied.input(i)),
      );
    },
  },
];
