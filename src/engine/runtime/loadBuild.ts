import type { RuntimeChoice, RuntimeKind } from '../runtimeChoice';
import type { Build } from './build';

/** Loads a build when it is asked for. */
export type BuildLoaders = Readonly<Record<RuntimeKind, () => Promise<Build>>>;

const loaders: BuildLoaders = {
  native: async () => (await import('./nativeBuild')).build,
  wasm: async () => (await import('./wasmBuild')).startBuild(),
};

export interface LoadedBuild {
  readonly build: Build;
  /** Why the native build was not loaded although it was to be preferred: one line. */
  readonly nativeMissing?: string;
}

/** What Node says of a file that it could not load, without its stack of requires and the folders that it lies in. */
const reasonOf = (error: unknown): string => {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return `${process.platform}-${process.arch}: ${line.replace(/[^\s'"]*node_modules[\\/]/g, '')}`;
};

/**
 * Loads the build that was chosen; with `auto` the native one, or WebAssembly where that cannot be loaded.
 * @throws Error where the build cannot be loaded and nothing stands in for it: one sentence, with how to mend it.
 */
export async function loadBuild(choice: RuntimeChoice, load: BuildLoaders = loaders): Promise<LoadedBuild> {
  const wasm = () =>
    load.wasm().catch((error: unknown) => {
      throw new Error(
        `The WebAssembly build of onnxruntime could not be loaded (${reasonOf(error)}); install NormScope anew.`,
      );
    });
  if (choice === 'wasm') return { build: await wasm() };
  try {
    return { build: await load.native() };
  } catch (error) {
    const nativeMissing = reasonOf(error);
    if (choice === 'auto') return { build: await wasm(), nativeMissing };
    throw new Error(
      `The native build of onnxruntime could not be loaded (${nativeMissing}); choose the runtime auto or wasm.`,
    );
  }
}
