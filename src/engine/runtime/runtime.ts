import type { ElementType, TypedArray } from '../onnx';
import type { RuntimeKind } from '../runtimeChoice';
import type { Program } from '../tensor';

/** A tensor's values, row-major. */
export interface TensorData {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly values: TypedArray;
}

/**
 * What a program's input is given: values; an output that an earlier run kept; a source by its name, which makes the
 * values where the program runs (weights and data need not travel), once only if they are to be kept `as` a name; or values
 * that are made here and sent to a slot once, to stay there `as` a name.
 */
export type Feed = SentFeed | { readonly given: () => TensorData; readonly as: string };

/** A feed as it travels. */
export type SentFeed =
  | TensorData
  | { readonly kept: string }
  | { readonly made: string }
  | { readonly sent: TensorData; readonly as: string }
  | { readonly source: string; readonly spec: unknown; readonly as?: string };

export interface Run {
  readonly program: Program;
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Outputs to keep for later runs: output → the name to keep it under. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Outputs to hand over. */
  readonly fetch: readonly string[];
}

/** A place where programs run one at a time; what is kept stays until it is released. */
export interface Slot {
  /** @throws EngineError where the engine fails; CancelledError after an abort. */
  run(run: Run): Promise<Readonly<Record<string, TensorData>>>;
  /** Forgets programs and kept outputs; what sources made stays. */
  clear(): void;
  /** Gives the slot back; everything in it is forgotten. */
  release(): void;
}

/** The build of onnxruntime that runs programs. */
export interface BuildDescription {
  readonly kind: RuntimeKind;
  /** Package and version, for the report. */
  readonly name: string;
  /** Why the native build does not run although it was to be preferred: one line; absent where it was not missed. */
  readonly nativeMissing?: string;
}

/** Runs programs in child processes, by onnxruntime's native build or as WebAssembly. */
export interface Runtime {
  /** The build's name once a process has started, for the report. */
  readonly name: string;
  /** What runs programs, known when the first process has started. @throws EngineError, CancelledError. */
  build(signal?: AbortSignal): Promise<BuildDescription>;
  /** Starts processes ahead of their leases, where there are not so many yet; absent: one. */
  warm(processes?: number): void;
  /** How many threads may run at the same time: so many programs of one thread each. */
  readonly slots: number;
  /**
   * A free slot of so many threads (default 1; at most `slots`), or the next to become free. Aborting the signal kills
   * whatever runs in it. Values of one program differ in their last digits from one number of threads to another.
   */
  lease(signal?: AbortSignal, threads?: number): Promise<Slot>;
  /** Ends every process. */
  dispose(): void;
}

/** The engine failed: a process died, or the program could not be run. One sentence. */
export class EngineError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'EngineError';
  }
}

/** The run was cancelled by its caller. */
export class CancelledError extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'CancelledError';
  }
}
