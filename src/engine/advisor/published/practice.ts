import type { Message } from '../../network';
import type { TaskFamily } from '../../report';
import type { Architecture, Traits } from '../traits';

/** What a published row is asked about. */
export interface Situation {
  readonly family: TaskFamily;
  readonly traits: Traits;
  /** Samples a device. */
  readonly batch: number;
  /** Whether statistics over that batch can be trusted. */
  readonly ample: boolean;
  readonly devices: boolean;
}

/**
 * How much a row decides. `decisive`: the kind of network is built so, or was compared in full trainings, and a short
 * probe on synthetic data cannot show it: it is followed. `usual`: what is added where nothing stands, unless it does
 * harm here. `hint`: it orders what is otherwise equal.
 */
export type Weight = 'decisive' | 'usual' | 'hint';

/** One published comparison or practice: one row, one source. */
export interface PracticeRow {
  readonly families: readonly TaskFamily['kind'][];
  readonly architectures?: readonly Architecture[];
  /** `small`: batch statistics are too noisy or refused here; absent: any batch. */
  readonly batch?: 'small' | 'ample';
  /** What else must be so of the graph. */
  when?(situation: Situation): boolean;
  /** Norms that it speaks for, the best first. */
  readonly norms: readonly string[];
  /** Norms that it was found better without, or than. */
  readonly against?: readonly string[];
  readonly weight: Weight;
  readonly id: string;
  /** What was used, where, and what it gained. */
  readonly text: string;
  readonly source: string;
}

/** A row that applies, with its sentence. */
export interface Practice {
  readonly norms: readonly string[];
  readonly against: readonly string[];
  readonly weight: Weight;
  readonly message: Message;
  readonly source: string;
}
