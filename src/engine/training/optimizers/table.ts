import { adadelta } from './adadelta';
import { adagrad } from './adagrad';
import { adam, adamax, adamW } from './adam';
import { rmsprop } from './rmsprop';
import type { OptimizerTable } from './row';
import { sgd } from './sgd';

/** Every optimizer by PyTorch's class; the compiler refuses a missing one. */
export const optimizers: OptimizerTable = {
  SGD: sgd,
  Adam: adam,
  AdamW: adamW,
  Adamax: adamax,
  RMSprop: rmsprop,
  Adagrad: adagrad,
  Adadelta: adadelta,
};
