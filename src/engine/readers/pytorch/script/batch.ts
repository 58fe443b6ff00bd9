import { lineText, type SourceDocument, type Span } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import { asNumber, type RecordValue, truth, type Value } from '../../python/values';
import { DEFAULT_BATCH, type ReadOptions } from '../../reader';
import type { Directives } from './directives';
import { saysHeldOut, words } from './heldOut';

export interface BatchChoice {
  readonly size: number;
  readonly origin: string;
}

/** The text that a span covers. */
function textOf(document: SourceDocument, { cell, start, end }: Span): string {
  const { text } = document.cells?.find((each) => each.cell === cell) ?? document;
  const lines = text.split('\n').slice(start.line - 1, end.line);
  if (lines.length === 0) return '';
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

/** Whether a DataLoader serves testing: its variable or its dataset says so. */
function isHeldOut(loader: RecordValue, run: Evaluation): boolean {
  if (loader.names.some((name) => words(name).includes('train'))) return false;
  if (loader.names.some(saysHeldOut)) return true;
  const dataset =
    textOf(run.document, loader.source)
      .replace(/^[^(]*\(/, '')
      .split(/,\s*\w+\s*=/)[0] ?? '';
  return saysHeldOut(dataset) && !words(dataset).includes('train');
}

/** A DataLoader, and its batch size where that is known. */
interface Loader {
  readonly record: RecordValue;
  readonly size: number | undefined;
}

/** A positive whole number. */
const whole = (value: Value | undefined): number | undefined => {
  const number = value && asNumber(value);
  return number !== undefined && Number.isInteger(number) && number >= 1 ? number : undefined;
};

/** The loader that feeds training, never a test loader: by its names, else one that shuffles, else the first. */
export function trainingLoader(run: Evaluation): Loader | undefined {
  const loaders = run.findings.records.flatMap((record): Loader[] => {
    if (!/(^|\.)DataLoader$/.test(record.path) || isHeldOut(record, run)) return [];
    const { keywords, positional } = record.args;
    return [{ record, size: whole(keywords.get('batch_size') ?? positional[1] ?? { type: 'int', value: 1 }) }];
  });
  const named = loaders.filter(({ record }) => record.names.some((name) => words(name).includes('train')));
  const shuffled = loaders.filter(({ record }) => truth(record.args.keywords.get('shuffle') ?? { type: 'none' }));
  const known = (among: readonly Loader[]) => among.find(({ size }) => size !== undefined);
  return known(named) ?? known(shuffled) ?? known(loaders) ?? loaders[0];
}

/** The batch size of the loader that feeds training. */
function fromLoader(run: Evaluation): BatchChoice | undefined {
  const loader = trainingLoader(run);
  return loader?.size === undefined
    ? undefined
    : { size: loader.size, origin: `DataLoader(batch_size=${loader.size}), line ${loader.record.source.start.line}` };
}

/** What Hugging Face's trainer takes a device. */
function fromTrainer(run: Evaluation): BatchChoice | undefined {
  for (const { path, args, source } of run.findings.records) {
    if (!/TrainingArguments$/.test(path)) continue;
    const said = args.keywords.get('per_device_train_batch_size') ?? args.keywords.get('per_gpu_train_batch_size');
    // The trainer's own default.
    if (!said) return { size: 8, origin: `TrainingArguments's default, line ${source.start.line}` };
    const size = whole(said);
    if (size !== undefined)
      return { size, origin: `TrainingArguments(per_device_train_batch_size=${size}), line ${source.start.line}` };
  }
  return undefined;
}

/** A name like BATCH_SIZE, in a file that has no loader whose batch size is known. */
function fromName(run: Evaluation): BatchChoice | undefined {
  const [first] = run.findings.batchSizes.filter(({ value }) => Number.isInteger(value) && value >= 1);
  return first && { size: first.value, origin: `${first.name}, ${lineText(first.source)}` };
}

/** The default of an argument of the script's command line with such a name, which some loop of its own cuts batches by. */
function fromArgument(run: Evaluation): BatchChoice | undefined {
  for (const [name, value] of run.findings.arguments) {
    const size = /^(train_?)?(batch_?size|bsz?)$/i.test(name) ? whole(value) : undefined;
    if (size !== undefined) return { size, origin: `--${name} of the script` };
  }
  return undefined;
}

/** The batch: what the person says, a directive, the script, else the default. */
export function batchOf(
  run: Evaluation,
  options: ReadOptions,
  directives: Directives,
  example?: BatchChoice,
): BatchChoice {
  if (options.batch !== undefined) return { size: options.batch, origin: options.givenBy ?? '--batch' };
  if (directives.batch)
    return { size: directives.batch.size, origin: `directive, ${lineText(directives.batch.source)}` };
  return (
    fromLoader(run) ??
    fromTrainer(run) ??
    fromName(run) ??
    fromArgument(run) ??
    example ?? { size: DEFAULT_BATCH, origin: 'default' }
  );
}
