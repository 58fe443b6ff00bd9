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

/**
 * The first weights of all layers of these kinds, drawn by `torch.nn.init` where the model is whole: as He et al. or Glorot and
 * Bengio do, for tanh with its gain.
 */
export interface DrawWeights {
  readonly source: Span;
  readonly kinds: readonly string[];
  readonly drawn: 'he' | 'glorot' | 'glorot-tanh';
}

/** What is said around a network's layers, changed: an argument of a call, or how weights are drawn. */
export type ArgumentChange = SetArgument | WrapArgument | SplitDecay | DrawWeights;

/**
 * What would mend a fault: changes of the network, or an argument of a call around it. Whoever holds the source makes a
 * text edit of it, or says why there is no safe one.
 */
export type Mend =
  | { readonly title: Message; readonly changes: readonly Change[] }
  | { readonly title: Message; readonly argument: ArgumentChange };
