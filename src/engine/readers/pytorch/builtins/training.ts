import type { Span } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import type { Arguments, RecordValue } from '../../python/values';

/** Losses as classes; they are modules without parameters. */
export const LOSS_CLASS = /^torch\.nn\.\w+Loss$/;

/** Library calls of the script that say how the network is trained. */
const RECORDED =
  /^torch\.(utils\.data\.DataLoader|optim\.[A-Z]\w*|nn\.utils\.clip_grad_(norm|value)_?)$|^lightning\.|^pytorch_lightning\.Trainer$|^torchvision\.(datasets|transforms(\.v2)?)\.[A-Z]\w*$|^transformers\.(Seq2Seq)?Train(ingArguments|er)$|^accelerate\.Accelerator$|^lightning_fabric\.Fabric$/;

/** Losses as functions. */
const LOSS_FUNCTION = /^torch\.nn\.functional\.(cross_entropy|kl_div|\w+_loss|binary_cross_entropy\w*)$/;

/** Whether a library name is a loss. */
export const isLossFunction = (path: string): boolean => LOSS_FUNCTION.test(path);

/** Whether calls of this library name are kept for what they say. */
export const isRecorded = (path: string): boolean => RECORDED.test(path);

/** Keeps a call for whoever reads the script. */
export function record(path: string, args: Arguments, site: Span, run: Evaluation): RecordValue {
  const value: RecordValue = { type: 'record', path, args, source: site, names: [] };
  if (run.findings.records.length < 1000) run.findings.records.push(value);
  return value;
}
