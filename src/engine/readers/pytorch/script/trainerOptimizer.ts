import { type GradientClipping, lineText, type OptimizerChoice, type Unmodelled } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import { asNumber, type RecordValue } from '../../python/values';

/** Parameters that Hugging Face's trainer lets no decay shrink: biases, and whatever belongs to a norm. */
const UNDECAYED = /(^|\.)bias$|norm/i;

/** What the trainer's arguments are worth where nobody gives them. */
const DEFAULTS = {
  learning_rate: 5e-5,
  weight_decay: 0,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
};

/** The arguments that Hugging Face's trainer is given. */
export const trainingArguments = (run: Evaluation): RecordValue | undefined =>
  run.findings.records.find(({ path }) => /(^|\.)(Seq2Seq)?TrainingArguments$/.test(path));

function settingOf({ args }: RecordValue, name: keyof typeof DEFAULTS): number {
  const given = args.keywords.get(name);
  return (given && asNumber(given)) ?? DEFAULTS[name];
}

/** Hugging Face's trainer clips gradients at 1 unless it is told otherwise; 0 turns that off. */
export function trainerClipping(run: Evaluation): GradientClipping | undefined {
  const record = trainingArguments(run);
  const max = record && settingOf(record, 'max_grad_norm');
  return max ? { kind: 'norm', max, type: 2 } : undefined;
}

/**
 * The optimizer that Hugging Face's trainer makes of its arguments: AdamW unless `optim` says SGD, norms and biases without
 * decay. Undefined where no such trainer is told anything.
 */
export function trainerOptimizer(
  run: Evaluation,
  trainable: readonly string[],
  unmodelled: Unmodelled[],
): OptimizerChoice | undefined {
  const record = trainingArguments(run);
  if (!record) return undefined;
  const optim = record.args.keywords.get('optim');
  const name = optim?.type === 'string' ? optim.value : 'adamw_torch';
  const lr = settingOf(record, 'learning_rate');
  const decay = settingOf(record, 'weight_decay');
  const kind = name === 'sgd' ? 'SGD' : 'AdamW';
  if (kind === 'AdamW' && !/^adamw_(torch|hf|torch_fused|apex_fused)$/.test(name)) {
    const why = `this optimizer is not modelled; AdamW with lr ${lr} stands in its place`;
    unmodelled.push({ what: `TrainingArguments(optim='${name}')`, why, source: record.source });
  }
  const undecayed = decay === 0 ? [] : trainable.filter((id) => UNDECAYED.test(id));
  const moments = {
    beta1: settingOf(record, 'adam_beta1'),
    beta2: settingOf(record, 'adam_beta2'),
    eps: settingOf(record, 'adam_epsilon'),
  };
  return {
    kind,
    settings: { lr, weight_decay: decay, ...(kind === 'AdamW' && moments) },
    ...(undecayed.length > 0 && { groups: [{ parameters: undecayed, settings: { weight_decay: 0 } }] }),
    origin: `TrainingArguments, ${lineText(record.source)}`,
  };
}
