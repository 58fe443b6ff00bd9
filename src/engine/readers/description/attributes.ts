import {
  AttributeError,
  completeAttributes,
  composites,
  type FunctionForm,
  findLayer,
  type LayerRow,
  layers,
  ShapeError,
} from '../../layers';
import type { Attributes, AttributeValue, Shape, Span } from '../../network';
import { formatIncoming, type Incoming } from '../shapeOrigin';
import { type DescriptionNode, type MapNode, numericValue, refuse, suggest, valueAt } from './node';

/** The attributes that a line or a graph's entry gives, and where each stands. */
export interface GivenAttributes {
  readonly values: Attributes;
  /** The mapping that they stand in, where there is one. */
  readonly node?: MapNode;
}

/** Every kind that a line may name. */
export const knownKinds: readonly string[] = [...layers, ...composites].map(({ kind }) => kind);

/** The row of a kind. @throws InputError with the nearest kind. */
export function expectRow(kind: string, place: Span): LayerRow {
  return findLayer(kind) ?? refuse(place, `unknown layer '${kind}'`, suggest(kind, knownKinds, 'layers known'));
}

/** A node as an attribute's value; `{batch: k}` is a multiple of the batch. */
export function attributeValue(node: DescriptionNode): AttributeValue {
  if (node.type === 'scalar') return numericValue(node);
  if (node.type === 'list') return node.items.map(attributeValue);
  const batch = valueAt(node, 'batch');
  if (node.entries.size === 1 && batch?.type === 'scalar' && Number.isInteger(batch.value)) {
    return { batch: batch.value as number };
  }
  return refuse(node.span, 'an attribute takes no mapping', 'write a number, a text, true, false, null or a list');
}

/** The attributes in a mapping, its keys in `reserved` aside. */
export function givenAttributes(node: MapNode | undefined, reserved: readonly string[] = []): GivenAttributes {
  const entries = [...(node?.entries.values() ?? [])].filter(({ key }) => !reserved.includes(key));
  return { values: Object.fromEntries(entries.map(({ key, value }) => [key, attributeValue(value)])), node };
}

/** What attributes are completed by: a row, or a composite. */
type Completable = Pick<LayerRow, 'kind' | 'attributes' | 'infer' | 'validate' | 'parameters'>;

/**
 * The attributes with the row's defaults and, where input shapes are known, what follows from them.
 * @throws InputError at the attribute that does not fit, or at `place`.
 */
export function completeAt(
  row: Completable,
  given: GivenAttributes,
  place: Span,
  subject: string,
  inputs?: readonly Incoming[],
): Attributes {
  const names = Object.keys(row.attributes);
  const unknown = Object.keys(given.values).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const beside = unknown === 'id' || unknown === 'from';
    const mend = beside
      ? `write it beside ${row.kind}, not inside: {${row.kind}: {…}, ${unknown}: …}`
      : suggest(unknown, row.parameters ? [...names, 'init'] : names, `attributes of ${row.kind}`);
    refuse(given.node?.entries.get(unknown)?.keySpan ?? place, `${subject} has no attribute '${unknown}'`, mend);
  }
  try {
    return completeAttributes(
      row,
      given.values,
      inputs?.map(({ shape }) => shape),
    );
  } catch (error) {
    if (error instanceof ShapeError) return refuseShape(place, subject, inputs ?? [], error);
    if (!(error instanceof AttributeError)) throw error;
    const node = given.node?.entries.get(error.attribute)?.value;
    const takes = row.attributes[error.attribute]?.takes ?? 'another value';
    const usual = node ? `it takes ${takes}` : `give ${error.attribute}: ${takes}`;
    return refuse(node?.span ?? place, `${subject}: ${error.message}`, error.mend ?? usual);
  }
}

/** Refuses shapes that do not fit: the layer, what comes in and from where, and the framework's own words. */
export function refuseShape(place: Span, subject: string, inputs: readonly Incoming[], error: ShapeError): never {
  const incoming = inputs.map(formatIncoming).join(' and ') || 'no input';
  const what = `${subject} does not fit its input ${incoming}: ${error.message}`;
  return refuse(place, what, error.mend ?? 'change it or what feeds it');
}

/** The shapes of a call's outputs. @throws InputError where the inputs do not fit. */
export function shapesAt(
  row: LayerRow,
  inputs: readonly Incoming[],
  attributes: Attributes,
  place: Span,
  subject: string,
): readonly Shape[] {
  try {
    return row.outputShapes(
      inputs.map(({ shape }) => shape),
      attributes,
    );
  } catch (error) {
    if (error instanceof ShapeError) return refuseShape(place, subject, inputs, error);
    throw error;
  }
}

/** How many tensors a call of the kind takes at most; the row itself refuses too few. */
export function mostInputs(row: LayerRow): number {
  const forms: readonly Pick<FunctionForm, 'operands'>[] = row.module ? [row.call ?? {}] : (row.functions ?? []);
  const counts = forms.map(({ operands = ['input'] }) =>
    operands.some((name) => name.startsWith('*')) ? Number.POSITIVE_INFINITY : operands.length,
  );
  return Math.max(1, ...counts);
}
