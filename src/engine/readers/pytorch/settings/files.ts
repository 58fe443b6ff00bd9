import { parse } from 'yaml';
import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { checkSize, type Evaluation } from '../../python/evaluator';
import {
  argument,
  bool,
  dict,
  float,
  int,
  list,
  NONE,
  positional,
  string,
  unknown,
  type Value,
} from '../../python/values';
import { pathText } from './paths';

const UNPLACED: Span = { uri: '', start: { line: 1, column: 1 }, end: { line: 1, column: 1 }, hash: '' };

/** A file's data as Python has it. `count` holds what is made to the reader's limits. */
function pythonValue(data: unknown, count: { made: number }): Value {
  checkSize(++count.made);
  if (typeof data === 'boolean') return bool(data);
  if (typeof data === 'number') return Number.isInteger(data) ? int(data) : float(data);
  if (typeof data === 'string') {
    // YAML 1.1, which PyYAML reads, takes 1e-3 for a word; torch is given the number all the same.
    return /^[+-]?\d+(\.\d*)?[eE][+-]?\d+$/.test(data) ? float(Number(data)) : string(data);
  }
  if (Array.isArray(data)) return list(data.map((item) => pythonValue(item, count)));
  if (data !== null && typeof data === 'object')
    return dict(Object.entries(data).map(([key, item]) => [string(key), pythonValue(item, count)] as const));
  return NONE;
}

/** A text of the file's in a sentence: one line, and not too long. */
export const shown = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 80);

/** The settings that a text holds, JSON or YAML by its name; an unknown value where it does not parse. */
export function parsedText(name: string, text: string, site: Span): Value {
  try {
    return pythonValue(/\.json$/i.test(name) ? JSON.parse(text) : parse(text, { logLevel: 'error' }), { made: 0 });
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'BudgetExceeded') throw error;
    return unknown(`${shown(name)} does not parse: ${error.message.split('\n')[0]}`, site);
  }
}

/** A word of a configuration as YAML reads it. */
export function scalar(text: string): Value {
  const value = parsedText('a setting', text, UNPLACED);
  return /^(string|dict|list|unknown)$/.test(value.type) ? string(text.trim().replace(/^(['"])(.*)\1$/, '$2')) : value;
}

/** The text of a configuration of the workspace; an unknown value where none may be read. */
export function configurationText(name: Value, site: Span, run: Evaluation): string | Value {
  const path = pathText(name);
  if (path === undefined)
    return name.type === 'unknown' ? name : unknown('which file this is is not known before running', site);
  if (/\.toml$/i.test(path)) return unknown(`${shown(path)} is not read: settings are read from YAML and JSON`, site);
  return (
    run.imports.configuration(path, run.document) ??
    unknown(`${shown(path)} is not read: it is no configuration of the workspace`, site)
  );
}

/** What `open(…)` was given. */
const opened = (value: Value): Value | undefined =>
  value.type === 'record' && value.path === 'builtins.open' ? argument(value.args, 0) : undefined;

/** `yaml.safe_load(open('config.yaml'))`: the file's settings, where it lies in the workspace; text itself is parsed. */
const load =
  (name: string): BuiltinRow =>
  (args, site, run) => {
    const given = argument(args, 0);
    const hook = args.keywords.get('object_hook');
    const made = (of: string, text: string): Value => {
      const value = parsedText(of, text, site);
      return hook ? hooked(value, hook, site, run) : value;
    };
    if (given.type === 'string') return made(name, given.value);
    const file = opened(given) ?? given;
    const text = configurationText(file, site, run);
    return typeof text === 'string' ? made(pathText(file)!, text) : text;
  };

/** `object_hook` of json: called for every dictionary, the innermost first. */
function hooked(value: Value, hook: Value, site: Span, run: Evaluation): Value {
  if (value.type === 'list') return list(value.items.map((item) => hooked(item, hook, site, run)));
  if (value.type !== 'dict') return value;
  const inner = [...value.entries.values()].map(
    ({ key, value: each }) => [key, hooked(each, hook, site, run)] as const,
  );
  return run.call(hook, positional(dict(inner)), site);
}

/** `f.read()` of a configuration that `open` was given. */
export const readOpened: BuiltinRow = (args, site, run) => {
  const text = configurationText(opened(argument(args, 0)) ?? NONE, site, run);
  return typeof text === 'string' ? string(text) : text;
};

/** Functions that read settings from a file or a text. */
export const configurationFunctions: BuiltinTable = {
  'yaml.safe_load': load('the text'),
  'yaml.load': load('the text'),
  'yaml.full_load': load('the text'),
  'yaml.unsafe_load': load('the text'),
  'json.load': load('the text.json'),
  'json.loads': load('the text.json'),
  'toml.load': (args, site, run) => {
    const text = configurationText(opened(argument(args, 0)) ?? argument(args, 0), site, run);
    return typeof text === 'string' ? unknown('TOML is not read', site) : text;
  },
  'tomllib.load': (args, site, run) => configurationFunctions['toml.load']!(args, site, run),
  'tomli.load': (args, site, run) => configurationFunctions['toml.load']!(args, site, run),
};
