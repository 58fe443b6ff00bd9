import { lineText, type SourceDocument, type Span } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import { asNumber, type RecordValue, truth } from '../../python/values';
import { DEFAULT_BATCH, type ReadOptions } from '../../reader';
import type { Directives } from './directives';

export interface BatchChoice {
  readonly size: number;
  readonly origin: string;
}

const HELD_OUT = new Set([
  'test',
  'testing',
  'val',
  'valid',
  'validation',
  'eval',
  'evaluation',
  'dev',
  'infer',
  'inference',
  'predict',
  'holdout',
]);

/** The words of a name: `val_loader` and `valLoader` are both val, loader. */
const words = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);

const saysHeldOut = (text: string): boolean => words(text).some((word) => HELD_OUT.has(word));

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

/** The batch size of the loader that feeds training; never a test loader's. */
function fromLoader(run: Evaluation): BatchChoice | undefined {
  const loaders = run.findings.records.flatMap((record) => {
    const size =
      record.path === 'torch.utils.data.DataLoader'
        ? asNumber(record.args.keywords.get('batch_size') ?? record.args.positional[1] ?? { type: 'int', value: 1 })
        : undefined;
    return size !== undefined && Number.isInteger(size) && size >= 1 && !isHeldOut(record, run)
      ? [{ record, size }]
      : [];
  });
  const named = loaders.find(({ record }) => record.names.some((name) => words(name).includes('train')));
  const shuffled = loaders.find(({ record }) => truth(record.args.keywords.get('shuffle') ?? { type: 'none' }));
  const chosen = named ?? shuffled ?? loaders[0];
  return (
    chosen && {
      size: chosen.size,
      origin: `DataLoader(batch_size=${chosen.size}), ${lineText(chosen.record.source)}`,
    }
  );
}

/** A name like BATCH_SIZE, in a file that has no loader whose batch size is known. */
function fromName(run: Evaluation): BatchChoice | undefined {
  const [first] = run.findings.batchSizes.filter(({ value }) => Number.isInteger(value) && value >= 1);
  return first && { size: first.value, origin: `${first.name}, ${lineText(first.source)}` };
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
  return fromLoader(run) ?? fromName(run) ?? example ?? { size: DEFAULT_BATCH, origin: 'default' };
}
