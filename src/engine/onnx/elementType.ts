import { TensorProto_DataType } from './onnx_pb';

/** The element types that our programs use. */
export type ElementType = 'float32' | 'int64' | 'int32' | 'uint32' | 'bool';

/** Values as JavaScript holds them; booleans one byte each. */
export type TypedArray = Float32Array | BigInt64Array | Int32Array | Uint32Array | Uint8Array;

const codes: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  bool: TensorProto_DataType.BOOL,
};

/** TensorProto.DataType of an element type. */
export const dataTypeCode = (type: ElementType): TensorProto_DataType => codes[type];

/** Bytes of one element. */
export const elementBytes: Record<ElementType, number> = { float32: 4, int64: 8, int32: 4, uint32: 4, bool: 1 };

/** The numbers as an array of the element type. */
export function arrayOf(type: ElementType, values: readonly number[]): TypedArray {
  switch (type) {
    case 'float32':
      return Float32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, BigInt);
    case 'int32':
      return Int32Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
    case 'bool':
      return Uint8Array.from(values);
  }
}
