import { formatShape, lineText, type NetworkInput, type Shape } from '../../../network';
import { type Evaluation, LIMITS, type Note } from '../../python/evaluator';
import type { NamedModule } from '../../python/modules/named';
import { type Requirement, requirementOf } from '../../python/modules/requirement';
import { NONE, tensor, type Value } from '../../python/values';
import { type ForwardParameter, inputTensor } from '../forward';
import { type DatasetImages, datasetImages } from './dataset';
import { type Hypothesis, hypothesesOf, usualInputs } from './hypotheses';
import { keepsBatch, type Trial, tryForward } from './trial';

/** A network whose inputs are being solved. */
interface Problem {
  readonly modules: readonly NamedModule[];
  /** The inputs that are known or solved so far. */
  readonly solved: Map<string, NetworkInput>;
  /** Required inputs, solved or not. */
  readonly open: readonly string[];
  readonly run: Evaluation;
  /** Whether a usual size is taken where any fits. */
  readonly assumes: boolean;
  /** How many more shapes may be tried, and how those went that were: layer after layer asks for the same. */
  readonly trials: { left: number; readonly known: Map<string, Trial> };
  /** What images the script's data set gives. */
  readonly images?: DatasetImages;
}

/** Of a network that refuses a shape in its first layer thousands are tried in a second, and none need fit. */
const MOST_TRIALS = 3000;
/** Where one of several inputs may do alone, not as many of all together. */
const FEWER_TRIALS = 60;

const values = ({ solved, open }: Problem, extra?: readonly [string, Value]): Map<string, Value> => {
  const all = new Map<string, Value>();
  for (const input of solved.values()) all.set(input.name, inputTensor(input));
  for (const each of open) if (!solved.has(each)) all.set(each, tensor(undefined, { kind: 'flow', value: each }));
  if (extra) all.set(...extra);
  return all;
};

const exhausted = ({ run, trials }: Problem): boolean =>
  trials.left <= 0 || run.budget.operations < LIMITS.operations / 4;

/** A size at which a hypothesis holds, and whether another would do as well. */
interface Found {
  readonly shape: Shape;
  readonly assumed?: string;
  /** What of the script says the size. */
  readonly said?: string;
  readonly trial: Trial;
}

/** A size was tried as far as anything asks of it. */
const better = (a: Trial, b: Trial): boolean =>
  a.through !== b.through ? a.through : a.calls.length > b.calls.length && a.fits;

function tryHypothesis(problem: Problem, name: string, hypothesis: Hypothesis, origin: string): Found | undefined {
  const { modules, solved, run } = problem;
  const tried = (size: number): { shape: Shape; trial: Trial; good: boolean } => {
    const shape = hypothesis.shape(size);
    const input: NetworkInput = { name, shape, dtype: hypothesis.dtype, origin };
    const key = [...solved.values(), input]
      .map((each) => `${each.name}:${each.dtype}${formatShape(each.shape)}`)
      .join();
    const known = problem.trials.known.get(key);
    if (!known) problem.trials.left--;
    const trial = known ?? tryForward(modules, values(problem, [name, inputTensor(input)]), run);
    problem.trials.known.set(key, trial);
    reached = Math.max(reached, trial.calls.length);
    // Another input that is still open may stop it, but not this one.
    const stopped = trial.needed?.input === name;
    return { shape, trial, good: trial.fits && !stopped && keepsBatch(trial.calls, [...solved.values(), input]) };
  };
  const { free } = hypothesis;
  // How many layers took any size.
  let reached = 0;
  if (!free) {
    const { shape, trial, good } = tried(0);
    return good ? { shape, trial } : undefined;
  }
  if (free.said) {
    const { shape, trial, good } = tried(free.said.size);
    if (good) return { shape, trial, said: free.said.origin };
  }
  const assumed = tried(free.assumed);
  /** Whether another size does as well, so that the first is an assumption. */
  const withWords = (size: number, other: number, { shape, trial }: ReturnType<typeof tried>): Found => {
    const second = tried(other);
    const settles = !second.good || (trial.through && !second.trial.through);
    return { shape, trial, ...(!settles && { assumed: free.words(size) }) };
  };
  if (assumed.good) return withWords(free.assumed, free.other, assumed);
  for (const size of free.usual) {
    if (exhausted(problem)) return undefined;
    if (size === free.assumed) continue;
    const found = tried(size);
    if (found.good) return withWords(size, Math.max(1, size >> 1), found);
  }
  // What the first layer refuses at every usual size it refuses for what is not free.
  if (reached === 0) return undefined;
  for (let size = free.range[0]; size <= free.range[1]; size++) {
    if (exhausted(problem)) return undefined;
    if (free.usual.includes(size)) continue;
    const { shape, trial, good } = tried(size);
    if (good) return { shape, trial };
  }
  return undefined;
}

interface Fulfilled {
  readonly input: NetworkInput;
  readonly trial: Trial;
  /** What fits as well as far as the forward could be read. */
  readonly others: readonly NetworkInput[];
}

/** The input that fulfils what a layer asks; undefined where none that is tried does. */
function fulfil(
  problem: Problem,
  name: string,
  requirement: Requirement,
  origin: string,
  cut = false,
): Fulfilled | undefined {
  let best: { input: NetworkInput; trial: Trial } | undefined;
  const others: NetworkInput[] = [];
  for (const hypothesis of hypothesesOf(requirement, problem.modules, cut, problem.images)) {
    if (exhausted(problem)) break;
    const found = tryHypothesis(problem, name, hypothesis, origin);
    if (!found || (found.assumed && !problem.assumes)) continue;
    const settled = hypothesis.free && !found.assumed ? ', and the size that the layers behind it take' : '';
    const input: NetworkInput = {
      name,
      shape: found.shape,
      dtype: hypothesis.dtype,
      ...(hypothesis.vocabulary !== undefined && { vocabulary: hypothesis.vocabulary }),
      origin: found.said ?? (found.assumed ? `${origin}; ${found.assumed}` : `${origin}${settled}`),
    };
    if (best && !better(found.trial, best.trial)) {
      others.push(input);
      continue;
    }
    if (best) others.push(best.input);
    best = { input, trial: found.trial };
    if (found.trial.through) break;
  }
  return best && { ...best, others };
}

/** Layers in registration order, for a forward that looks at its input's shape before any layer says it. */
function firstRequirements({ modules }: Problem): { requirement: Requirement; origin: string }[] {
  const found: { requirement: Requirement; origin: string }[] = [];
  for (const { id, module } of modules) {
    const requirement = module.layer && requirementOf(module.layer.row.kind, module.layer.attributes);
    if (requirement) found.push({ requirement, origin: `${id}, ${lineText(module.source)}` });
    if (found.length === 3) break;
  }
  return found;
}

/**
 * A forward that asks for the shape before any layer does: its first layers say it, or some usual kind of input does,
 * where the forward then goes through.
 */
function byTrying(problem: Problem, name: string): NetworkInput | undefined {
  for (const { requirement, origin } of firstRequirements(problem)) {
    // That layer takes another input.
    if ([...problem.solved.values()].some((input) => input.origin.startsWith(origin))) continue;
    const found = fulfil(problem, name, requirement, origin, true);
    if (found?.trial.through && found.trial.notes === 0) return found.input;
  }
  for (const hypothesis of usualInputs(name)) {
    if (exhausted(problem)) break;
    const found = tryHypothesis(problem, name, hypothesis, '');
    if (!found?.trial.through || found.trial.notes > 0) continue;
    // Numbers whose count nothing settles are no more than a guess.
    if (found.assumed && (hypothesis.mustSettle || !problem.assumes)) continue;
    const origin = found.assumed ?? `the shape that ${problem.modules[0]!.module.class.name}'s forward takes`;
    return { name, shape: found.shape, dtype: hypothesis.dtype, origin };
  }
  return undefined;
}

/** The last open input, where need be with another shape of one that was solved before it. */
function byTryingAll(
  problem: Problem,
  name: string,
  others: ReadonlyMap<string, readonly NetworkInput[]>,
): readonly NetworkInput[] | undefined {
  const input = byTrying(problem, name);
  if (input) return [input];
  for (const alternative of [...others.values()].flat()) {
    if (exhausted(problem)) break;
    const solved = new Map(problem.solved).set(alternative.name, alternative);
    const found = byTrying({ ...problem, solved }, name);
    if (found) return [alternative, found];
  }
  return undefined;
}

/** Whether the forward goes through where that input is None, as a mask, labels or a state may be. */
const goesWithout = (problem: Problem, name: string): boolean => {
  const trial = tryForward(problem.modules, values(problem, [name, NONE]), problem.run);
  return trial.through && trial.notes === 0;
};

/**
 * Solves inputs backwards from the layers that take them first. Inputs that nothing settles stay out; `absent` are
 * required ones that the forward does without. Without `assumes` so do inputs of which any size fits.
 */
export function solve(
  modules: readonly NamedModule[],
  known: ReadonlyMap<string, NetworkInput>,
  parameters: readonly ForwardParameter[],
  run: Evaluation,
  assumes: boolean,
): { readonly inputs: Map<string, NetworkInput>; readonly absent: readonly string[] } {
  const open = parameters.filter(({ name, required }) => required && !known.has(name)).map(({ name }) => name);
  const images = datasetImages(run);
  const several = parameters.filter(({ byName }) => byName).length > 1;
  const trials = { left: several ? FEWER_TRIALS : MOST_TRIALS, known: new Map<string, Trial>() };
  const problem: Problem = { modules, solved: new Map(known), open, run, trials, assumes, ...(images && { images }) };
  const left = () => open.filter((name) => !problem.solved.has(name));
  const others = new Map<string, readonly NetworkInput[]>();
  const endings: Note[] = [];
  while (left().length > 0 && !exhausted(problem)) {
    const { needed, ended } = tryForward(modules, values(problem), run);
    endings.push(...ended);
    if (!needed || !left().includes(needed.input)) break;
    const { input: name, requirement, layer, source } = needed;
    const found = fulfil(problem, name, requirement, `${layer}, ${lineText(source)}`);
    if (!found) {
      // What the shapes of the network contradict is better said by its own error.
      const [only] = hypothesesOf(requirement, modules);
      if (only && !only.free)
        problem.solved.set(name, {
          name,
          shape: only.shape(0),
          dtype: only.dtype,
          origin: `${layer}, ${lineText(source)}`,
        });
      break;
    }
    problem.solved.set(name, found.input);
    others.set(name, found.others);
  }
  const absent: string[] = [];
  for (const name of left()) {
    if (left().length === 1 && problem.solved.size > 0 && goesWithout(problem, name)) absent.push(name);
    else if (left().length === 1) {
      const found = byTryingAll(problem, name, others);
      for (const input of found ?? []) problem.solved.set(input.name, input);
    }
  }
  // Nobody sees a forward that no input is found for: why it ends is said all the same.
  if (left().length > absent.length) run.findings.notes.push(...endings);
  return { inputs: problem.solved, absent };
}
