import { kerasFans } from '../../layers';
import {
  constant,
  type Initialization,
  kerasInitializations,
  normal,
  orthogonal,
  sourceDocument,
  spanOf,
  truncatedNormal,
  uniform,
} from '../../network';
import { asNumber, type DictValue, type RecordValue, type Value } from '../python/values';
import { snakeCase } from './naming';

/** The deviation of N(0, 1) cut at ±2, which Keras divides by. */
const TRUNCATED_STD = 0.87962566103423978;

/** A record's argument by name or place. */
const argumentOf = ({ args }: RecordValue, place: number, name: string): Value | undefined =>
  args.keywords.get(name) ?? args.positional[place];

const number = (record: RecordValue, place: number, name: string, otherwise: number): number =>
  asNumber(argumentOf(record, place, name) ?? { type: 'none' }) ?? otherwise;

const word = (record: RecordValue, place: number, name: string, otherwise: string): string => {
  const value = argumentOf(record, place, name);
  return value?.type === 'string' ? value.value : otherwise;
};

function varianceScaling(record: RecordValue, shape: readonly number[]): Initialization {
  const { fanIn, fanOut } = kerasFans(shape);
  const mode = word(record, 1, 'mode', 'fan_in');
  const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
  const variance = number(record, 0, 'scale', 1) / Math.max(1, fan);
  const distribution = word(record, 2, 'distribution', 'truncated_normal');
  if (distribution === 'uniform') return uniform(-Math.sqrt(3 * variance), Math.sqrt(3 * variance));
  if (distribution === 'untruncated_normal') return normal(0, Math.sqrt(variance));
  const std = Math.sqrt(variance) / TRUNCATED_STD;
  return truncatedNormal(0, std, -2 * std, 2 * std);
}

/** Initializers with arguments of their own. */
const made: Readonly<Record<string, (record: RecordValue, shape: readonly number[]) => Initialization>> = {
  random_normal: (record) => normal(number(record, 0, 'mean', 0), number(record, 1, 'stddev', 0.05)),
  random_uniform: (record) => uniform(number(record, 0, 'minval', -0.05), number(record, 1, 'maxval', 0.05)),
  truncated_normal(record) {
    const [mean, std] = [number(record, 0, 'mean', 0), number(record, 1, 'stddev', 0.05)];
    return truncatedNormal(mean, std, mean - 2 * std, mean + 2 * std);
  },
  constant: (record) => constant(number(record, 0, 'value', 0)),
  orthogonal: (record) => orthogonal(number(record, 0, 'gain', 1)),
  variance_scaling: varianceScaling,
};

/** Other spellings of the names. */
const OTHER: Readonly<Record<string, string>> = {
  normal: 'random_normal',
  uniform: 'random_uniform',
  zero: 'zeros',
  one: 'ones',
};

/** `{'class_name': 'VarianceScaling', 'config': {…}}`, as Keras also takes an initializer, as the object that it describes. */
function described(value: Value): Value {
  if (value.type !== 'dict') return value;
  const entry = (of: DictValue, name: string) =>
    [...of.entries.values()].find(({ key }) => key.type === 'string' && key.value === name)?.value;
  const [name, config] = [entry(value, 'class_name'), entry(value, 'config')];
  if (name?.type !== 'string') return value;
  const keywords = new Map<string, Value>();
  if (config?.type === 'dict') {
    for (const { key, value: each } of config.entries.values())
      if (key.type === 'string') keywords.set(key.value, each);
  }
  return { type: 'record', path: name.value, args: { positional: [], keywords }, source: NOWHERE, names: [] };
}

/** A description in a dictionary has no place of its own. */
const NOWHERE = spanOf(sourceDocument('initializer:', ''));

/** What an initializer's name or object draws for a weight of that shape; undefined where it is not known. */
export function initializationOf(given: Value, shape: readonly number[]): Initialization | undefined {
  const value = described(given);
  const path =
    value.type === 'string' ? value.value : value.type === 'record' || value.type === 'library' ? value.path : '';
  const last = snakeCase(path.split('.').at(-1) ?? '').replace(/(_initializer)?(_v2)?$/, '');
  const name = OTHER[last] ?? last;
  if (value.type === 'record' && Object.hasOwn(made, name)) return made[name]!(value, shape);
  if (Object.hasOwn(kerasInitializations, name)) return kerasInitializations[name]!(kerasFans(shape));
  return undefined;
}
