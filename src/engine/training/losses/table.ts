import { bceLoss, bceWithLogitsLoss } from './binary';
import { crossEntropyLoss, nllLoss } from './classes';
import { klDivLoss } from './divergence';
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from './elementwise';
import type { LossTable } from './row';

/** Every loss by PyTorch's class; the compiler refuses a missing one. */
export const losses: LossTable = {
  CrossEntropyLoss: crossEntropyLoss,
  NLLLoss: nllLoss,
  BCELoss: bceLoss,
  BCEWithLogitsLoss: bceWithLogitsLoss,
  MSELoss: mseLoss,
  L1Loss: l1Loss,
  SmoothL1Loss: smoothL1Loss,
  HuberLoss: huberLoss,
  KLDivLoss: klDivLoss,
};
