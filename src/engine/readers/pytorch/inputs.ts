import { BATCH, type Dim, InputError, type NetworkInput, type Shape } from '../../network';
import { BudgetExceeded, type Evaluation, LIMITS } from '../python/evaluator';
import type { NamedModule } from '../python/modules/named';
import { InputNeeded } from '../python/modules/requirement';
import { type ModuleValue, type TensorValue, tensor, type Value } from '../python/values';
import { type ReadOptions, withSymbolicBatch } from '../reader';
import { withBatchSecond } from './batchAxis';
import { type ForwardParameter, forwardParameters, inputTensor, traceForward } from './forward';
import type { BatchChoice, Directives } from './script';

/** Sides of images, the usual ones first, tried where the channels are known and a later layer settles the size. */
const USUAL_SIDES = [32, 28, 224, 64, 96, 128, 256, 299, 227, 48, 84, 112, 160, 192, 320, 384, 512, 16, 8];

interface Given {
  readonly name?: string;
  readonly shape: Shape;
  readonly dtype: NetworkInput['dtype'];
  readonly origin: string;
}

/** Puts given inputs to the forward's parameters: named ones by name, the others in order. */
function place(
  given: readonly Given[],
  parameters: readonly ForwardParameter[],
  root: ModuleValue,
): Map<string, NetworkInput> {
  const placed = new Map<string, NetworkInput>();
  const put = (name: string, { shape, dtype, origin }: Given) => placed.set(name, { name, shape, dtype, origin });
  for (const each of given) {
    if (each.name === undefined) continue;
    if (!parameters.some(({ name }) => name === each.name)) {
      const names = parameters.map(({ name }) => name).join(', ') || 'nothing';
      throw new InputError(
        `${root.class.name}'s forward has no input '${each.name}'`,
        `it takes ${names}`,
        root.source,
      );
    }
    put(each.name, each);
  }
  for (const each of given) {
    if (each.name !== undefined) continue;
    const free = parameters.find(({ name }) => !placed.has(name));
    if (!free)
      throw new InputError(
        `${root.class.name}'s forward takes ${parameters.length} inputs, and more are given`,
        'leave some out',
        root.source,
      );
    put(free.name, each);
  }
  return placed;
}

/** The example inputs that the script calls the model with, where all of them have known shapes. */
function fromExamples(
  root: ModuleValue,
  parameters: readonly ForwardParameter[],
  inFront: (shape: readonly number[]) => Shape,
  run: Evaluation,
): { inputs: Map<string, NetworkInput>; batch: BatchChoice } | undefined {
  for (const { module, positional, keywords, site } of run.findings.examples) {
    if (module !== root) continue;
    const inputs = new Map<string, NetworkInput>();
    let batch = 1;
    for (const [i, { name }] of parameters.entries()) {
      const value = positional[i] ?? keywords.get(name);
      if (
        value?.type !== 'tensor' ||
        value.place.kind !== 'fresh' ||
        value.dtype === 'bool' ||
        !value.shape?.every((dim) => typeof dim === 'number')
      )
        continue;
      if (value.shape.length === 0) continue;
      const numbers = value.shape as readonly number[];
      batch = numbers[0]!;
      inputs.set(name, {
        name,
        shape: inFront(numbers),
        dtype: value.dtype,
        origin: `example, line ${value.place.source.start.line}`,
      });
    }
    const line = `line ${site.start.line}`;
    if (inputs.size > 0 && parameters.every(({ name, required }) => !required || inputs.has(name))) {
      return { inputs, batch: { size: batch, origin: `the example that the model is called with, ${line}` } };
    }
  }
  return undefined;
}

/** Does something and forgets what it noted. */
function trial<T>(run: Evaluation, work: () => T): T {
  const { notes } = run.findings;
  const before = notes.length;
  try {
    return work();
  } finally {
    notes.length = before;
    run.trace = undefined;
    run.owners.length = 0;
  }
}

/** Whether the forward goes through with these inputs. */
function fits(modules: readonly NamedModule[], inputs: ReadonlyMap<string, Value>, run: Evaluation): boolean {
  return trial(run, () => {
    try {
      return traceForward(modules, inputs, run).outputs.length > 0;
    } catch (error) {
      if (error instanceof InputError || error instanceof InputNeeded) return false;
      throw error;
    }
  });
}

/** The one side of a square image (length, cube) at which the forward goes through; undefined where any does, or none. */
function solveSide(
  modules: readonly NamedModule[],
  withSide: (side: number) => ReadonlyMap<string, Value>,
  run: Evaluation,
): number | undefined {
  const fitting: number[] = [];
  for (const side of USUAL_SIDES) {
    if (run.budget.operations < LIMITS.operations / 4) return undefined;
    if (fits(modules, withSide(side), run)) fitting.push(side);
  }
  // Neighbours give one size behind a stride; sides further apart mean that nothing in the network settles it.
  if (fitting.length > 0) return Math.max(...fitting) / Math.min(...fitting) < 1.25 ? fitting[0] : undefined;
  for (let side = 4; side <= 300; side++) {
    if (run.budget.operations < LIMITS.operations / 4) return undefined;
    if (!USUAL_SIDES.includes(side) && fits(modules, withSide(side), run)) return side;
  }
  return undefined;
}

/** Solves inputs backwards from the layers that take them first. Inputs that nothing settles stay out. */
function solve(
  modules: readonly NamedModule[],
  known: ReadonlyMap<string, NetworkInput>,
  parameters: readonly ForwardParameter[],
  run: Evaluation,
): Map<string, NetworkInput> {
  const solved = new Map(known);
  const open = parameters.filter(({ name, required }) => required && !known.has(name)).map(({ name }) => name);
  const values = (extra?: TensorValue, name?: string): Map<string, Value> => {
    const all = new Map<string, Value>();
    for (const input of solved.values()) all.set(input.name, inputTensor(input));
    for (const each of open) if (!solved.has(each)) all.set(each, tensor(undefined, { kind: 'flow', value: each }));
    if (extra && name) all.set(name, extra);
    return all;
  };
  for (let round = 0; round < open.length; round++) {
    const needed = trial(run, () => {
      try {
        traceForward(modules, values(), run);
      } catch (error) {
        if (error instanceof InputNeeded) return error;
        if (!(error instanceof InputError)) throw error;
      }
      return undefined;
    });
    if (!needed) break;
    const { input, requirement, layer, source } = needed;
    if (!open.includes(input)) break;
    const origin = `${layer}, line ${source.start.line}`;
    let shape: Dim[] | undefined;
    if ('shape' in requirement) shape = [BATCH, ...requirement.shape];
    else {
      const { channels, dimension } = requirement;
      const image = (side: number): Shape => [BATCH, channels, ...Array.from({ length: dimension }, () => side)];
      const side = solveSide(
        modules,
        (each) => values(tensor(image(each), { kind: 'flow', value: input }), input),
        run,
      );
      shape = side === undefined ? undefined : [...image(side)];
    }
    if (!shape) break;
    solved.set(input, {
      name: input,
      shape,
      dtype: 'float32',
      origin: 'shape' in requirement ? origin : `${origin}, and the size that the layers behind it take`,
    });
  }
  return solved;
}

/**
 * The inputs of a model: what the person gives, a directive, the script's example, else solved from the first layers.
 * Undefined where one stays unknown.
 */
export function inputsOf(
  modules: readonly NamedModule[],
  options: ReadOptions,
  directives: Directives,
  run: Evaluation,
): { inputs: Map<string, NetworkInput> | undefined; batch?: BatchChoice } {
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
    (input): Given => ({ ...input, shape: [BATCH, ...input.shape], origin: `directive, line ${input.line}` }),
  );
  const given = byPerson?.length ? byPerson : byDirective;
  const placed = place(given, parameters, root);
  // What the person leaves open the file may still say.
  for (const input of example?.inputs.values() ?? []) if (!placed.has(input.name)) placed.set(input.name, input);
  try {
    const inputs = solve(modules, placed, parameters, run);
    const complete =
      parameters.length > 0 &&
      parameters.every(({ name, required }) => !required || inputs.has(name)) &&
      inputs.size > 0;
    if (!complete) return { inputs: undefined, ...batch };
    const moved = withBatchSecond(modules, inputs, fronts, run);
    if (!moved) return { inputs, ...batch };
    return { inputs: moved.inputs, ...(example && { batch: { ...example.batch, size: moved.batch } }) };
  } catch (error) {
    if (error instanceof BudgetExceeded) return { inputs: undefined, ...batch };
    throw error;
  }
}
