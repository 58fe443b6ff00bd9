import { AttributeError, findLayer } from '../../layers';
import {
  ASSUMED_OPTIMIZER,
  assumedTask,
  type GradientClipping,
  type LossKind,
  lineText,
  type NetworkInput,
  type OptimizerChoice,
  type OptimizerKind,
  type Shape,
  type Span,
  type Task,
  type Unmodelled,
  type ValueId,
} from '../../network';
import { optimizers, settingsFor } from '../../training';
import type { Trace, TracedCall } from '../python/modules/trace';
import { asNumber, type RecordValue, type Value } from '../python/values';
import { snakeCase } from './naming';
import { named } from './plain';
import { isMadeOfProbabilities, logarithmOf } from './probabilities';
import { derivedArguments, type Training } from './state';

/** A loss or optimizer as `compile` is given it: by name or as an object. */
function nameOf(value: Value | undefined): { name: string; record?: Pick<RecordValue, 'args' | 'source'> } | undefined {
  if (value?.type === 'string') return { name: snakeCase(value.value) };
  if (value?.type === 'record') return { name: snakeCase(value.path.split('.').at(-1)!), record: value };
  if (value?.type === 'library') return { name: snakeCase(value.path.split('.').at(-1)!) };
  // Of a class of the file's own, what Keras has above it.
  if (value?.type === 'instance') {
    const base = value.class.resolution.find(({ path }) => path?.startsWith('keras.'));
    const args = derivedArguments.get(value);
    return (
      base && {
        name: snakeCase(base.name),
        ...(args && value.class.source && { record: { args, source: value.class.source } }),
      }
    );
  }
  if (value?.type === 'class') return { name: snakeCase(value.name) };
  if (value?.type === 'builtin') return { name: snakeCase(value.name.split('.').at(-1)!) };
  if (value?.type === 'list' || value?.type === 'tuple') return nameOf(value.items[0]);
  if (value?.type === 'dict') return nameOf([...value.entries.values()][0]?.value);
  return undefined;
}

interface KerasLoss {
  readonly kind: LossKind;
  readonly task: Task['kind'];
  readonly probabilities?: true;
}

const regression = (kind: LossKind): KerasLoss => ({ kind, task: 'regression' });
const losses: Readonly<Record<string, KerasLoss>> = {
  sparse_categorical_crossentropy: { kind: 'CrossEntropyLoss', task: 'classification' },
  categorical_crossentropy: { kind: 'CrossEntropyLoss', task: 'classification' },
  binary_crossentropy: { kind: 'BCELoss', task: 'classification' },
  mean_squared_error: regression('MSELoss'),
  mse: regression('MSELoss'),
  mean_absolute_error: regression('L1Loss'),
  mae: regression('L1Loss'),
  huber: regression('HuberLoss'),
  huber_loss: regression('HuberLoss'),
};

const numberOf = (record: Pick<RecordValue, 'args'> | undefined, name: string, place?: number): number | undefined => {
  const value =
    record && (record.args.keywords.get(name) ?? (place === undefined ? undefined : record.args.positional[place]));
  return value && asNumber(value);
};

/** What a cross-entropy is told beside its scores: smoothing, and a class that does not count. */
function classSettings(record: Pick<RecordValue, 'args'> | undefined): Pick<Task, 'lossSettings'> {
  const [smoothing, ignored] = [numberOf(record, 'label_smoothing'), numberOf(record, 'ignore_class')];
  const settings = {
    ...(smoothing !== undefined && smoothing > 0 && { label_smoothing: smoothing }),
    ...(ignored !== undefined && { ignore_index: ignored }),
  };
  return Object.keys(settings).length > 0 ? { lossSettings: settings } : {};
}

/** What Keras does to gradients before a step: `clipvalue` of each value, `global_clipnorm` of all together. */
function clippingOf(record: Pick<RecordValue, 'args'> | undefined): GradientClipping | undefined {
  const [value, norm] = [numberOf(record, 'clipvalue'), numberOf(record, 'global_clipnorm')];
  if (value !== undefined) return { kind: 'value', max: value };
  return norm === undefined ? undefined : { kind: 'norm', max: norm, type: 2 };
}

/** Of `loss=[fn, None]` the outputs that have a loss, and the first one's; undefined where every output has one. */
function outputsWithLoss(
  loss: Value | undefined,
  outputs: readonly ValueId[],
): { args: Training['args']; outputs: readonly ValueId[] } | undefined {
  if (loss?.type !== 'list' && loss?.type !== 'tuple') return undefined;
  if (loss.items.every(({ type }) => type !== 'none') || loss.items.length !== outputs.length) return undefined;
  const kept = outputs.filter((_, i) => loss.items[i]!.type !== 'none');
  const first = loss.items.find(({ type }) => type !== 'none');
  if (!first || kept.length === 0) return undefined;
  return { args: { positional: [], keywords: new Map([['loss', first]]) }, outputs: kept };
}

/** What ends a model, as far as its loss is concerned. */
function ending(
  outputs: readonly ValueId[],
  calls: readonly TracedCall[],
): { kind: string; before: ValueId } | undefined {
  const last = calls.find(({ id }) => id === outputs[0]);
  const [operand] = last?.operands ?? [];
  if (!last || operand?.kind !== 'flow' || findLayer(last.kind)?.role !== 'activation') {
    return last && last.kind === 'Softmax' && operand?.kind === 'flow'
      ? { kind: last.kind, before: operand.value }
      : undefined;
  }
  return { kind: last.kind, before: operand.value };
}

/**
 * The outputs, with the logarithm of the first in its place where a cross-entropy is put on probabilities that no softmax ends:
 * the mean of several models, a softmax that is reshaped. The trace takes the calls.
 */
export function asScores(
  compiled: Training | undefined,
  outputs: readonly ValueId[],
  trace: Trace,
): readonly ValueId[] {
  const [first, ...others] = outputs;
  const loss = compiled && nameOf(named(compiled.args, 'loss', 1));
  if (!compiled || !loss || first === undefined) return outputs;
  const given = loss.record?.args.keywords.get('from_logits');
  const takesProbabilities = !given || (given.type === 'bool' && !given.value);
  const row = Object.hasOwn(losses, loss.name) ? losses[loss.name] : undefined;
  if (row?.kind !== 'CrossEntropyLoss' || !takesProbabilities || !isMadeOfProbabilities(first, trace.calls))
    return outputs;
  return [logarithmOf(first, compiled.source, trace), ...others];
}

export interface Objective {
  readonly task: Task;
  /** The values that the loss is put on. */
  readonly outputs: readonly ValueId[];
}

/**
 * The task that `compile` sets, else one that the output suggests. Keras's cross-entropy takes probabilities unless it is
 * told otherwise, and computes with the scores before a softmax or sigmoid all the same; so the loss is put on these.
 */
export function objectiveOf(
  compiled: Training | undefined,
  inputs: readonly NetworkInput[],
  outputs: readonly ValueId[],
  shapes: (id: ValueId) => Shape | undefined,
  calls: readonly TracedCall[],
  unmodelled: Unmodelled[],
): Objective {
  const lost = compiled && outputsWithLoss(named(compiled.args, 'loss', 1), outputs);
  if (lost) return objectiveOf({ ...compiled, args: lost.args }, inputs, lost.outputs, shapes, calls, unmodelled);
  const end = ending(outputs, calls);
  const shape = outputs[0] === undefined ? undefined : shapes(outputs[0]);
  const scores =
    end && (end.kind === 'Softmax' || end.kind === 'Sigmoid') ? [end.before, ...outputs.slice(1)] : outputs;
  const classes = shape?.at(-1);
  const inFront = {
    ...(typeof classes === 'number' && { classes }),
    ...(shape && shape.length > 2 && { classAxis: shape.length - 1 }),
  };
  const found = compiled && nameOf(named(compiled.args, 'loss', 1));
  if (compiled && found) {
    const row = Object.hasOwn(losses, found.name) ? losses[found.name] : undefined;
    const line = `${lineText(compiled.source)}`;
    const origin = `compile(loss='${found.name}'), ${line}`;
    const given = found.record?.args.keywords.get('from_logits');
    const logits = given?.type === 'bool' && given.value;
    // What says nothing that is known before running may be either.
    const takes = given === undefined || given.type === 'bool' ? !logits : false;
    const probabilities =
      takes && row?.task === 'classification' && end?.kind !== 'Softmax' && end?.kind !== 'Sigmoid'
        ? { takesProbabilities: { loss: found.name, ...(found.record && { source: found.record.source }) } }
        : {};
    if (row?.kind === 'CrossEntropyLoss' && typeof classes === 'number' && classes > 1) {
      return {
        task: {
          kind: 'classification',
          loss: row.kind,
          ...classSettings(found.record),
          ...inFront,
          ...probabilities,
          origin,
        },
        outputs: logits ? outputs : end?.kind === 'Softmax' ? scores : outputs,
      };
    }
    if (row?.kind === 'BCELoss') {
      if (logits) return { task: { kind: 'classification', loss: 'BCEWithLogitsLoss', origin }, outputs };
      if (end?.kind === 'Sigmoid')
        return { task: { kind: 'classification', loss: 'BCEWithLogitsLoss', origin }, outputs: scores };
      if (end?.kind === 'Softmax' || (outputs[0] !== undefined && isMadeOfProbabilities(outputs[0], calls)))
        return { task: { kind: 'classification', loss: 'BCELoss', origin }, outputs };
    }
    if (row?.task === 'regression') {
      const delta = row.kind === 'HuberLoss' ? numberOf(found.record, 'delta', 0) : undefined;
      const settings = delta === undefined ? {} : { lossSettings: { delta } };
      return { task: { kind: 'regression', loss: row.kind, ...settings, origin }, outputs };
    }
    // Where nothing comes out there is nothing to put it on, and that is said already.
    if (outputs.length === 0) return { task: assumedTask(shape, inputs), outputs };
    const why = 'this loss is not modelled for this output; one that the output suggests stands in its place';
    unmodelled.push({ what: found.name, why, source: compiled.source });
    if ('takesProbabilities' in probabilities)
      return { task: { ...assumedTask(shape, inputs), ...probabilities }, outputs };
  }
  if (end?.kind === 'Softmax' && typeof classes === 'number') {
    return {
      task: {
        kind: 'classification',
        loss: 'CrossEntropyLoss',
        ...inFront,
        origin: `assumed from the softmax over ${classes} classes`,
      },
      outputs: scores,
    };
  }
  if (end?.kind === 'Sigmoid') {
    return {
      task: { kind: 'classification', loss: 'BCEWithLogitsLoss', origin: 'assumed from the sigmoid at the end' },
      outputs: scores,
    };
  }
  return { task: assumedTask(shape, inputs), outputs };
}

/** Keras's optimizers: PyTorch's kind, Keras's defaults by PyTorch's names, its arguments in order. */
const kinds: Readonly<
  Record<string, { kind: OptimizerKind; defaults: Readonly<Record<string, number>>; parameters: readonly string[] }>
> = {
  adam: { kind: 'Adam', defaults: { lr: 0.001, eps: 1e-7 }, parameters: ['lr', 'beta1', 'beta2', 'eps'] },
  adam_w: {
    kind: 'AdamW',
    defaults: { lr: 0.001, eps: 1e-7, weight_decay: 0.004 },
    parameters: ['lr', 'weight_decay', 'beta1', 'beta2', 'eps'],
  },
  sgd: { kind: 'SGD', defaults: { lr: 0.01 }, parameters: ['lr', 'momentum', 'nesterov', 'weight_decay'] },
  rmsprop: {
    kind: 'RMSprop',
    defaults: { lr: 0.001, alpha: 0.9, eps: 1e-7 },
    parameters: ['lr', 'alpha', 'momentum', 'eps', 'centered'],
  },
  adagrad: {
    kind: 'Adagrad',
    defaults: { lr: 0.001, eps: 1e-7, initial_accumulator_value: 0.1 },
    parameters: ['lr', 'initial_accumulator_value', 'eps'],
  },
  adadelta: {
    kind: 'Adadelta',
    defaults: { lr: 0.001, rho: 0.95, eps: 1e-7 },
    parameters: ['lr', 'rho', 'eps'],
  },
  adamax: { kind: 'Adamax', defaults: { lr: 0.001, eps: 1e-7 }, parameters: ['lr', 'beta1', 'beta2', 'eps'] },
};

const OTHER_NAMES: Readonly<Record<string, string>> = {
  learning_rate: 'lr',
  lr: 'lr',
  beta_1: 'beta1',
  beta_2: 'beta2',
  epsilon: 'eps',
  rho: 'alpha',
};

const spelled = (name: string): string => ({ rm_sprop: 'rmsprop', rms_prop: 'rmsprop', adamw: 'adam_w' })[name] ?? name;

/** The rate that a schedule of Keras's own begins with; one that warms up, the rate that it warms up to. */
function firstRate(value: Value): number | undefined {
  if (value.type !== 'record' || !/\.schedules\./.test(value.path)) return undefined;
  const { keywords, positional } = value.args;
  const list = keywords.get('values') ?? positional[1];
  const [first] = list?.type === 'list' || list?.type === 'tuple' ? list.items : [];
  const said = /PiecewiseConstantDecay$/.test(value.path)
    ? first
    : (keywords.get('initial_learning_rate') ?? positional[0]);
  const rate = said && asNumber(said);
  const target = keywords.get('warmup_target');
  return (target && asNumber(target)) ?? rate;
}

/** The optimizer inside of one that only scales the loss for half precision; float32 needs no scale. */
function wrapped(given: Value | undefined): Value | undefined {
  if (given?.type !== 'record' || !/(^|\.)LossScaleOptimizer(V\d)?$/.test(given.path)) return given;
  return named(given.args, 'inner_optimizer', 0) ?? named(given.args, 'optimizer', 0);
}

/** The optimizer that `compile` is given, by PyTorch's names; Keras's own default is RMSprop. */
export function optimizerOf(compiled: Training | undefined, unmodelled: Unmodelled[]): OptimizerChoice {
  if (!compiled) return ASSUMED_OPTIMIZER;
  const given = wrapped(named(compiled.args, 'optimizer', 0));
  const found = given ? nameOf(given) : { name: 'rmsprop' };
  const note = (what: string, why: string, source: Span) => unmodelled.push({ what, why, source });
  const row = found && kinds[spelled(found.name)];
  if (!found || !row) {
    note(
      found?.name ?? 'optimizer',
      'this optimizer is not modelled; an assumed one stands in its place',
      compiled.source,
    );
    return ASSUMED_OPTIMIZER;
  }
  const settings: Record<string, number | boolean> = { ...row.defaults };
  const put = (name: string, value: Value) => {
    // RMSprop's rho is PyTorch's alpha; Adadelta's has its own name there too.
    const own = name in optimizers[row.kind].settings ? name : (OTHER_NAMES[name] ?? name);
    if (!(own in optimizers[row.kind].settings) || value.type === 'none') return;
    if (value.type === 'bool') settings[own] = value.value;
    else if (asNumber(value) !== undefined) settings[own] = asNumber(value)!;
    else if (own === 'lr' && firstRate(value) !== undefined) settings[own] = firstRate(value)!;
    else
      note(
        `${found.name}(${name})`,
        'it is not known before running; its default stands in its place',
        compiled.source,
      );
  };
  found.record?.args.positional.forEach((value, i) => {
    if (row.parameters[i]) put(row.parameters[i]!, value);
  });
  for (const [name, value] of found.record?.args.keywords ?? []) put(name, value);
  const clipping = clippingOf(found.record);
  if (numberOf(found.record, 'clipnorm') !== undefined)
    note(`${found.name}(clipnorm)`, 'clipping of each weight by itself is not modelled', compiled.source);
  const choice: OptimizerChoice = {
    kind: row.kind,
    settings,
    ...(clipping && { clipping }),
    origin: `compile(optimizer='${found.name}'), ${lineText(compiled.source)}`,
  };
  try {
    settingsFor(choice);
    return choice;
  } catch (error) {
    if (!(error instanceof AttributeError)) throw error;
    note(found.name, `${error.message}; an assumed optimizer stands in its place`, compiled.source);
    return ASSUMED_OPTIMIZER;
  }
}
