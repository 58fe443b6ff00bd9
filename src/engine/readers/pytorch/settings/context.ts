import type { BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import type { BuiltinFunction, ClassValue, InstanceValue, Value } from '../../python/values';

/** Makes a class of a library. */
export type MakeClass = (
  path: string,
  bases: readonly ClassValue[],
  methods: BuiltinTable,
  construct?: BuiltinFunction,
) => ClassValue;

/** What libraries of settings keep for one reading. */
export interface SettingsContext {
  readonly run: Evaluation;
  readonly makeClass: MakeClass;
  /** OmegaConf's resolvers by name. */
  readonly resolvers: Map<string, Value>;
  /** Hydra's ConfigStore: nodes by `group/name`. */
  readonly store: Map<string, Value>;
  /** Objects that a library has one of: absl's FLAGS, wandb's config. */
  readonly single: Map<string, InstanceValue>;
}

/** Says what an argument of the script is worth: what a person gives stands for its default. */
export function saidArgument(name: string, value: Value, run: Evaluation): Value {
  const given = run.given.get(name);
  if (given) run.used.add(name);
  run.findings.arguments.set(name, given ?? value);
  return given ?? value;
}
