import type { ModelAttribute, ModelNode } from '../../onnx';

type Owner = Pick<ModelNode, 'attributes'>;

/** A number that the node states. */
export function numberAttribute(node: Owner, name: string): number | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' || attribute?.kind === 'float' ? attribute.value : undefined;
}

/** A list of numbers that the node states. */
export function listAttribute(node: Owner, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' || attribute?.kind === 'floats' ? attribute.value : undefined;
}

/** A text, or a number as a text; empty where there is none. */
export function textAttribute(node: Owner, name: string): string {
  const attribute = node.attributes.get(name);
  if (attribute?.kind === 'text') return attribute.value;
  return attribute?.kind === 'int' ? String(attribute.value) : '';
}

/** Attributes of a node that stands for a chain of them. */
export const attributesOf = (given: Readonly<Record<string, number | string>>): ReadonlyMap<string, ModelAttribute> =>
  new Map(
    Object.entries(given).map(([name, value]): [string, ModelAttribute] => [
      name,
      typeof value === 'string' ? { kind: 'text', value } : { kind: 'float', value },
    ]),
  );
