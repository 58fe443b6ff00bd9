// The probe process's heap. glibc takes every large tensor from the system and gives it back at once, page by page: a
// convolution's step then takes a fifth longer. Told to keep what it has, its one heap serves all sessions as well as
// onnxruntime's arenas, of which each session has its own.

const KEEPS_MEMORY = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '4294967295', MALLOC_ARENA_MAX: '1' } as const;

/** The environment of a probe process. */
export const probeEnvironment = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  process.platform === 'linux' ? { ...own, ...KEEPS_MEMORY } : own;

/** Whether a process was started in such an environment. */
export const sharesHeap = (own: NodeJS.ProcessEnv): boolean =>
  process.platform === 'linux' && own.MALLOC_MMAP_MAX_ === KEEPS_MEMORY.MALLOC_MMAP_MAX_;
