// ONNX models as protobuf messages: writing programs now, reading models later. Knows nothing of what a tensor means.
// onnx_pb.ts is generated from proto/onnx.proto (see CONTRIBUTING.md).
export * from './elementType';
export * from './graphBuilder';
