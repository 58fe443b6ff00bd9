/** Element types by TensorProto.DataType. */
export const DATA_TYPES = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
} as const satisfies Readonly<Record<number, string>>;

/** The name of an element type; `type 17` for one that no float graph has. */
export const dataTypeName = (code: number): string =>
  (DATA_TYPES as Readonly<Record<number, string>>)[code] ?? `type ${code}`;

/** Where a tensor's bytes stand beside the model file. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** A tensor of the file; its bytes are the file's own, not copied. */
export interface ModelTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorProto.DataType. */
  readonly dataType: number;
  /** Little-endian elements. */
  readonly raw?: Uint8Array;
  /** Packed elements, by the field that holds them. */
  readonly packed?: { readonly as: 'float' | 'double' | 'varint'; readonly chunks: readonly Uint8Array[] };
  readonly external?: ExternalData;
}

/** An attribute's value; `reference` names an attribute of the function that the node stands in. */
export type ModelAttribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: ModelTensor }
  | { readonly kind: 'graph'; readonly value: ModelGraph }
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'other' };

export interface ModelNode {
  readonly name: string;
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Empty names stand for what is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, ModelAttribute>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A graph's input or output; a dimension is a number, a name, or null where the file says nothing of it. */
export interface ModelValue {
  readonly name: string;
  /** TensorProto.DataType; undefined for what is no tensor. */
  readonly dataType?: number;
  readonly shape?: readonly (number | string | null)[];
}

export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly initializers: readonly ModelTensor[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** What the exporter says of the values in between. */
  readonly values: readonly ModelValue[];
}

/** A function of the file's own: a node with its domain and name stands for its nodes. */
export interface ModelFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly ModelNode[];
  readonly defaults: ReadonlyMap<string, ModelAttribute>;
}

/** An ONNX file, as far as its structure goes. */
export interface Model {
  readonly producer: string;
  /** Version of each domain's operators. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: ModelGraph;
  readonly functions: readonly ModelFunction[];
}
