import { InputError } from '../../network';
import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import { InputNeeded } from '../python/modules/requirement';
import { type ModuleValue, unknown } from '../python/values';

/** Methods by which a module says itself how it is trained, as Lightning asks for them. */
const METHODS = ['configure_optimizers', 'training_step', 'train_dataloader'] as const;

/**
 * Runs the methods of a LightningModule that say how it is trained, for the optimizer, the loss and the loader that they
 * make. What of them is not modelled is none of the network's.
 */
export function trainingMethods(root: ModuleValue, run: Evaluation): void {
  if (!root.class.resolution.some(({ path }) => path !== undefined && /(^|\.)LightningModule$/.test(path))) return;
  const { notes } = run.findings;
  const before = notes.length;
  for (const name of METHODS) {
    const callee = classAttribute(root.class, name);
    if (callee?.type !== 'function') continue;
    const open = unknown('an argument of the trainer', callee.source);
    try {
      run.call(
        { type: 'method', receiver: root, callee },
        { positional: [], keywords: new Map(), open },
        callee.source,
      );
    } catch (error) {
      const says = error instanceof PythonError || error instanceof BudgetExceeded || error instanceof InputError;
      if (!says && !(error instanceof InputNeeded)) throw error;
    }
  }
  notes.length = before;
}
