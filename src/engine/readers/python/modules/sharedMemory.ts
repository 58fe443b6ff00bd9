import { findLayer } from '../../../layers';
import type { Attributes, AttributeValue, Dim, Shape, Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import type { TensorValue, TensorView, Value } from '../values';
import { type Application, applyLayer } from './trace';

/** Remembers that the outputs are views of the first operand. */
export function viewsOf(
  { row, attributes, by, site }: Application,
  [base, ...others]: readonly TensorValue[],
  outputs: readonly Value[],
): void {
  if (!base) return;
  const name = typeof by === 'string' ? by : row.kind;
  outputs.forEach((view, output) => {
    if (view.type !== 'tensor') return;
    view.view = { base, from: base.place, row, attributes, others, output, by: name, source: site };
  });
}

/**
 * Brings a tensor up to date before it is read: what was written to a view of it is written back, and a view of
 * something that was written to is taken anew.
 */
export function settle(value: TensorValue, run: Evaluation): void {
  const { written, view } = value;
  if (written) {
    value.written = undefined;
    settle(written, run);
    writeBack(value, written, run);
  }
  // Written to since, it is itself what its base will be made of.
  if (!view || view.base.written === value) return;
  settle(view.base, run);
  if (view.base.place === view.from) return;
  const { row, attributes, others, by, source } = view;
  const again = applyLayer({ row, attributes, operands: [view.base, ...others], site: source, by }, run);
  const taken = again.type === 'tuple' ? again.items[view.output]! : again;
  if (taken.type !== 'tensor') return;
  value.place = taken.place;
  view.from = view.base.place;
}

/** Makes a tensor stand for new values: what an operation in place does. Gives the tensor itself. */
export function writeTo(target: TensorValue, values: Value, run: Evaluation, site: Span): Value {
  if (values.type !== 'tensor') return values;
  if (target.place.kind === 'stored')
    return run.unmodelled('an operation in place', 'changing a parameter or buffer in forward is not modelled', site);
  target.place = values.place;
  target.dtype = values.dtype;
  target.shape = values.shape;
  for (let at = target; at.view; at = at.view.base) {
    const { base } = at.view;
    // Writes to two views of one tensor: the first is written back before the second.
    if (base.written && base.written !== at) settleWritten(base, run);
    base.written = at;
  }
  return target;
}

function settleWritten(base: TensorValue, run: Evaluation): void {
  const { written } = base;
  base.written = undefined;
  if (!written) return;
  settle(written, run);
  writeBack(base, written, run);
}

/** The base with the view's values in their places. */
function writeBack(base: TensorValue, written: TensorValue, run: Evaluation): void {
  const view = written.view!;
  const back = inverse(view, base.shape ?? []);
  if (!back) {
    const why = `writing through a view by ${view.by} is not modelled`;
    run.unmodelled(view.by, why, view.source);
    return;
  }
  const row = findLayer(back.kind)!;
  const operands = back.kind === 'setitem' ? [base, written, ...view.others] : [written];
  const bare = operands.map((each) => ({ ...each, view: undefined, written: undefined }));
  const result = applyLayer(
    { row, attributes: back.attributes, operands: bare, site: view.source, by: back.kind },
    run,
  );
  if (result.type !== 'tensor') return;
  base.place = result.place;
  view.from = base.place;
}

const whole: AttributeValue = ['slice', null, null, null];

/** How a view's values go back to their base; undefined where the reader knows no way. */
function inverse({ row, attributes }: TensorView, shape: Shape): { kind: string; attributes: Attributes } | undefined {
  const number = (name: string): number => attributes[name] as number;
  const at = (dim: number, index: AttributeValue): Attributes => {
    const axis = dim < 0 ? dim + shape.length : dim;
    return { index: [...Array.from({ length: axis }, () => whole), index] };
  };
  switch (row.kind) {
    case 'getitem':
      return { kind: 'setitem', attributes };
    case 'select':
      return { kind: 'setitem', attributes: at(number('dim'), number('index')) };
    case 'narrow': {
      const [start, length] = [number('start'), number('length')];
      return { kind: 'setitem', attributes: at(number('dim'), ['slice', start, start + length, null]) };
    }
    case 'view':
    case 'reshape':
    case 'Flatten':
    case 'Unflatten':
    case 'squeeze':
    case 'unsqueeze':
    case 'view_as':
      return { kind: 'reshape', attributes: { shape: shape as readonly Dim[] } };
    case 'transpose':
      return { kind: 'transpose', attributes };
    case 'permute': {
      const dims = (attributes.dims as readonly number[]).map((dim) => (dim < 0 ? dim + shape.length : dim));
      return { kind: 'permute', attributes: { dims: dims.map((_, axis) => dims.indexOf(axis)) } };
    }
    default:
      return undefined;
  }
}
