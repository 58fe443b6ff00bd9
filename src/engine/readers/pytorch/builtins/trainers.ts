import { InputError, type Span } from '../../../network';
import { type BuiltinRow, type BuiltinTable, rowOf } from '../../python/builtins/row';
import { BudgetExceeded, type Evaluation, PythonError } from '../../python/evaluator';
import {
  type Arguments,
  argument,
  NO_ARGUMENTS,
  NONE,
  positional,
  type RecordValue,
  unknown,
  type Value,
} from '../../python/values';
import { readOpened } from '../settings';
import { moduleMethods } from './moduleMethods';
import { record } from './training';
import { preparing } from './wrappers';

/** Makes the loader that a data module trains with, for what it says. What it lacks, as `setup` finds that on a disk, is not known. */
function loaderOf(data: Value, site: Span, run: Evaluation): void {
  if (data.type !== 'instance') return;
  const make = run.findAttribute(data, 'train_dataloader', site);
  try {
    if (make) run.call(make, NO_ARGUMENTS, site);
  } catch (error) {
    if (!(error instanceof PythonError || error instanceof BudgetExceeded || error instanceof InputError)) throw error;
  }
}

/** `trainer.fit(model, loader)`: a data module's loader is the training's. */
const fit: BuiltinRow = (args, site, run) => {
  for (const given of [...args.positional.slice(2), ...args.keywords.values()]) loaderOf(given, site, run);
  return NONE;
};

/** Lightning's command line: a model and a data module of their defaults. */
const lightningCommandLine: BuiltinRow = (args, site, run) => {
  const [model, data] = [
    args.positional[0] ?? args.keywords.get('model_class'),
    args.positional[1] ?? args.keywords.get('datamodule_class'),
  ];
  if (model?.type === 'class') run.call(model, NO_ARGUMENTS, site);
  if (data?.type === 'class') loaderOf(run.call(data, NO_ARGUMENTS, site), site, run);
  return unknown('what the command line of Lightning keeps is not known', site);
};

/** The arguments of a call that begin with a prefix, without it: `module__width`. */
const prefixed = (args: Arguments, prefix: string): Map<string, Value> =>
  new Map(
    [...args.keywords].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );

/** What skorch takes where nobody says it. */
const SKORCH_BATCH = 128;

/** A network of skorch's: the module with its arguments, and loss, optimizer and batch as it is told. */
const skorch =
  (loss: string | undefined): BuiltinRow =>
  (args, site, run) => {
    const of = args.positional[0] ?? args.keywords.get('module');
    const model =
      of?.type === 'class' || of?.type === 'function'
        ? run.call(of, { positional: [], keywords: prefixed(args, 'module__') }, site)
        : of;
    if (model?.type !== 'module') return unknown('which module skorch trains is not known', site);
    const parameters = moduleMethods.parameters!(positional(model), site, run);
    const given = args.keywords.get('optimizer') ?? run.library('torch.optim.SGD');
    const settings = new Map([
      ['lr', args.keywords.get('lr') ?? { type: 'float' as const, value: 0.01 }],
      ...prefixed(args, 'optimizer__'),
    ]);
    run.call(given, { positional: [parameters], keywords: settings }, site);
    const criterion = args.keywords.get('criterion') ?? (loss === undefined ? undefined : run.library(loss));
    if (criterion && criterion.type !== 'module')
      run.call(criterion, { positional: [], keywords: prefixed(args, 'criterion__') }, site);
    const batch = args.keywords.get('iterator_train__batch_size') ??
      args.keywords.get('batch_size') ?? { type: 'int' as const, value: SKORCH_BATCH };
    const loader = new Map<string, Value>([['batch_size', batch], ...prefixed(args, 'iterator_train__')]);
    record('torch.utils.data.DataLoader', { positional: [NONE], keywords: loader }, site, run);
    return model;
  };

/** What trains models by itself, by full names. */
export const trainerFunctions: BuiltinTable = {
  'lightning.pytorch.cli.LightningCLI': lightningCommandLine,
  'pytorch_lightning.cli.LightningCLI': lightningCommandLine,
  'pytorch_lightning.utilities.cli.LightningCLI': lightningCommandLine,
  'skorch.NeuralNet': skorch(undefined),
  'skorch.NeuralNetClassifier': skorch('torch.nn.NLLLoss'),
  'skorch.NeuralNetBinaryClassifier': skorch('torch.nn.BCEWithLogitsLoss'),
  'skorch.NeuralNetRegressor': skorch('torch.nn.MSELoss'),
  'skorch.classifier.NeuralNetClassifier': skorch('torch.nn.NLLLoss'),
  'skorch.regressor.NeuralNetRegressor': skorch('torch.nn.MSELoss'),
};

const ofTrainer: BuiltinTable = { fit };

/** Methods of what a library's call gave, which stands first: a trainer, an accelerator, an opened file. */
export function recordMethod({ path }: RecordValue, name: string): BuiltinRow | undefined {
  if (path === 'builtins.open') return name === 'read' ? readOpened : undefined;
  if (/(^|\.)(Accelerator|Fabric)$/.test(path)) return rowOf(preparing, name);
  return /(^|\.)Trainer$/.test(path) ? rowOf(ofTrainer, name) : undefined;
}

export const isDataModule = (path: string): boolean =>
  /^(pytorch_lightning|lightning(\.pytorch)?|pl)\.(core\.)?LightningDataModule$/.test(path);

/** What Lightning's data modules have of their own. */
export const dataModuleMethods: BuiltinTable = {
  prepare_data: () => NONE,
  setup: () => NONE,
  teardown: () => NONE,
  from_datasets: (args, site, run) => {
    const keywords = new Map([['batch_size', args.keywords.get('batch_size') ?? { type: 'int' as const, value: 1 }]]);
    record('torch.utils.data.DataLoader', { positional: [argument(args, 0)], keywords }, site, run);
    return NONE;
  },
};
