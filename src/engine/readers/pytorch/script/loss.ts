import { AttributeError, ShapeError } from '../../../layers';
import {
  assumedClassAxis,
  assumedTask,
  type Call,
  LOSS_KINDS,
  type LossKind,
  lineText,
  type NetworkInput,
  type Shape,
  type Task,
  type Unmodelled,
} from '../../../network';
import { checkLoss, losses, targetOf } from '../../../training';
import type { Evaluation } from '../../python/evaluator';
import type { RecordValue } from '../../python/values';
import { argumentsOf, shortPath, statedSettings } from './settings';

/** What a recorded call takes, in Python's order. */
interface Callee {
  readonly kind: LossKind;
  readonly parameters: readonly string[];
}

/** The losses that are modelled, by the library's names for them. */
const callees: ReadonlyMap<string, Callee> = new Map(
  LOSS_KINDS.flatMap((kind): [string, Callee][] => {
    const { parameters, function: form } = losses[kind];
    return [
      [`torch.nn.${kind}`, { kind, parameters }],
      [
        `torch.nn.functional.${form.name}`,
        { kind, parameters: ['input', 'target', ...(form.parameters ?? parameters)] },
      ],
    ];
  }),
);

const isLoss = ({ path }: RecordValue): boolean => callees.has(path) || /[Ll]oss$|cross_entropy/.test(path);

/** A script's tests often sum what its training averages. */
const sums = ({ args }: RecordValue): boolean => {
  const reduction = args.keywords.get('reduction');
  return reduction?.type === 'string' && reduction.value === 'sum';
};

function taskFrom(
  record: RecordValue,
  inputs: readonly NetworkInput[],
  output: Shape | undefined,
  unmodelled: Unmodelled[],
  last?: string,
): Task | undefined {
  const { kind, parameters } = callees.get(record.path)!;
  const row = losses[kind];
  const what = shortPath(record.path);
  const notes: Unmodelled[] = [];
  const given = argumentsOf(record, parameters);
  const lossSettings = statedSettings(given, row.settings, what, record.source, notes);
  const classAxis = row.target === 'classes' && output ? assumedClassAxis(inputs, output) : undefined;
  const task: Task = {
    kind: row.task,
    loss: kind,
    ...(Object.keys(lossSettings).length > 0 && { lossSettings }),
    ...(classAxis !== undefined && { classAxis }),
    origin: `${what}, ${lineText(record.source)}`,
  };
  if (!output) {
    unmodelled.push(...notes);
    return task;
  }
  // Of a GAN's two networks the loss takes the other's output.
  if (kind === 'BCELoss' && last !== undefined && /^tanh$/i.test(last)) {
    const why = `it takes values between 0 and 1, and ${last} gives others; a loss that the output suggests stands in its place`;
    unmodelled.push({ what, why, source: record.source });
    return undefined;
  }
  try {
    const { classes } = targetOf(task, output);
    checkLoss(task, output);
    unmodelled.push(...notes);
    return row.target === 'classes' && classes !== undefined ? { ...task, classes } : task;
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof AttributeError)) throw error;
    const why = `${error.message}; a loss that the output suggests stands in its place`;
    unmodelled.push({ what, why, source: record.source });
    return undefined;
  }
}

type Last = Pick<Call, 'kind' | 'attributes'>;

/** A class at every position, where the network ends in log-probabilities along an axis of [batch, …]. */
function classesAlong(output: Shape | undefined, last: Last | undefined): Task | undefined {
  if (!output || output.length < 3 || !/^log_?softmax$/i.test(last?.kind ?? '')) return undefined;
  const dim = Number(last!.attributes.dim ?? Number.NaN);
  const classAxis = dim < 0 ? dim + output.length : dim;
  const classes = output[classAxis];
  if (classAxis === 0 || typeof classes !== 'number' || classes < 2) return undefined;
  const origin = `assumed from the log_softmax over ${classes} values`;
  return { kind: 'classification', classes, loss: 'NLLLoss', classAxis, origin };
}

/** The task that the script's loss sets, else one that the output's shape suggests; `last` makes the output. A loss without a model is noted. */
export function taskOf(
  run: Evaluation,
  inputs: readonly NetworkInput[],
  output: Shape | undefined,
  unmodelled: Unmodelled[],
  last?: Last,
): Task {
  // One number for the batch: whatever losses were called made it.
  if (output?.length === 0) return assumedTask(output, inputs);
  const records = run.findings.records.filter(isLoss);
  const known = records.filter(({ path }) => callees.has(path));
  const chosen = known.find((record) => !sums(record)) ?? known[0];
  const task = chosen && taskFrom(chosen, inputs, output, unmodelled, last?.kind);
  if (task) return task;
  const [other] = records;
  if (other && !chosen) {
    const why = 'this loss is not modelled; one that the output suggests stands in its place';
    unmodelled.push({ what: shortPath(other.path), why, source: other.source });
  }
  return classesAlong(output, last) ?? assumedTask(output, inputs);
}
