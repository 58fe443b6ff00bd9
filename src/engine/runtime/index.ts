// Running programs: one interface, and its native implementation in child processes. Knows programs and values,
// nothing of networks or training. `child.ts` is what runs in the child; nothing else here may import onnxruntime.
export * from './nativeRuntime';
export * from './runtime';
