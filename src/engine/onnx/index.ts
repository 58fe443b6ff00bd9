// ONNX models as protobuf messages: writing programs, reading models. Knows nothing of what a tensor means.
// onnx_pb.ts is generated from proto/onnx.proto (see CONTRIBUTING.md); models are read by message.ts, which bounds what
// a file may claim and leaves its weights where they are.
export * from './elementType';
export * from './graphBuilder';
export { ModelFormatError } from './message';
export * from './model';
export * from './readModel';
export * from './tensorValues';
