import type { OptimizerChoice, Task } from './network';
import { isBatchDim, type Shape } from './shape';

/**
 * The task when the file does not say: class scores [batch, classes ≥ 2] are classified, anything else is regressed.
 */
export function assumedTask(output: Shape | undefined): Task {
  const classes = output?.length === 2 && isBatchDim(output[0]!) ? output[1] : undefined;
  if (typeof classes === 'number' && classes >= 2) {
    return {
      kind: 'classification',
      classes,
      loss: 'CrossEntropyLoss',
      origin: `assumed from the output's ${classes} values`,
    };
  }
  return { kind: 'regression', loss: 'MSELoss', origin: 'assumed from the output shape' };
}

/** The optimizer when the file does not say. */
export const ASSUMED_OPTIMIZER: OptimizerChoice = {
  kind: 'SGD',
  settings: { lr: 0.01, momentum: 0.9 },
  origin: 'assumed',
};
