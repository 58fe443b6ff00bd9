import { InputError, isBatchDim, type NetworkInput, type ValueId } from '../../../network';
import type { Evaluation, Note } from '../../python/evaluator';
import type { NamedModule } from '../../python/modules/named';
import { InputNeeded } from '../../python/modules/requirement';
import { newTrace, type TracedCall } from '../../python/modules/trace';
import type { Value } from '../../python/values';
import { type ForwardResult, traceForward } from '../forward';

/** How a forward went with some inputs. */
export interface Trial {
  /** It came to an output, and nothing in it refused a shape. */
  readonly through: boolean;
  /** Nothing refused a shape as far as it was read. */
  readonly fits: boolean;
  readonly calls: readonly TracedCall[];
  /** What could not be modelled on the way. */
  readonly notes: number;
  /** Where a limit of the reader ended it. */
  readonly ended: readonly Note[];
  /** An input of unknown shape about which a layer said more. */
  readonly needed?: InputNeeded;
}

/** Layers that take sequences, and without a complaint also a single one without a batch. */
const OVER_STEPS = /^(MultiheadAttention|RNN|LSTM|GRU)$/;

/** Whether a layer over steps took a matrix for one sequence without a batch. */
const lostBatch = (calls: readonly TracedCall[]): boolean =>
  calls.some(({ kind, outputShapes }) => OVER_STEPS.test(kind) && outputShapes[0]?.length === 2);

/** Whether each sample of the batch gives one output, and not a row for every position of an image. */
export function keepsBatch(calls: readonly TracedCall[], inputs: Iterable<NetworkInput>): boolean {
  const last = calls.at(-1)?.outputShapes[0]?.[0];
  const given = [...inputs].some(({ shape }) => shape[0] !== undefined && isBatchDim(shape[0]));
  return !given || last === undefined || !isBatchDim(last) || last.batch === 1;
}

/** What a call of the trace costs beside the syntax that makes it: shapes are worked out whoever wrote the code. */
const CALL = 10;

/** Runs the forward with these values, and forgets what it noted. */
export function tryForward(
  modules: readonly NamedModule[],
  values: ReadonlyMap<string, Value>,
  run: Evaluation,
): Trial {
  const { notes } = run.findings;
  const before = notes.length;
  const trace = newTrace(new Map(modules.map(({ id, module }) => [module, id])));
  let result: ForwardResult | undefined;
  let needed: InputNeeded | undefined;
  let refused = false;
  try {
    result = traceForward(modules, values, run, trace);
  } catch (error) {
    if (error instanceof InputNeeded) needed = error;
    else if (error instanceof InputError) refused = true;
    else throw error;
  }
  run.budget.operations -= CALL * trace.calls.length;
  const noted = notes.length - before;
  const ended = notes.slice(before).filter(({ why }) => why.includes('not read to the end'));
  notes.length = before;
  run.trace = undefined;
  run.owners.length = 0;
  const outputs: readonly ValueId[] = result?.outputs ?? [];
  const fits = !refused && !lostBatch(trace.calls);
  return {
    through: fits && outputs.length > 0,
    fits,
    calls: trace.calls,
    notes: noted,
    ended,
    ...(needed && { needed }),
  };
}
