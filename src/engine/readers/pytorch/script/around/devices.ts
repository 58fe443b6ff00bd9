import type { Distribution, Fact, ReducedPrecision } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { asNumber, type RecordValue, truth } from '../../../python/values';
import { isConditional, keyword, lastName, type WrittenCall, type WrittenCode } from './calls';
import { fullName, written } from './meaning';

const KINDS: Readonly<Record<string, Distribution['kind']>> = {
  DataParallel: 'DataParallel',
  DistributedDataParallel: 'DistributedDataParallel',
  DDP: 'DistributedDataParallel',
  FullyShardedDataParallel: 'FullyShardedDataParallel',
  FSDP: 'FullyShardedDataParallel',
  fully_shard: 'FullyShardedDataParallel',
};

/** A trainer that does the training itself: Lightning's, Hugging Face's arguments for theirs. */
export const isTrainer = ({ path }: RecordValue): boolean =>
  /(^|\.)(Trainer|\w*TrainingArguments|Accelerator|Fabric)$/.test(path);

/** What a trainer is told under one of these names, and where. */
export function trainerSetting(run: Evaluation, ...names: readonly string[]) {
  for (const record of run.findings.records.filter(isTrainer)) {
    for (const name of names) {
      const value = record.args.keywords.get(name);
      if (value && value.type !== 'unknown' && value.type !== 'none') return { value, source: record.source, record };
    }
  }
  return undefined;
}

/** Training on several devices, wherever the file prepares it. */
export function distributionOf({ calls }: WrittenCode, run: Evaluation): Fact<Distribution> | undefined {
  const found = calls.flatMap((call): Fact<Distribution>[] => {
    const name = fullName(call.callee, run).split('.').at(-1)!;
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    return kind ? [{ value: { kind, conditional: isConditional(call.inside) }, source: run.span(call.node) }] : [];
  });
  const strategy = trainerSetting(run, 'strategy');
  if (strategy?.value.type === 'string' && /^(ddp|fsdp)/.test(strategy.value.value)) {
    const kind = strategy.value.value.startsWith('ddp') ? 'DistributedDataParallel' : 'FullyShardedDataParallel';
    found.push({ value: { kind, conditional: false }, source: strategy.source });
  }
  return found.find(({ value }) => value.kind !== 'DataParallel') ?? found[0];
}

/** `convert_sync_batchnorm`, `SyncBatchNorm` layers, or the trainer's switch for them. */
export function synchronizedNormsOf({ calls }: WrittenCode, run: Evaluation): Fact<true> | undefined {
  const call = calls.find((each) =>
    /^(convert_sync_batchnorm|SyncBatchNorm|convert_sync_batchnorm_model)$/.test(lastName(each)),
  );
  if (call) return { value: true, source: run.span(call.node) };
  const setting = trainerSetting(run, 'sync_batchnorm');
  return setting && truth(setting.value) ? { value: true, source: setting.source } : undefined;
}

const typeNamed = (text: string): ReducedPrecision['type'] => (/bfloat16|bf16/.test(text) ? 'bfloat16' : 'float16');

/** Keras's `set_global_policy("mixed_float16")`. */
const mixedPolicy = (calls: readonly WrittenCall[]): WrittenCall | undefined =>
  calls.find(
    (each) =>
      /^(set_global_policy|set_dtype_policy|set_policy)$/.test(lastName(each)) &&
      /mixed_b?float16/.test(each.node.text),
  );

/** Autocast, a model turned to half, or a trainer's setting; the last wins over what may only stand there by a condition. */
export function precisionOf({ calls }: WrittenCode, run: Evaluation): Fact<ReducedPrecision> | undefined {
  const setting = trainerSetting(run, 'precision', 'mixed_precision');
  const text =
    setting && (setting.value.type === 'string' ? setting.value.value : String(asNumber(setting.value) ?? ''));
  if (setting && /16/.test(text ?? '')) {
    const by = /true/.test(text!) ? 'model' : 'autocast';
    return { value: { type: typeNamed(text!), by }, source: setting.source };
  }
  for (const [name, type] of [
    ['fp16', 'float16'],
    ['bf16', 'bfloat16'],
  ] as const) {
    const flag = trainerSetting(run, name);
    if (flag && truth(flag.value)) return { value: { type, by: 'autocast' }, source: flag.source };
  }
  for (const { path, source } of run.findings.records) {
    const method = /^torch\.nn\.Module\.(half|bfloat16)$/.exec(path)?.[1];
    if (method) return { value: { type: method === 'half' ? 'float16' : 'bfloat16', by: 'model' }, source };
  }
  const policy = mixedPolicy(calls);
  if (policy) return { value: { type: typeNamed(policy.node.text), by: 'autocast' }, source: run.span(policy.node) };
  for (const call of calls) {
    if (/^(autocast|amp_autocast)$/.test(lastName(call))) {
      const enabled = written(keyword(call, 'enabled'), run);
      if (enabled && truth(enabled) === false) continue;
      const dtype = keyword(call, 'dtype');
      const cpu = /['"]cpu['"]/.test(call.node.text);
      const type = dtype ? typeNamed(dtype.text) : cpu ? 'bfloat16' : 'float16';
      return { value: { type, by: 'autocast' }, source: run.span(call.node) };
    }
    if (ofModel(call) && /\.(half|bfloat16)$/.test(call.callee)) {
      const type = call.callee.endsWith('half') ? 'float16' : 'bfloat16';
      return { value: { type, by: 'model' }, source: run.span(call.node) };
    }
  }
  return undefined;
}

const ofModel = ({ callee }: WrittenCall): boolean => /(^|\.)(\w*model|\w*net\w*)\.\w+$/i.test(callee);

export function gradientScalingOf({ calls }: WrittenCode, run: Evaluation): Fact<true> | undefined {
  const call = calls.find((each) => {
    const enabled = lastName(each) === 'GradScaler' ? written(keyword(each, 'enabled'), run) : undefined;
    return lastName(each) === 'GradScaler' && !(enabled && truth(enabled) === false);
  });
  // Keras scales the loss by itself where it computes in float16.
  const policy = mixedPolicy(calls);
  const scaled = call ?? (policy && typeNamed(policy.node.text) === 'float16' ? policy : undefined);
  return scaled && { value: true, source: run.span(scaled.node) };
}
