import type { BuiltinTable } from '../../python/builtins/row';
import {
  argument,
  type ClassValue,
  dict,
  type InstanceValue,
  type ModuleValue,
  NONE,
  string,
  type Value,
} from '../../python/values';

/** Settings that are reached as attributes and as items. */
function settingsOf(values: ReadonlyMap<string, Value>): InstanceValue {
  const resolution: ClassValue[] = [];
  const of: ClassValue = { type: 'class', name: 'AttributeDict', resolution, attributes: new Map() };
  resolution.push(of);
  const held = dict([...values].map(([name, value]) => [string(name), value] as const));
  return { type: 'instance', class: of, attributes: new Map(values), held };
}

/** What an argument of `save_hyperparameters` says: settings by name. */
function namedValues(value: Value): [string, Value][] {
  if (value.type === 'dict')
    return [...value.entries.values()].flatMap(({ key, value: each }) =>
      key.type === 'string' ? [[key.value, each] as [string, Value]] : [],
    );
  return value.type === 'instance' ? [...value.attributes] : [];
}

/** What Lightning's modules have beside PyTorch's: settings from the constructor's arguments, and logs that say nothing here. */
export const lightningMethods: BuiltinTable = {
  save_hyperparameters(args) {
    const module = argument(args, 0) as ModuleValue | InstanceValue;
    const given = args.positional.slice(1);
    const wanted = given.flatMap((each) => (each.type === 'string' ? [each.value] : []));
    const all = [...(module.constructed ?? [])].filter(([name]) => wanted.length === 0 || wanted.includes(name));
    const whole = given.find(({ type }) => type === 'dict' || type === 'instance');
    module.attributes.set('hparams', settingsOf(new Map(whole ? namedValues(whole) : all)));
    return NONE;
  },
  log: () => NONE,
  log_dict: () => NONE,
  print: () => NONE,
};
