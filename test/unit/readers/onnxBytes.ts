// ONNX models written field by field, so that tests can write ones that no exporter would.

const LENGTH_DELIMITED = 2;

function unsigned(number: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, number); bytes.length === 0 || rest > 0n; rest >>= 7n)
    bytes.push(Number(rest & 0x7fn) | (rest >> 7n > 0n ? 0x80 : 0));
  return bytes;
}

const join = (parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const delimited = (field: number, bytes: Uint8Array): Uint8Array =>
  join([unsigned(BigInt(field * 8 + LENGTH_DELIMITED)), unsigned(BigInt(bytes.length)), bytes]);

export const varint = (field: number, number: number): Uint8Array =>
  join([unsigned(BigInt(field * 8)), unsigned(BigInt(number))]);

export function float(field: number, number: number): Uint8Array {
  return join([unsigned(BigInt(field * 8 + 5)), new Uint8Array(Float32Array.of(number).buffer)]);
}

export const text = (field: number, value: string): Uint8Array => delimited(field, new TextEncoder().encode(value));

export const message = (field: number, ...fields: readonly Uint8Array[]): Uint8Array => delimited(field, join(fields));

/** A NodeProto, as field 1 of a graph (7 of a function). */
export const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Uint8Array[] = [],
  domain = '',
  field = 1,
): Uint8Array =>
  message(
    field,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...(domain ? [text(7, domain)] : []),
    ...attributes,
  );

/** A TensorProto of floats, as an initializer: its numbers, or the file beside that holds them. */
export const tensor = (name: string, shape: readonly number[], data: Float32Array | string): Uint8Array =>
  message(
    5,
    ...shape.map((size) => varint(1, size)),
    varint(2, 1),
    text(8, name),
    ...(typeof data === 'string'
      ? [message(13, text(1, 'location'), text(2, data)), varint(14, 1)]
      : [delimited(9, new Uint8Array(data.buffer))]),
  );

/** What a ValueInfoProto holds: an input's or output's name, element type and shape. */
export const value = (name: string, type: number, shape?: readonly (number | string)[]): readonly Uint8Array[] => {
  const dims = shape?.map((dim) => message(1, typeof dim === 'string' ? text(2, dim) : varint(1, dim)));
  return [text(1, name), message(2, message(1, varint(1, type), ...(dims ? [message(2, ...dims)] : [])))];
};

/** A whole ModelProto. */
export const model = (parts: {
  readonly inputs: readonly (readonly Uint8Array[])[];
  readonly outputs: readonly (readonly Uint8Array[])[];
  readonly nodes: readonly Uint8Array[];
  readonly tensors?: readonly Uint8Array[];
  /** The fields of FunctionProtos, each as `message(1, …)`. */
  readonly functions?: readonly Uint8Array[];
  readonly opset?: number;
}): Uint8Array =>
  join([
    varint(1, 8),
    message(8, varint(2, parts.opset ?? 17)),
    message(
      7,
      ...parts.nodes,
      ...(parts.tensors ?? []),
      ...parts.inputs.map((fields) => message(11, ...fields)),
      ...parts.outputs.map((fields) => message(12, ...fields)),
    ),
    ...(parts.functions ?? []).map((each) => join([unsigned(25n * 8n + 2n), each.subarray(1)])),
  ]);
