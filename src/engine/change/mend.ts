import type { Message, Span } from '../network';
import type { Change } from './change';

/** An argument given by keyword in the call that stands at `source`: `drop_last=True`. `value` is Python. */
export interface SetArgument {
  readonly source: Span;
  readonly name: string;
  readonly value: string;
}

/** The first argument of the call that stands at `source`, put through a function of torch.nn: `SyncBatchNorm.convert_sync_batchnorm`. */
export interface WrapArgument {
  readonly source: Span;
  readonly through: string;
}

/** The parameters that the optimizer made at `source` is given, in two groups: those of fewer than two dimensions without decay. */
export interface SplitDecay {
  readonly source: Span;
  readonly groups: 'without-decay';
}

/** An argument of a call, changed. */
export type ArgumentChange = SetArgument | WrapArgument | SplitDecay;

/**
 * What would mend a fault: changes of the network, or an argument of a call around it. Whoever holds the source makes a
 * text edit of it, or says why there is no safe one.
 */
export type Mend =
  | { readonly title: Message; readonly changes: readonly Change[] }
  | { readonly title: Message; readonly argument: ArgumentChange };
