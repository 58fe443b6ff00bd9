import type { Fact, LearningRateSchedule } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { descendants, field, type SyntaxNode } from '../../../python/syntax';
import { asNumber } from '../../../python/values';
import { keyword, lastName, type WrittenCode } from './calls';
import { trainerSetting } from './devices';
import { fullName, writtenNumber } from './meaning';

const whole = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isInteger(value) && value >= 1 ? value : undefined;

/** How often the loop over `range(…)` goes. */
function rounds(over: SyntaxNode | undefined, run: Evaluation): number | undefined {
  if (over?.type !== 'call') return undefined;
  const [first, second] = field(over, 'arguments')?.children ?? [];
  const callee = field(over, 'function')!.text;
  if (/(^|\.)(tqdm|trange)$/.test(callee) && first?.type === 'call') return rounds(first, run);
  if (!/(^|\.)(range|trange)$/.test(callee)) return undefined;
  const start = second ? writtenNumber(first, run) : 0;
  const stop = writtenNumber(second ?? first, run);
  return start === undefined || stop === undefined ? undefined : whole(stop - start);
}

/** Over how many epochs the script trains. */
export function epochsOf({ loops, calls }: WrittenCode, run: Evaluation): Fact<number> | undefined {
  const setting = trainerSetting(run, 'max_epochs', 'num_train_epochs');
  const told = setting && whole(asNumber(setting.value));
  if (told) return { value: told, source: setting.source };
  for (const { node } of loops) {
    if (!/\bepoch|^_?ep$/i.test(field(node, 'left')?.text ?? '')) continue;
    const count = rounds(field(node, 'right'), run);
    if (count) return { value: count, source: run.span(node) };
  }
  // `trainer.run(loader, max_epochs=7)`, `NeuralNet(…, max_epochs=10)`.
  for (const call of calls) {
    const count = whole(writtenNumber(keyword(call, 'max_epochs') ?? keyword(call, 'n_epochs'), run));
    if (count) return { value: count, source: run.span(call.node) };
  }
  return undefined;
}

/**
 * How many steps the script takes: where `optimizer.step()` stands in loops over ranges alone, and under no condition. A loop
 * over data has a length that no file says.
 */
export function stepsOf({ calls }: WrittenCode, run: Evaluation): Fact<number> | undefined {
  const steps = calls.filter(({ callee }) => /(^|\.|_)(optim\w*|opt|sgd|adam\w*)\.step$/i.test(callee));
  const [call, ...others] = steps;
  if (!call || others.length > 0) return undefined;
  const around = call.inside.slice(call.inside.findLastIndex(({ type }) => type === 'function_definition') + 1);
  if (around.some(({ type }) => /^(while_statement|if_statement|elif_clause|else_clause)$/.test(type)))
    return undefined;
  const counts = around.filter(({ type }) => type === 'for_statement').map((loop) => rounds(field(loop, 'right'), run));
  if (counts.length === 0 || counts.some((count) => count === undefined)) return undefined;
  return { value: counts.reduce<number>((all, count) => all * count!, 1), source: run.span(call.node) };
}

/** `if (i + 1) % 4 == 0: optimizer.step()`, or what a trainer is told. */
export function accumulationOf({ conditions, calls }: WrittenCode, run: Evaluation): Fact<number> | undefined {
  const setting = trainerSetting(run, 'accumulate_grad_batches', 'gradient_accumulation_steps');
  const told = setting && whole(asNumber(setting.value));
  if (told && told > 1) return { value: told, source: setting.source };
  for (const { node } of conditions) {
    const condition = field(node, 'condition');
    if (!condition || !/(optim\w*|opt|scaler)\.step\(/.test(field(node, 'consequence')?.text ?? '')) continue;
    for (const part of descendants(condition)) {
      if (part.type !== 'binary_operator' || field(part, 'operator')?.text !== '%') continue;
      const count = whole(writtenNumber(field(part, 'right'), run));
      if (count && count > 1) return { value: count, source: run.span(node) };
    }
  }
  // `for micro in range(4): … loss.backward()`, and the step behind that loop.
  for (const { node, callee, inside } of calls) {
    if (!/\.backward$/.test(callee)) continue;
    const [outer, inner] = inside.filter(({ type }) => /^(for|while)_statement$/.test(type)).slice(-2);
    if (inner?.type !== 'for_statement' || STEPS.test(field(inner, 'body')?.text ?? '')) continue;
    const count = STEPS.test(field(outer!, 'body')?.text ?? '') ? rounds(field(inner, 'right'), run) : undefined;
    if (count && count > 1) return { value: count, source: run.span(node) };
  }
  return undefined;
}

/** A step of an optimizer, by itself or by a scaler. */
const STEPS = /\b(optim\w*|opt|scaler)\.step\(/;

/** The learning rate's schedule, and whether it begins low. */
export function scheduleOf({ calls, warmups }: WrittenCode, run: Evaluation): Fact<LearningRateSchedule> | undefined {
  const setting = trainerSetting(run, 'lr_scheduler_type', 'warmup_steps', 'warmup_ratio');
  if (setting) {
    const { keywords } = setting.record.args;
    const kind = keywords.get('lr_scheduler_type');
    const warm = [keywords.get('warmup_steps'), keywords.get('warmup_ratio')].some(
      (value) => value && (asNumber(value) ?? 1) > 0,
    );
    return { value: { kind: kind?.type === 'string' ? kind.value : 'linear', warmup: warm }, source: setting.source };
  }
  const named = calls.filter((call) => {
    const name = fullName(call.callee, run);
    return (
      /(^|\.)lr_scheduler\.[A-Z]\w*$|^get_\w*schedule\w*$|(^|\.)get_\w+_schedule\w*$|(^|\.)create_scheduler\w*$/.test(
        name,
      ) ||
      /(LRScheduler|LambdaLR|StepLR|CosineAnnealing\w*|OneCycleLR|ExponentialLR|ReduceLROnPlateau|LinearLR|SequentialLR)$/.test(
        name,
      )
    );
  });
  const [first] = named;
  if (!first) {
    const function_ = calls.find((call) =>
      /^(get_lr|adjust_learning_rate|lr_schedule|update_lr)$/.test(lastName(call)),
    );
    return (
      function_ && {
        value: { kind: lastName(function_), warmup: warmups.length > 0 },
        source: run.span(function_.node),
      }
    );
  }
  const kinds = named.map(lastName);
  const growing = kinds.some((kind) => /warm_?up|^OneCycleLR$|^LinearLR$/i.test(kind));
  const kind = kinds.find((each) => each === 'SequentialLR') ?? kinds[0]!;
  const warmup = growing || warmups.length > 0 || named.some((call) => keyword(call, 'num_warmup_steps') !== undefined);
  return { value: { kind, warmup }, source: run.span(first.node) };
}
