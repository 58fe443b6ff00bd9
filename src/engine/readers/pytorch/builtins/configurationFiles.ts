import { parse } from 'yaml';
import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { checkSize } from '../../python/evaluator/budget';
import { argument, bool, dict, float, int, list, NONE, string, unknown, type Value } from '../../python/values';

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

/** The settings that a file's text holds, JSON or YAML by its name; an unknown value where it does not parse. */
export function parsedSettings(name: string, text: string, site: Span): Value {
  try {
    return pythonValue(/\.json$/i.test(name) ? JSON.parse(text) : parse(text, { logLevel: 'error' }), { made: 0 });
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'BudgetExceeded') throw error;
    return unknown(`${name} does not parse: ${error.message.split('\n')[0]}`, site);
  }
}

/** `yaml.safe_load(open('config.yaml'))`: the file's settings, where it lies in the workspace. */
const load: BuiltinRow = (args, site, run) => {
  const given = argument(args, 0);
  const name = given.type === 'record' && given.path === 'builtins.open' ? argument(given.args, 0) : given;
  if (name.type !== 'string') return unknown('which file this is is not known before running', site);
  const text = run.imports.configuration(name.value, run.document);
  if (text === undefined) return unknown(`${name.value} is not read: it is no configuration of the workspace`, site);
  return parsedSettings(name.value, text, site);
};

/** Functions that read settings from a file. */
export const configurationFunctions: BuiltinTable = {
  'yaml.safe_load': load,
  'yaml.load': load,
  'yaml.full_load': load,
  'json.load': load,
};
