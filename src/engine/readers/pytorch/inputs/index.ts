// Which input a model takes, and how we know: what the person gives, a directive, what the script feeds it, else solved
// backwards from its layers. Nothing here reads syntax.
import { BATCH, lineText, type NetworkInput, type Shape } from '../../../network';
import { BudgetExceeded, type Evaluation, LIMITS } from '../../python/evaluator';
import type { NamedModule } from '../../python/modules/named';
import { type ReadOptions, withSymbolicBatch } from '../../reader';
import { forwardParameters } from '../forward';
import type { BatchChoice, Directives } from '../script';
import { withBatchSecond } from './batchAxis';
import { fromDocumentation } from './documented';
import { fromExamples } from './examples';
import { type Given, place } from './place';
import { solve } from './solve';

/** The inputs of a model, undefined where one stays unknown, and the batch that an example has. */
export interface FoundInputs {
  readonly inputs: Map<string, NetworkInput> | undefined;
  /** Required parameters of the forward that it is given None for. */
  readonly absent: readonly string[];
  readonly batch?: BatchChoice;
}

/**
 * The inputs of a model: what the person gives, a directive, what the script feeds it, else solved from its layers.
 */
export function inputsOf(
  modules: readonly NamedModule[],
  options: ReadOptions,
  directives: Directives,
  run: Evaluation,
): FoundInputs {
  const root = modules[0]!.module;
  const parameters = forwardParameters(root);
  // What stood in front of each shape, before it was taken for the batch.
  const fronts = new Map<Shape, number>();
  const inFront = (shape: readonly number[]): Shape => {
    const symbolic = withSymbolicBatch(shape);
    fronts.set(symbolic, shape[0] ?? 1);
    return symbolic;
  };
  const example = fromExamples(root, parameters, inFront, run);
  const batch = example && example.batch.size > 1 ? { batch: example.batch } : {};
  const byPerson = options.inputs?.map(
    (input): Given => ({
      ...input,
      shape: inFront(input.shape),
      dtype: input.dtype ?? 'float32',
      origin: options.givenBy ?? '--input',
    }),
  );
  const byDirective = directives.inputs.map(
    (input): Given => ({ ...input, shape: [BATCH, ...input.shape], origin: `directive, ${lineText(input.source)}` }),
  );
  const given = byPerson?.length ? byPerson : byDirective;
  const placed = place(given, parameters, root);
  // What the person leaves open the file may still say.
  for (const input of example?.inputs.values() ?? []) if (!placed.has(input.name)) placed.set(input.name, input);
  try {
    const assumes = options.assume ?? true;
    let { inputs, absent } = solve(modules, placed, parameters, run, assumes);
    const isComplete = () =>
      parameters.length > 0 &&
      parameters.every(({ name, required }) => !required || inputs.has(name) || absent.includes(name)) &&
      inputs.size > 0;
    // Text and images: where the two together are not solved, one of them alone, the text first.
    const named = parameters.filter(({ byName }) => byName).map(({ name }) => name);
    for (const alone of isComplete() || named.length < 2 ? [] : named) {
      if (named.some((name) => name !== alone && placed.has(name))) continue;
      run.budget.operations = LIMITS.operations;
      const only = parameters.map((each) => ({
        ...each,
        required: each.required && (!each.byName || each.name === alone),
      }));
      const tried = solve(modules, placed, only, run, assumes);
      const others = named.filter((name) => name !== alone);
      if (tried.inputs.has(alone))
        ({ inputs, absent } = { inputs: tried.inputs, absent: [...tried.absent, ...others] });
      if (isComplete()) break;
    }
    const complete = isComplete();
    if (!complete) {
      run.budget.operations = LIMITS.operations;
      const described = assumes ? fromDocumentation(modules, placed, parameters, run) : undefined;
      return { inputs: undefined, absent, ...described, ...batch };
    }
    // Of a solved sequence the steps may stand in front as well.
    for (const [name, { shape, dtype }] of inputs) {
      const sequence = dtype === 'int64' || shape.length === 3;
      if (!placed.has(name) && sequence && typeof shape[1] === 'number') fronts.set(shape, shape[1]);
    }
    const moved = withBatchSecond(modules, inputs, absent, fronts, run);
    if (!moved) return { inputs, absent, ...batch };
    return { inputs: moved.inputs, absent, ...(example && { batch: { ...example.batch, size: moved.batch } }) };
  } catch (error) {
    if (error instanceof BudgetExceeded) return { inputs: undefined, absent: [], ...batch };
    throw error;
  }
}
