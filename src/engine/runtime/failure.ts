import type { RuntimeKind } from '../runtimeChoice';

/**
 * What onnxruntime's builds, V8 and the C++ library say where memory ran out. In WebAssembly a null pointer is unaligned,
 * and the size of a tensor beyond 4 GB overflows.
 */
const OUT_OF_MEMORY =
  /bad[_ ]alloc|failed to allocate|allocation failed|out of memory|cannot enlarge memory|Invalid typed array length|unaligned access|SafeInt|shape is too large/i;

/** A failed request in one sentence, and whether its process may go on. */
export interface Failure {
  readonly said: string;
  /** The process is to be ended: its memory does not come back, or its instance is broken. */
  readonly fatal: boolean;
}

/** What is told of an error in the child process of a build. */
export function failureOf(error: unknown, kind: RuntimeKind): Failure {
  const said = (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, ' ');
  if (OUT_OF_MEMORY.test(said)) {
    const holds = kind === 'wasm' ? ' (WebAssembly holds 4 GB)' : '';
    return { said: `there was not enough memory${holds}; take a smaller batch or a narrower network`, fatal: true };
  }
  return { said, fatal: error instanceof Error && error.name === 'RuntimeError' };
}
