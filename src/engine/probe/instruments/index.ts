// Instruments: one file for a measured quantity, as expressions inside the training program. They judge nothing.
import { activation } from './activation';
import { gradientNorm } from './gradientNorm';
import { inactive } from './inactive';
import type { CallInstrument, ModuleInstrument } from './instrument';
import { outputGradient } from './outputGradient';
import { saturation } from './saturation';
import { updateRatio } from './updateRatio';
import { weightNorm } from './weightNorm';

export type * from './instrument';
export { Tally } from './tally';

export const callInstruments: readonly CallInstrument[] = [outputGradient, activation, saturation, inactive];
export const moduleInstruments: readonly ModuleInstrument[] = [gradientNorm, weightNorm, updateRatio];
