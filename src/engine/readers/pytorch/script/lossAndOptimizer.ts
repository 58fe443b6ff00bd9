import {
  ASSUMED_OPTIMIZER,
  assumedTask,
  type LossKind,
  type OptimizerChoice,
  type Shape,
  type Task,
  type Unmodelled,
} from '../../../network';
import type { Evaluation } from '../evaluator';
import { asNumber, type RecordValue, truth, type Value } from '../values';

/** The losses that are modelled, by the library's names for them. */
const LOSSES: Readonly<Record<string, LossKind>> = {
  'torch.nn.CrossEntropyLoss': 'CrossEntropyLoss',
  'torch.nn.functional.cross_entropy': 'CrossEntropyLoss',
  /** On log-probabilities the two are one: log-softmax of log-probabilities changes nothing. */
  'torch.nn.NLLLoss': 'CrossEntropyLoss',
  'torch.nn.functional.nll_loss': 'CrossEntropyLoss',
  'torch.nn.MSELoss': 'MSELoss',
  'torch.nn.functional.mse_loss': 'MSELoss',
};

const shortPath = (path: string): string => path.replace(/^torch\.nn\.functional\./, 'F.').replace(/^torch\./, '');

/** The task that the script's loss sets, else one that the output's shape suggests. A loss without a model is noted. */
export function taskOf(
  run: Evaluation,
  output: Shape | undefined,
  lastKind: string | undefined,
  unmodelled: Unmodelled[],
): Task {
  const records = run.findings.records.filter(({ path }) => /[Ll]oss$|cross_entropy/.test(path));
  const fits = (path: string) => Object.hasOwn(LOSSES, path) && (!/NLL|nll/.test(path) || lastKind === 'LogSoftmax');
  const known = records.find(({ path }) => fits(path));
  if (!known) {
    const [other] = records;
    if (other) {
      const why = 'this loss is not modelled; one that the output suggests stands in its place';
      unmodelled.push({ what: shortPath(other.path), why, source: other.source });
    }
    return assumedTask(output);
  }
  const loss = LOSSES[known.path]!;
  const origin = `${shortPath(known.path)}, line ${known.source.start.line}`;
  if (loss === 'MSELoss') return { kind: 'regression', loss, origin };
  const classes = output && output.length >= 2 ? output[1] : undefined;
  return { kind: 'classification', loss, origin, ...(typeof classes === 'number' && { classes }) };
}

/** A setting by its name or its place after the parameters; the optimizer's default where it is not known. */
function setting(record: RecordValue, name: string, index: number, fallback: number): number {
  const value: Value | undefined = record.args.keywords.get(name) ?? record.args.positional[index];
  return (value && asNumber(value)) ?? fallback;
}

function adamSettings(record: RecordValue, weightDecay: number): OptimizerChoice['settings'] {
  const betas = record.args.keywords.get('betas') ?? record.args.positional[2];
  const [beta1, beta2] = betas?.type === 'tuple' || betas?.type === 'list' ? betas.items.map(asNumber) : [];
  return {
    lr: setting(record, 'lr', 1, 1e-3),
    beta1: beta1 ?? 0.9,
    beta2: beta2 ?? 0.999,
    eps: setting(record, 'eps', 3, 1e-8),
    weight_decay: weightDecay,
  };
}

/** The optimizers that are modelled. */
const OPTIMIZERS: Readonly<Record<string, (record: RecordValue) => Omit<OptimizerChoice, 'origin'>>> = {
  SGD: (record) => ({
    kind: 'SGD',
    settings: {
      lr: setting(record, 'lr', 1, 1e-3),
      momentum: setting(record, 'momentum', 2, 0),
      weight_decay: setting(record, 'weight_decay', 4, 0),
      nesterov: truth(record.args.keywords.get('nesterov') ?? { type: 'none' }) ?? false,
    },
  }),
  Adam: (record) => ({ kind: 'Adam', settings: adamSettings(record, setting(record, 'weight_decay', 4, 0)) }),
};

/** The script's optimizer, else an assumed one. AdamW stands as Adam without its decay, and says so. */
export function optimizerOf(run: Evaluation, unmodelled: Unmodelled[]): OptimizerChoice {
  const [record] = run.findings.records.filter(({ path }) => /^torch\.optim\.[A-Z]/.test(path));
  if (!record) return ASSUMED_OPTIMIZER;
  const name = record.path.split('.').at(-1)!;
  const line = `line ${record.source.start.line}`;
  const row = Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name] : undefined;
  if (row) return { ...row(record), origin: `optim.${name}, ${line}` };
  if (name === 'AdamW') {
    unmodelled.push({ what: 'optim.AdamW', why: 'it is taken as Adam without weight decay', source: record.source });
    return { kind: 'Adam', settings: adamSettings(record, 0), origin: `optim.AdamW without its weight decay, ${line}` };
  }
  unmodelled.push({
    what: `optim.${name}`,
    why: 'this optimizer is not modelled; an assumed one stands in its place',
    source: record.source,
  });
  return ASSUMED_OPTIMIZER;
}
