import type { Framework } from '../../python/evaluator';
import { usualArgument } from '../assumedArguments';
import { passedEnvironment } from './environments';
import { builtinLibrary } from './library';
import { OTHER_MODULE_METHODS } from './moduleMethods';
import { SILENT } from './torch';

/** What transformers has around its models, by the names that scripts import: none of it is read. */
const AROUND_TRANSFORMERS =
  /^transformers\.(\w*(Tokenizer(Fast)?|Processor|FeatureExtractor|Trainer|TrainingArguments|Callback|Streamer)|DataCollator\w*|pipeline|set_seed|HfArgumentParser|get_\w*schedule\w*)$/;

/** Python's names with PyTorch's. */
export const pytorch: Framework = {
  meanings: builtinLibrary,
  silent: SILENT,
  otherModuleMethods: OTHER_MODULE_METHODS,
  moduleBases: ['torch.nn.Module'],
  usualArgument,
  passed: passedEnvironment,
  knownWithin:
    /^transformers\.(utils|masking_utils|modeling_rope_utils|integrations|modeling_utils|configuration_utils|models\.auto\.(auto_factory|configuration_auto|modeling_auto))(\.|$)|^ultralytics\.(nn\.tasks|utils)$/,
  modelled: (path) =>
    /^(torch|einops|gym|gymnasium|math|typing|functools|collections|itertools|numpy|dataclasses|enum|abc|copy|argparse|torchvision\.(datasets|transforms))(\.|$)/.test(
      path,
    ) || AROUND_TRANSFORMERS.test(path),
};
