import { InputError, type InputType } from '../network';
import type { InputOption } from '../readers';
import { RULE_SEVERITIES, type RuleSeverities, type RuleSeverity } from '../report/severity';

const INPUT_TYPES: readonly InputType[] = ['float32', 'int64'];
const LARGEST_DIMENSION = 2 ** 31 - 1;

/** A whole number within bounds. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new InputError(
      `--${flag} takes a whole number from ${least} to ${most}, not '${text}'`,
      `give --${flag} ${Math.max(least, 1)}`,
    );
  }
  return value;
}

/** A number of seconds, fractions allowed. */
export function seconds(flag: string, text: string, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= most)) {
    throw new InputError(`--${flag} takes seconds above 0 and up to ${most}, not '${text}'`, `give --${flag} 10`);
  }
  return value;
}

/** One of a few words. */
export function oneOf<const T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new InputError(`--${flag} takes ${choices.join(', ')}, not '${text}'`, `give --${flag} ${choices[0]}`);
  }
  return found;
}

/** An input's shape with the batch in front: `[NAME=]1x3x224x224[:int64]`. */
export function inputOption(text: string): InputOption {
  const parts = /^(?:([^=:]+)=)?(\d+(?:x\d+)*)(?::(\w+))?$/.exec(text);
  if (!parts) {
    throw new InputError(
      `--input takes [NAME=]SHAPE[:TYPE], not '${text}'`,
      'write the shape with the batch in front, as in --input 1x3x224x224',
    );
  }
  const [, name, sizes, type] = parts;
  const shape = sizes!.split('x').map(Number);
  if (shape.some((size) => size < 1 || size > LARGEST_DIMENSION)) {
    throw new InputError(
      `--input ${text}: a size is not between 1 and ${LARGEST_DIMENSION}`,
      'give every dimension its true size',
    );
  }
  const dtype = INPUT_TYPES.find((known) => known === type);
  if (type !== undefined && dtype === undefined) {
    throw new InputError(
      `--input takes the types ${INPUT_TYPES.join(' and ')}, not '${type}'`,
      'leave the type out for float32',
    );
  }
  return { ...(name === undefined ? {} : { name }), shape, ...(dtype === undefined ? {} : { dtype }) };
}

/** Severities by rule: `ID=SEVERITY`, several of them. Whether there is such a rule is not known here. */
export function ruleSeverities(texts: readonly string[]): RuleSeverities {
  const chosen: Record<string, RuleSeverity> = {};
  for (const text of texts) {
    const [, id, severity] = /^([\w-]+)=(.*)$/s.exec(text) ?? [];
    if (id === undefined || severity === undefined) {
      throw new InputError(`--rule takes ID=SEVERITY, not '${text}'`, 'write it as in --rule double-softmax=off');
    }
    if (Object.hasOwn(chosen, id)) throw new InputError(`--rule ${id} is given twice`, 'give it once');
    chosen[id] = oneOf(`rule ${id}`, severity, RULE_SEVERITIES);
  }
  return chosen;
}

/** A constructor argument, `KEY=VALUE`, or a setting of the script: `model.width=64`. */
export function setOption(text: string): readonly [key: string, value: string] {
  const parts = /^([\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*)=(.*)$/su.exec(text);
  if (!parts) throw new InputError(`--set takes KEY=VALUE, not '${text}'`, 'write it as in --set width=64');
  return [parts[1]!, parts[2]!];
}
