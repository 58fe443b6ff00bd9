import type { Span } from '../../../network';
import type { BuiltinRow } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { classAttribute } from '../../python/evaluator/classes';
import { unread } from '../../python/evaluator/importing';
import {
  type Arguments,
  bool,
  builtin,
  type ClassValue,
  dict,
  float,
  hashKey,
  int,
  list,
  positional,
  string,
  unknown,
  type Value,
} from '../../python/values';
import { parsedText, shown } from '../settings';
import { type PublishedConfiguration, publishedConfiguration } from './publishedConfigurations';

/** How a person mends it where nothing is known of a name. */
const MEND =
  'save its config.json in a folder of the workspace and name that folder, or make the model of a configuration, as in AutoModel.from_config(BertConfig())';

/** What `from_pretrained` is told about finding and loading weights, and not about the network. */
const LOADING =
  /^(cache_dir|force_download|resume_download|proxies|local_files_only|token|use_auth_token|revision|subfolder|trust_remote_code|code_revision|low_cpu_mem_usage|device_map|max_memory|offload_\w+|quantization_config|load_in_\w+|ignore_mismatched_sizes|state_dict|from_tf|from_flax|output_loading_info|use_safetensors|variant|weights_only|dtype|torch_dtype|config|mirror|key_mapping|return_unused_kwargs|_from_auto|adapter_kwargs|tp_plan|use_kernels)$/;

type Setting = PublishedConfiguration['settings'][string];

function settingValue(setting: Setting): Value {
  if (typeof setting === 'string') return string(setting);
  if (typeof setting === 'boolean') return bool(setting);
  if (typeof setting === 'number') return Number.isInteger(setting) ? int(setting) : float(setting);
  return list(setting.map(string));
}

const asDict = (settings: PublishedConfiguration['settings']): Value =>
  dict(Object.entries(settings).map(([name, setting]) => [string(name), settingValue(setting)] as const));

/** Attention as PyTorch computes it, in place of another package's kernels for the same. */
const withoutKernels = (value: Value | undefined): Value | undefined =>
  value?.type === 'string' && value.value !== 'eager' ? string('sdpa') : value;

/** What a configuration's class says its models' type is. */
const typeOf = (of: ClassValue): string | undefined => {
  const type = classAttribute(of, 'model_type');
  return type?.type === 'string' && type.value !== '' ? type.value : undefined;
};

/** A name of transformers' own, by the file that defines it. */
function ofTransformers(module: string, name: string, run: Evaluation): Value | undefined {
  const file = run.imports.find(`transformers.${module}`, run.document);
  return file && run.imports.member(file, name);
}

/** The class of the configurations of a `model_type`, as transformers registers it. */
function registered(type: string, site: Span, run: Evaluation): ClassValue | undefined {
  const mapping = ofTransformers('models.auto.configuration_auto', 'CONFIG_MAPPING', run);
  if (!mapping || run.contains(mapping, string(type), site) !== true) return undefined;
  const found = run.subscript(mapping, string(type), site);
  return found.type === 'class' ? found : undefined;
}

/** The type whose name stands in a model's: the longest, as transformers takes it where a configuration says none. */
function typeInName(name: string, run: Evaluation): string | undefined {
  const names = ofTransformers('models.auto.auto_mappings', 'CONFIG_MAPPING_NAMES', run);
  const entries =
    names?.type === 'dict'
      ? names.entries
      : names?.type === 'instance' && names.held?.type === 'dict'
        ? names.held.entries
        : undefined;
  const written = name.toLowerCase();
  const types = [...(entries?.values() ?? [])].flatMap(({ key }) => (key.type === 'string' ? [key.value] : []));
  return types.sort((a, b) => b.length - a.length).find((type) => written.includes(type));
}

/** `config.json` of a folder of the workspace, or the JSON file itself. */
function beside(name: string, site: Span, run: Evaluation): Value | undefined {
  const file = /\.json$/i.test(name) ? name : `${name.replace(/\/+$/, '')}/config.json`;
  const text = run.imports.configuration(file, run.document);
  return text === undefined ? undefined : parsedText(file, text, site);
}

const entryOf = (settings: Value, name: string): Value | undefined =>
  settings.type === 'dict' ? settings.entries.get(hashKey(string(name))!)?.value : undefined;

function assume(what: string, why: string, source: Span, run: Evaluation): void {
  const { assumptions } = run.findings;
  if (!assumptions.some((each) => each.what === what && each.why === why)) assumptions.push({ what, why, source });
}

/**
 * The configuration of a name: of a file of the workspace; else, as it is on the hub, what is published of the commonest
 * names; else the defaults of its class, which is said. `of` is the class where the caller is one.
 */
function configurationOf(
  name: string,
  of: ClassValue | undefined,
  args: Arguments,
  site: Span,
  run: Evaluation,
): Value {
  const make = (by: ClassValue, settings: Value): Value => {
    const keywords = new Map([...args.keywords].filter(([key]) => !LOADING.test(key)));
    const attention = withoutKernels(keywords.get('attn_implementation'));
    if (attention) keywords.set('attn_implementation', attention);
    return run.call(run.attribute(by, 'from_dict', site), { positional: [settings], keywords }, site);
  };
  const written = beside(name, site, run);
  if (written?.type === 'unknown') return written;
  if (written) {
    const type = entryOf(written, 'model_type');
    const by = of ?? (type?.type === 'string' ? registered(type.value, site, run) : undefined);
    if (by) return make(by, written);
    const what =
      type?.type === 'string'
        ? `its model_type '${shown(type.value)}' is none that transformers has`
        : 'it says no model_type';
    return unknown(`${shown(name)}: ${what}`, site);
  }
  if (/^[./~]|\\/.test(name))
    return unknown(`from_pretrained: there is no config.json in '${shown(name)}' in the workspace; ${MEND}`, site);
  const published = publishedConfiguration(name);
  const type = (of && typeOf(of)) ?? published?.type ?? typeInName(name, run);
  const by = of ?? (type === undefined ? undefined : registered(type, site, run));
  if (!by) return unknown(`from_pretrained: the configuration of '${shown(name)}' is not here; ${MEND}`, site);
  const fits = published !== undefined && published.type === type;
  assume(
    `the configuration of '${shown(name)}'`,
    fits
      ? `it is not here; the sizes that are published for ${published.name} stand for it`
      : `it is not here; the defaults of ${by.name} stand for it: ${MEND}`,
    site,
    run,
  );
  return make(by, asDict(fits ? published.settings : {}));
}

/**
 * `from_pretrained` of a model's class, of an AutoModel, or of a configuration: the network that it makes, without its
 * trained weights. `config=` wins over the name.
 */
export const fromPretrained: BuiltinRow = (args, site, run) => {
  const [of, first] = args.positional;
  if (of?.type !== 'class') {
    const path = 'transformers';
    return unknown(`from_pretrained: what it loads is not known before running${unread(path, run)}`, site);
  }
  const name = first ?? args.keywords.get('pretrained_model_name_or_path');
  const auto = classAttribute(of, '_model_mapping');
  const own = classAttribute(of, 'config_class');
  const isModule = of.resolution.some(({ path }) => path !== undefined && run.framework.moduleBases.includes(path));
  const isModel = auto !== undefined || isModule;
  const given = args.keywords.get('config');
  let config = given?.type === 'instance' ? given : undefined;
  if (!config) {
    if (name?.type === 'unknown') return name;
    if (name?.type !== 'string')
      return unknown('from_pretrained: which model it loads is not known before running', site);
    const by = own?.type === 'class' ? own : isModel || of.name === 'AutoConfig' ? undefined : of;
    if (isModule && !auto && !by && own?.type !== 'unknown')
      return unknown(
        `from_pretrained: the configuration of '${shown(name.value)}' is not here, and ${of.name} names no config_class; ${MEND}`,
        site,
      );
    const found = configurationOf(name.value, by, args, site, run);
    if (found.type !== 'instance') return found;
    config = found;
  }
  if (!isModel) return config;
  return run.call(auto ? run.attribute(of, 'from_config', site) : of, positional(config), site);
};

/** `_from_config`: its class of the configuration; the rest of it is about number types and devices. */
export const fromConfig: BuiltinRow = (args, site, run) => {
  const [of, config] = args.positional;
  if (of?.type !== 'class' || !config) return unknown('which model it makes is not known before running', site);
  const attention = withoutKernels(args.keywords.get('attn_implementation'));
  if (attention && config.type === 'instance') run.setAttribute(config, '_attn_implementation', attention, site);
  return run.call(of, positional(config), site);
};

/**
 * A tokenizer, which is not read: of the commonest names it has as many words as their model's configuration, and that is
 * said; all else of it is not known.
 */
export const tokenizerFrom: BuiltinRow = (args, site, run) => {
  const name = args.positional[0] ?? args.keywords.get('pretrained_model_name_or_path');
  const rest = unknown('a tokenizer is not read', site);
  const published = name?.type === 'string' ? publishedConfiguration(name.value) : undefined;
  const by = published && registered(published.type, site, run);
  if (!published || !by || name?.type !== 'string') return rest;
  const config = run.call(run.attribute(by, 'from_dict', site), positional(asDict(published.settings)), site);
  const size = config.type === 'instance' ? run.findAttribute(config, 'vocab_size', site) : undefined;
  if (size?.type !== 'int') return rest;
  const what = `the tokenizer of '${shown(name.value)}'`;
  const length = (): Value => {
    assume(what, `it is not here; the ${size.value} words of ${published.name}'s model stand for its own`, site, run);
    return size;
  };
  const resolution: ClassValue[] = [];
  const of: ClassValue = {
    type: 'class',
    name: 'Tokenizer',
    resolution,
    unknownBase: rest,
    attributes: new Map<string, Value>([
      ['__len__', builtin('__len__', length)],
      ['vocab_size', { type: 'property', getter: builtin('vocab_size', length) }],
    ]),
  };
  resolution.push(of);
  return { type: 'instance', class: of, attributes: new Map() };
};
