import type { Message, Surroundings } from '../../network';
import type { TaskFamily } from '../../report';
import type { Traits } from '../traits';

/** What a recognizer sees: the graph, and the code around it where the file has any. */
export interface Seen {
  readonly traits: Traits;
  readonly surroundings: Surroundings | undefined;
}

/**
 * One family: by what it is recognized. Names that a person gives to classes and variables are never looked at, so that
 * the advice is the same whatever they are; what is imported counts, as nobody renames a library.
 */
export interface Recognizer {
  readonly kind: TaskFamily['kind'];
  /** By what it is seen to be of this family; undefined where it is not. */
  recognize(seen: Seen): Message | undefined;
}

/** The first of the imported names that fits. */
export const imported = ({ surroundings }: Seen, pattern: RegExp): string | undefined =>
  surroundings?.imports?.find(({ value }) => pattern.test(value))?.value;

/** Whether the file makes a loss whose full name fits. */
export const losesBy = ({ surroundings }: Seen, pattern: RegExp): boolean =>
  surroundings?.losses.some(({ value }) => pattern.test(value)) ?? false;
