import type { Framework } from '../../python/evaluator';
import { usualArgument } from '../assumedArguments';
import { builtinLibrary } from './library';
import { OTHER_MODULE_METHODS } from './moduleMethods';
import { SILENT } from './torch';

/** Python's names with PyTorch's. */
export const pytorch: Framework = {
  meanings: builtinLibrary,
  silent: SILENT,
  otherModuleMethods: OTHER_MODULE_METHODS,
  moduleBases: ['torch.nn.Module'],
  usualArgument,
  knownWithin:
    /^transformers\.(utils|masking_utils|modeling_rope_utils|integrations|modeling_utils|models\.auto\.auto_factory)(\.|$)/,
  modelled: (path) =>
    /^(torch|einops|gym|gymnasium|math|typing|functools|collections|itertools|numpy|dataclasses|enum|abc|copy|argparse|torchvision\.(datasets|transforms))(\.|$)/.test(
      path,
    ),
};
