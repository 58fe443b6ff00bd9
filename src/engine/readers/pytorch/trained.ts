import type { Evaluation } from '../python/evaluator';
import { namedModules, namedTensors } from '../python/modules/named';
import type { ModuleValue, StoredTensor, Value } from '../python/values';

/** Names of networks that follow another's weights. */
const FOLLOWS = /(^|_)(ema|target|teacher|swa|averaged?|avg|best|old|shadow|momentum|reference|ref|frozen)(_|$)|_k$/i;

const parametersOf = (module: ModuleValue): StoredTensor[] => [
  ...namedTensors(namedModules(module), 'parameters').keys(),
];

/** The parameters that the script's optimizers are given, as far as that is known. */
function optimized(run: Evaluation): Set<StoredTensor> {
  const found = new Set<StoredTensor>();
  const add = (value: Value | undefined): void => {
    if (value?.type === 'tensor' && value.place.kind === 'stored') found.add(value.place.tensor);
    else if (value?.type === 'list' || value?.type === 'tuple') value.items.forEach(add);
    else if (value?.type === 'dict') for (const entry of value.entries.values()) add(entry.value);
  };
  for (const { path, args } of run.findings.records)
    if (/^torch\.optim\.[A-Z]/.test(path)) add(args.positional[0] ?? args.keywords.get('params'));
  return found;
}

/**
 * Leaves out the models that only follow another or stay as they are: deep copies, targets and teachers that no optimizer
 * is given, and those that have no parameter to train, where another has. Each is said, with how to ask for it.
 */
export function onlyTrained<T extends { readonly name: string; readonly module: ModuleValue }>(
  models: readonly T[],
  run: Evaluation,
): T[] {
  if (models.length < 2) return [...models];
  const given = optimized(run);
  const isGiven = (module: ModuleValue): boolean => parametersOf(module).some((stored) => given.has(stored));
  const trains = (module: ModuleValue): boolean => parametersOf(module).some(({ trainable }) => trainable);
  const reason = ({ name, module }: T): string | undefined => {
    if (isGiven(module)) return undefined;
    const others = models.filter((each) => each.module !== module);
    if (!trains(module) && parametersOf(module).length > 0 && others.some((each) => trains(each.module)))
      return 'none of its parameters is trained';
    const like = others.filter((each) => each.module === module.copyOf || each.module.class === module.class);
    const original = like.find((each) => each.module === module.copyOf);
    if (original && (isGiven(original.module) || FOLLOWS.test(name)))
      return `it is a copy of ${original.name}, and no optimizer is given it`;
    const led = FOLLOWS.test(name) ? like.find((each) => isGiven(each.module)) : undefined;
    return led && `it follows ${led.name}, and no optimizer is given it`;
  };
  const kept: T[] = [];
  for (const model of models) {
    const why = reason(model);
    if (why === undefined) kept.push(model);
    else if (!run.findings.assumptions.some(({ what }) => what === model.name))
      run.findings.assumptions.push({
        what: model.name,
        why: `it is left out: ${why}; ask for it by ::${model.name}`,
        source: model.module.source,
      });
  }
  return kept.length > 0 ? kept : [...models];
}
