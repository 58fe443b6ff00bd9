import { InputError, isBatchDim, type NetworkInput, type Shape } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import type { NamedModule } from '../../python/modules/named';
import { InputNeeded } from '../../python/modules/requirement';
import { newTrace, type TracedCall } from '../../python/modules/trace';
import { inputValues, traceForward } from '../forward';

/** Whether a layer takes sequences with the batch behind the steps: PyTorch's default of its recurrent layers and attention. */
const takesStepsFirst = (attributes: object): boolean =>
  'batch_first' in attributes && attributes.batch_first === false;

/** The calls of a forward, as far as it goes. */
function callsWith(
  modules: readonly NamedModule[],
  inputs: Iterable<NetworkInput>,
  absent: readonly string[],
  run: Evaluation,
): TracedCall[] {
  const trace = newTrace(new Map(modules.map(({ id, module }) => [module, id])));
  const { notes } = run.findings;
  const before = notes.length;
  try {
    traceForward(modules, inputValues(inputs, absent), run, trace);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof InputNeeded)) throw error;
  } finally {
    notes.length = before;
  }
  return trace.calls;
}

const isBatchAt = (shape: Shape, axis: number): boolean => shape[axis] !== undefined && isBatchDim(shape[axis]);

/** Where the batch stands in what the first layer gives that takes the steps first; undefined where there is none. */
function batchOfSequence(calls: readonly TracedCall[]): number | undefined {
  const [output] = calls.find(({ attributes }) => takesStepsFirst(attributes))?.outputShapes ?? [];
  if (output?.length !== 3) return undefined;
  return isBatchAt(output, 0) && !isBatchAt(output, 1) ? 0 : isBatchAt(output, 1) ? 1 : undefined;
}

/** The same shape with the batch on the second axis; what stood there comes to the front, as `size`. */
function behindSteps(input: NetworkInput, size: number): NetworkInput {
  const [batch, second, ...rest] = input.shape;
  if (batch === undefined || second === undefined || !isBatchDim(batch) || isBatchDim(second)) return input;
  return { ...input, shape: [size, batch, ...rest] };
}

/**
 * Inputs as a model with its sequences' steps first takes them, [steps, batch, …], where the shapes that were taken for
 * [batch, …] put the batch where such a layer has its steps; undefined where they do not. `fronts` has what stood in front
 * of a shape, where somebody gave it. The batch is what stood second.
 */
export function withBatchSecond(
  modules: readonly NamedModule[],
  inputs: ReadonlyMap<string, NetworkInput>,
  absent: readonly string[],
  fronts: ReadonlyMap<Shape, number>,
  run: Evaluation,
): { readonly inputs: Map<string, NetworkInput>; readonly batch: number } | undefined {
  if (!modules.some(({ module }) => module.layer && takesStepsFirst(module.layer.attributes))) return undefined;
  const first = callsWith(modules, inputs.values(), absent, run);
  if (batchOfSequence(first) !== 0) return undefined;
  const moved = new Map(
    [...inputs].map(([name, input]) => {
      const size = fronts.get(input.shape);
      return [name, size === undefined ? input : behindSteps(input, size)];
    }),
  );
  const second = callsWith(modules, moved.values(), absent, run);
  const sequence = [...moved].find(([name, input]) => input !== inputs.get(name))?.[0];
  const batch = sequence === undefined ? undefined : inputs.get(sequence)!.shape[1];
  if (batchOfSequence(second) !== 1 || second.length < first.length || typeof batch !== 'number') return undefined;
  return { inputs: moved, batch };
}
