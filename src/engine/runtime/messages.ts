import type { BuildDescription, SentFeed, TensorData } from './runtime';

// Between a runtime and its child process. The child says `ready` (or `failed`) before anything else.

export type Request =
  | {
      readonly id: number;
      readonly method: 'load';
      readonly program: number;
      readonly model: Uint8Array;
      readonly threads: number;
      readonly large: boolean;
    }
  | {
      readonly id: number;
      readonly method: 'run';
      readonly program: number;
      readonly feeds: Readonly<Record<string, SentFeed>>;
      readonly keep: Readonly<Record<string, string>>;
      /** Kept outputs whose values may take the place of an input's, which nobody needs any more: output → input. */
      readonly replace: Readonly<Record<string, string>>;
      readonly fetch: readonly string[];
    }
  | { readonly id: number; readonly method: 'clear'; readonly sources: boolean };

export type Reply =
  | { readonly ready: true; readonly build: BuildDescription }
  | { readonly failed: string }
  | { readonly id: number; readonly outputs: Readonly<Record<string, TensorData>> }
  /** `fatal`: the process is to be ended. */
  | { readonly id: number; readonly error: string; readonly fatal: boolean };
