// Running programs: one interface, and its implementation in child processes. Knows programs and values, nothing of networks
// or training. `child.ts` is what runs in the child; its two builds alone (`nativeBuild.ts`, `wasmBuild.ts`) load onnxruntime.
export * from './processRuntime';
export * from './runtime';
