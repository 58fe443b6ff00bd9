import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import {
  type ClassValue,
  type FunctionParameter,
  type FunctionValue,
  NO_ARGUMENTS,
  type Value,
} from '../python/values';

/** Names that a model's settings go by. */
const SETTINGS = /^(cfg|conf|config|args|opts?|options|hparams|hp|params|model_?(args|config|cfg))$/i;
const SETTINGS_CLASS = /(config|args|hparams|options|settings|params)$/i;

/** An object that stands for settings: its class has a default for everything. */
function madeByDefault(of: ClassValue, run: Evaluation): Value | undefined {
  const isModule = of.resolution.some(({ path }) => path === 'torch.nn.Module');
  if (isModule || of.unknownBase || !of.source) return undefined;
  try {
    const made = run.call(of, NO_ARGUMENTS, of.source);
    return made.type === 'instance' ? made : undefined;
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

/**
 * Settings for parameters without a default, as far as the file has them: `config` is an object of the file's only
 * class of settings, made of its defaults, or the variable of that name.
 */
export function configurations(
  parameters: readonly FunctionParameter[],
  of: ClassValue | FunctionValue,
  run: Evaluation,
): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const { name } of parameters) {
    if (!SETTINGS.test(name)) continue;
    const variable = run.globals.names.get(name);
    const classes = [...run.globals.names.values()].filter(
      (value): value is ClassValue =>
        value.type === 'class' && value.source?.uri === of.source?.uri && SETTINGS_CLASS.test(value.name),
    );
    const own = classes.filter((each) => each.name.toLowerCase().startsWith(of.name.toLowerCase()));
    const [only, ...others] = own.length === 1 ? own : classes;
    const value =
      variable && variable.type !== 'unknown' && variable.type !== 'library'
        ? variable
        : only && others.length === 0
          ? madeByDefault(only, run)
          : undefined;
    if (!value) continue;
    found.set(name, value);
    const what = `${of.name}'s argument ${name}`;
    const why =
      value === variable
        ? `the file's variable ${name} stands for it`
        : `${only!.name} with its defaults stands for it`;
    if (of.source && !run.findings.assumptions.some((each) => each.what === what))
      run.findings.assumptions.push({ what, why, source: of.source });
  }
  return found;
}
