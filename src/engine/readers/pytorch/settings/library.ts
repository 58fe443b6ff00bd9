import { type BuiltinRow, type BuiltinTable, rowOf } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import {
  argument,
  type ClassValue,
  type InstanceValue,
  instanceOf,
  NONE,
  positional,
  string,
  type Value,
} from '../../python/values';
import { argumentParser } from './arguments';
import { dataclassParser, fieldClasses, pydanticModel } from './classes';
import { commandLines, flags, typerClass } from './commandLines';
import type { MakeClass, SettingsContext } from './context';
import { configurationFunctions } from './files';
import { hydra } from './hydra';
import { isMappingClass, mappingClass, settingsObject } from './mapping';
import { omegaConf } from './omegaConf';
import { pathClass } from './paths';

const OMEGACONF = /^omegaconf\.OmegaConf\.(\w+)$/;

/** Other names of the same. */
const canonical = (path: string): string =>
  path
    .replace(/^omegaconf\.(dictconfig|omegaconf)\./, 'omegaconf.')
    .replace(/^yacs\.config\.CfgNode$|^fvcore\.common\.config\.CfgNode$/, 'yacs.config.CfgNode')
    .replace(/^ml_collections\.config_dict\./, 'ml_collections.')
    .replace(/^pathlib\.(PurePath|PosixPath|PurePosixPath)$/, 'pathlib.Path')
    .replace(
      /^pydantic(\.main)?\.BaseModel$|^pydantic_settings\.BaseSettings$|^pydantic\.BaseSettings$/,
      'pydantic.BaseModel',
    )
    .replace(/^(rich_click|asyncclick)\./, 'click.');

/** What names of libraries that keep settings mean, for one reading. */
export function settingsLibrary(run: Evaluation, makeClass: MakeClass) {
  const context: SettingsContext = { run, makeClass, resolvers: new Map(), store: new Map(), single: new Map() };
  const rows: BuiltinTable = {
    ...configurationFunctions,
    ...commandLines(context),
    ...fieldClasses(context),
    ...hydra(context),
    'omegaconf.open_dict': () => NONE,
    'omegaconf.read_write': () => NONE,
    'omegaconf.II': (args) => {
      const name = argument(args, 0);
      return name.type === 'string' ? string(`\${${name.value}}`) : name;
    },
    /** What a run is told stands in `wandb.config`. */
    'wandb.init': (args, site) => {
      const [config, given] = [wandbConfig(), args.keywords.get('config')];
      if (given) run.call(run.attribute(config, 'update', site), positional(given), site);
      return instanceOf('Run', { config });
    },
  };
  const functions = omegaConf(context);

  function wandbConfig(): InstanceValue {
    const known = context.single.get('wandb');
    const made = known ?? settingsObject(run.libraryClass('wandb.Config')!, { type: 'dict', entries: new Map() });
    context.single.set('wandb', made);
    return made;
  }

  /** A namespace: its arguments are its attributes. */
  const namespaceRows: BuiltinTable = {
    __init__(args) {
      const self = argument(args, 0) as InstanceValue;
      for (const [name, value] of args.keywords) self.attributes.set(name, value);
      return NONE;
    },
  };

  return {
    row(given: string): BuiltinRow | undefined {
      const path = canonical(given);
      const name = OMEGACONF.exec(path)?.[1];
      return (name === undefined ? undefined : rowOf(functions, name)) ?? rowOf(rows, path);
    },
    class(given: string): ClassValue | undefined {
      const path = canonical(given);
      if (path !== given) return run.libraryClass(path);
      if (isMappingClass(path)) return mappingClass(path, context);
      if (path === 'pathlib.Path') return pathClass(context);
      if (path === 'tap.Tap') return makeClass(path, [], { parse_args: (args) => argument(args, 0) });
      if (/^(argparse|configargparse|simple_parsing|jsonargparse)\.(Argument|Arg)Parser$/.test(path))
        return makeClass(path, [], argumentParser);
      if (path === 'typer.Typer') return typerClass(context);
      if (path === 'pydantic.BaseModel') return pydanticModel(context);
      if (/^(transformers\.HfArgumentParser|trl\.TrlParser)$/.test(path)) return dataclassParser(path, context);
      return path === 'argparse.Namespace' ? makeClass(path, [], namespaceRows) : undefined;
    },
    constant(path: string): Value | undefined {
      if (path === 'absl.flags.FLAGS') return flags(context);
      if (path === 'wandb.config') return wandbConfig();
      return path === 'omegaconf.MISSING' ? string('???') : undefined;
    },
  };
}
