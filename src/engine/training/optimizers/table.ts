import { adagrad } from './adagrad';
import { adam, adamW } from './adam';
import { rmsprop } from './rmsprop';
import type { OptimizerTable } from './row';
import { sgd } from './sgd';

/** Every optimizer by PyTorch's class; the compiler refuses a missing one. */
export const optimizers: OptimizerTable = { SGD: sgd, Adam: adam, AdamW: adamW, RMSprop: rmsprop, Adagrad: adagrad };
