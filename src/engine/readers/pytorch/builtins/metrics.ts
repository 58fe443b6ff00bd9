import type { BuiltinTable } from '../../python/builtins/row';
import { argument, type ModuleValue, NONE, unknown } from '../../python/values';

/** The classes that torchmetrics makes of one that is told its task. */
const TASKS: Readonly<Record<string, string>> = {
  binary: 'Binary',
  multiclass: 'Multiclass',
  multilabel: 'Multilabel',
};

export const isMetric = (path: string): boolean => /^torchmetrics\.(\w+\.)*[A-Z]\w*$/.test(path);

/** `Accuracy(task='multiclass')` is a MulticlassAccuracy. */
export const metricName = (path: string, task: string): string | undefined => {
  const name = path.split('.').at(-1)!;
  const prefix = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined;
  return prefix === undefined || name.startsWith(prefix) ? undefined : `torchmetrics.classification.${prefix}${name}`;
};

/** A metric: a module without parameters that the network does not compute with. */
export const metricMethods: BuiltinTable = {
  __init__(args) {
    (argument(args, 0) as ModuleValue).ready = true;
    return NONE;
  },
  forward: (_, site) => unknown('a metric is not computed', site),
  update: () => NONE,
  reset: () => NONE,
  compute: (_, site) => unknown('a metric is not computed', site),
};
