import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { type Arguments, argument, bound, type ModuleValue, NONE, unknown, type Value } from '../../python/values';
import { layerFunction } from './layers';
import { record } from './training';

const OLD = ['size_average', 'reduce', 'reduction'] as const;
const F = 'torch.nn.functional';

/** Losses as classes: the function that their forward calls, and what their constructor takes, in Python's order. */
const CLASSES: Readonly<Record<string, { readonly by: string; readonly parameters: readonly string[] }>> = {
  MSELoss: { by: 'mse_loss', parameters: OLD },
  L1Loss: { by: 'l1_loss', parameters: OLD },
  SmoothL1Loss: { by: 'smooth_l1_loss', parameters: [...OLD, 'beta'] },
  HuberLoss: { by: 'huber_loss', parameters: ['reduction', 'delta'] },
  BCELoss: { by: 'binary_cross_entropy', parameters: ['weight', ...OLD] },
  BCEWithLogitsLoss: { by: 'binary_cross_entropy_with_logits', parameters: ['weight', ...OLD, 'pos_weight'] },
  KLDivLoss: { by: 'kl_div', parameters: [...OLD, 'log_target'] },
  NLLLoss: { by: 'nll_loss', parameters: ['weight', 'size_average', 'ignore_index', 'reduce', 'reduction'] },
  CrossEntropyLoss: {
    by: 'cross_entropy',
    parameters: ['weight', 'size_average', 'ignore_index', 'reduce', 'reduction', 'label_smoothing'],
  },
};

/** Whether a loss can be computed where it is called: values flow, and none of them is a label that nobody gives. */
function computable({ positional, keywords }: Arguments, run: Evaluation): boolean {
  const tensors = [...positional, ...keywords.values()].filter((value) => value.type === 'tensor');
  const given = tensors.every(({ place }) => place.kind !== 'fresh' || place.recipe !== undefined);
  return run.trace !== undefined && given && tensors.some(({ place }) => place.kind === 'flow');
}

/** A loss that is called: kept for what it says about training, and in a forward computed too. */
export const lossCall =
  (path: string, written?: BuiltinRow): BuiltinRow =>
  (args, site, run) => {
    const row = layerFunction(path) ?? written;
    const computes = row !== undefined && computable(args, run);
    const reduction = args.keywords.get('reduction');
    // What is left unreduced is a part of a loss that the forward makes itself.
    const whole = !run.trace || reduction?.type !== 'string' || reduction.value !== 'none';
    const made = whole && (!computes || layerFunction(path)) ? record(path, args, site, run) : undefined;
    return computes ? row(args, site, run) : (made ?? unknown('a loss of each value', site));
  };

/** A loss as a module: it says about training what its constructor is given, and in a forward it is its function. */
export const lossMethods = (path: string): BuiltinTable => {
  const found = CLASSES[path.split('.').at(-1)!];
  return {
    __init__(args, site, run) {
      const module = argument(args, 0) as ModuleValue;
      module.ready = true;
      const own = { ...args, positional: args.positional.slice(1) };
      record(path, own, site, run);
      const settings = bound(own, ...(found?.parameters ?? []));
      for (const [name, value] of Object.entries(settings)) if (value) module.attributes.set(name, value);
      return NONE;
    },
    forward(args, site, run) {
      const [module, ...given] = args.positional as [ModuleValue, ...Value[]];
      const settings = (found?.parameters ?? []).flatMap((name) => {
        const value = module.attributes.get(name);
        return value ? [[name, value] as const] : [];
      });
      const all: Arguments = { positional: given, keywords: new Map([...args.keywords, ...settings]) };
      const row = found && layerFunction(`${F}.${found.by}`);
      if (row && computable(all, run)) return row(all, site, run);
      return run.unmodelled(path, 'a loss inside the network is not modelled', site);
    },
  };
};
