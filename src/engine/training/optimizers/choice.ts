import type { OptimizerChoice, OptimizerSettings } from '../../network';
import { completeSettings } from '../complete';
import { optimizers } from './table';

/**
 * An optimizer's settings for a parameter: its group's, then the optimizer's own, then PyTorch's defaults.
 * @throws AttributeError in PyTorch's words for settings that do not fit.
 */
export function settingsFor({ kind, settings, groups }: OptimizerChoice, parameter?: string): OptimizerSettings {
  const row = optimizers[kind];
  const group = groups?.find(({ parameters }) => parameter !== undefined && parameters.includes(parameter));
  const completed = completeSettings(kind, row.settings, { ...settings, ...group?.settings }) as OptimizerSettings;
  row.validate?.(completed);
  return completed;
}

/** The learning rate of the parameters that no group gives another. */
export const learningRateOf = (choice: OptimizerChoice): number => Number(settingsFor(choice).lr);
