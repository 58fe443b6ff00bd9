import { type Attributes, type Dim, isBatchDim, type Shape } from '../../../network';
import type { ModelNode } from '../../../onnx';
import { listAttribute, numberAttribute, textAttribute } from '../attributes';
import type { Build, ModuleTensors } from '../build';
import { NotRead } from '../notRead';
import { Stored } from '../stored';
import { type Flow, type Known, shapeOf, type Unknown, type Value } from '../values';

/** A value that is known to be one. */
export type Given = Exclude<Value, Unknown>;

/** A node with what it takes. */
export class Applied {
  constructor(
    readonly node: ModelNode,
    /** Undefined for what is left out. */
    readonly inputs: readonly (Given | undefined)[],
    /** The version of the operator's domain. */
    readonly opset: number,
    readonly build: Build,
    /** The batch that the file's shapes are written for, where they are fixed. */
    readonly fixedBatch: number | undefined,
  ) {}

  /** The n-th input. @throws NotRead where it is left out. */
  input(index = 0): Given {
    const value = this.inputs[index];
    if (!value) throw new NotRead(`its input ${index + 1} is left out`);
    return value;
  }

  shape(index = 0): Shape {
    return shapeOf(this.input(index));
  }

  rank(index = 0): number {
    return this.shape(index).length;
  }

  number(name: string, otherwise: number): number {
    return numberAttribute(this.node, name) ?? otherwise;
  }

  optionalNumber(name: string): number | undefined {
    return numberAttribute(this.node, name);
  }

  list(name: string): readonly number[] | undefined {
    return listAttribute(this.node, name);
  }

  text(name: string, otherwise: string): string {
    return textAttribute(this.node, name) || otherwise;
  }

  /** Numbers that an attribute says in older opsets and an input in newer ones. */
  listAt(name: string, index: number): readonly number[] | undefined {
    return this.list(name) ?? this.numbersAt(index);
  }

  /** Known dimensions at an input; undefined where it is left out. @throws NotRead where they are computed. */
  dimsAt(index: number): readonly Dim[] | undefined {
    const value = this.inputs[index];
    if (!value) return undefined;
    const elements = elementsOf(value);
    if (!elements) throw new NotRead(`its input ${index + 1} is computed while the network runs`);
    return elements;
  }

  /** Known numbers at an input. @throws NotRead where they are computed, or hang on the batch. */
  numbersAt(index: number): readonly number[] | undefined {
    const dims = this.dimsAt(index);
    if (dims?.some((dim) => isBatchDim(dim))) throw new NotRead(`its input ${index + 1} hangs on the batch`);
    return dims as readonly number[] | undefined;
  }

  /** One known number at an input. */
  scalarAt(index: number): number | undefined {
    const numbers = this.numbersAt(index);
    if (numbers !== undefined && numbers.length !== 1) throw new NotRead(`its input ${index + 1} is no single number`);
    return numbers?.[0];
  }

  /** The file's tensor at an input; undefined for everything else. */
  storedAt(index: number): Stored | undefined {
    const value = this.inputs[index];
    if (value?.kind !== 'filled') return value?.kind === 'stored' ? value.stored : undefined;
    if (value.type !== 'float32' || value.shape.some((dim) => isBatchDim(dim))) return undefined;
    return Stored.filled(this.node.inputs[index]!, value.shape as readonly number[], value.value);
  }

  one(kind: string, attributes: Attributes, operands: readonly Value[] = [this.input()]): Flow {
    return this.build.one(this.node, kind, attributes, operands);
  }

  all(kind: string, attributes: Attributes, operands: readonly Value[] = [this.input()]): readonly Flow[] {
    return this.build.apply(this.node, kind, attributes, operands);
  }

  module(kind: string, attributes: Attributes, operands: readonly Value[], tensors: ModuleTensors): readonly Flow[] {
    return this.build.module(this.node, kind, attributes, operands, tensors);
  }
}

/** The elements of a value that is known while reading, where they are few. */
export function elementsOf(value: Value): readonly Dim[] | undefined {
  if (value.kind === 'known') return value.elements;
  if (value.kind === 'stored') {
    const few = value.stored.few();
    return few && [...few];
  }
  if (value.kind !== 'filled') return undefined;
  const count = value.shape.reduce<number>((product, dim) => (isBatchDim(dim) ? Number.NaN : product * dim), 1);
  return count <= 4096 ? Array.from({ length: count }, () => value.value) : undefined;
}

/** The value as known numbers, with their shape and type. */
export function asKnown(value: Value): Known | undefined {
  if (value.kind === 'known') return value;
  const elements = value.kind === 'unknown' || value.kind === 'flow' ? undefined : elementsOf(value);
  if (!elements || value.kind === 'unknown' || value.kind === 'flow') return undefined;
  const type =
    value.kind === 'filled' ? value.type : value.stored.type === 'bool' ? 'bool' : typeName(value.stored.type);
  return { kind: 'known', shape: shapeOf(value) as readonly number[], elements, type };
}

const typeName = (type: string): Known['type'] => (type.includes('float') ? 'float32' : 'int64');

/** An axis counted from the front. @throws NotRead where there is none such. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= Math.max(rank, 1))
    throw new NotRead(`a tensor of ${rank} axes has no axis ${axis}`);
  return at;
}
