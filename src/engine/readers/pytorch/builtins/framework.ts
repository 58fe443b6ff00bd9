import type { Framework } from '../../python/evaluator';
import { usualArgument } from '../assumedArguments';
import { passedEnvironment } from './environments';
import { builtinLibrary } from './library';
import { OTHER_MODULE_METHODS } from './moduleMethods';
import { SILENT } from './torch';

/** Libraries whose names stand in tables here. */
const MODELLED =
  /^(torch|einops|numpy|math|typing|functools|collections|itertools|dataclasses|enum|abc|copy|argparse|gym|gymnasium|torchvision\.(datasets|transforms))(\.|$)/;

/** Packages that say nothing of a network, or what stands in tables here: their files are not opened where they are installed. */
const CLOSED = new RegExp(
  `^(${[
    'huggingface_hub|safetensors|tokenizers|datasets|evaluate',
    'hydra|omegaconf|easydict|ml_collections|yacs|munch|box|attrdict|dotmap|addict|yaml|toml|tomli',
    'absl|click|rich_click|typer|fire|tyro|tap|simple_parsing|jsonargparse|configargparse|pydantic|pydantic_settings|attr|attrs',
    'lightning|pytorch_lightning|lightning_fabric|lightning_utilities|torchmetrics|accelerate|deepspeed|peft|skorch|ignite|fastai|fastcore',
    'wandb|mlflow|comet_ml|clearml|optuna|ray|tensorboard|tensorboardX|matplotlib|seaborn|pandas|sklearn|scipy|tqdm|rich|loguru',
  ].join('|')})(\\.|$)`,
);

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
  closed: (path) => CLOSED.test(path),
  modelled: (path) => MODELLED.test(path) || AROUND_TRANSFORMERS.test(path),
};
