import { activations } from './activations';
import { attentions } from './attention';
import { convolutions } from './convolution';
import { elementwise } from './elementwise';
import { layouts } from './layout';
import { linears } from './linear';
import { norms } from './norms';
import { pools } from './pooling';
import { recurrents } from './recurrent';
import { reductions } from './reductions';
import { resizing } from './resize';
import type { OperatorRow } from './row';
import { selections } from './selection';

/** Every ONNX operator that is read: one row each. */
export const operators: readonly OperatorRow[] = [
  ...linears,
  ...convolutions,
  ...norms,
  ...attentions,
  ...activations,
  ...pools,
  ...elementwise,
  ...reductions,
  ...layouts,
  ...selections,
  ...resizing,
  ...recurrents,
];

const byName: ReadonlyMap<string, OperatorRow> = new Map(
  operators.map((row) => [`${row.domain ?? ''}:${row.op}`, row] as const),
);

/** onnxruntime's own operators that ONNX has too. */
const CONTRIBUTED = new Set(['Gelu', 'SimplifiedLayerNormalization', 'LayerNormalization']);

/** The row of an operator; undefined where none reads it. */
export function findOperator(domain: string, op: string): OperatorRow | undefined {
  return (
    byName.get(`${domain}:${op}`) ??
    (domain === 'com.microsoft' && CONTRIBUTED.has(op) ? byName.get(`:${op}`) : undefined)
  );
}
