import type { Dim, InputType, Network, SourceDocument } from '../network';

/** An input's shape as the person gives it, the batch included: `image=1x3x32x32`. */
export interface InputOption {
  /** Absent: the model's only (or first unnamed) input. */
  readonly name?: string;
  readonly shape: readonly number[];
  readonly dtype?: InputType;
}

/** Where a model file's imports may be read, as absolute folders; nothing outside of them is. */
export interface ImportRoots {
  readonly workspace: readonly string[];
  /** Of the interpreter that the person chose: source that is read, never run. */
  readonly sitePackages: readonly string[];
  /** How a person names packages where they are missing, in the words of the surface. */
  readonly hint?: string;
}

/** What a person may say beside the file; everything here wins over what the file says. */
export interface ReadOptions {
  /** A class, a function that returns a model, or a module-level variable. */
  readonly name?: string;
  readonly inputs?: readonly InputOption[];
  readonly batch?: number;
  /** Constructor arguments as typed: `width=64`. */
  readonly set?: Readonly<Record<string, string>>;
  /** What `origin` says of the above; absent: the name of the command line's flag. */
  readonly givenBy?: string;
  /** False: an input of which any size fits stays open, as somebody else will say it. */
  readonly assume?: boolean;
  /** True: usual values stand for constructor arguments that nobody says, and the network says so; else they are asked for. */
  readonly assumeArguments?: boolean;
  /** Parameters begin with the values that the file holds, where it holds some; absent: as their layers begin. */
  readonly weights?: boolean;
  /** Absent: imports are not followed. */
  readonly imports?: ImportRoots;
}

/**
 * Reads model files of one format, without running anything in them. `read` gives the networks that the file offers,
 * or the one that `options.name` asks for. A network whose input nobody states and nothing implies has no inputs and
 * no calls; its modules stand.
 * @throws InputError for a file that says something wrong, with its place.
 */
export interface Reader {
  readonly format: string;
  /** By the file's name. */
  reads(fileName: string): boolean;
  read(document: SourceDocument, options: ReadOptions): Promise<readonly Network[]>;
}

/** Used where nobody says a batch size. */
export const DEFAULT_BATCH = 32;

/** The first dimension of a given shape is the batch, whatever number stands there. */
export const withSymbolicBatch = (shape: readonly number[]): Dim[] =>
  shape.map((dim, axis) => (axis === 0 ? { batch: 1 } : dim));
