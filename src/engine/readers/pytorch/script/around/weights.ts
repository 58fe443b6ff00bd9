import type { Fact, Pretraining } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { truth } from '../../../python/values';
import { isConditional, keyword, lastName, type WrittenCall, type WrittenCode } from './calls';
import { fullName, written } from './meaning';

/** Objects whose state is no model's. */
const NO_MODEL = /(optim\w*|sched\w*|scaler|ema|sampler|loader|meter|criterion)\.load_state_dict$/i;

function howOf(call: WrittenCall, run: Evaluation): Pretraining['how'] | undefined {
  const name = lastName(call);
  if (name === 'load_state_dict' && call.callee.includes('.'))
    return NO_MODEL.test(call.callee) ? undefined : 'load_state_dict';
  if (name === 'from_pretrained') return isTokenizer(call) ? undefined : 'from_pretrained';
  const pretrained = keyword(call, 'pretrained');
  const asked = pretrained && written(pretrained, run);
  // argparse has arguments of any name; only what makes a model loads weights.
  if (name === 'add_argument') return undefined;
  if (pretrained && (!asked || truth(asked) !== false)) return 'pretrained';
  const weights = keyword(call, 'weights');
  if (
    !weights ||
    !/(^|\.)(models?|segmentation|detection|video|quantization|torchvision|hub)\b/.test(fullName(call.callee, run))
  )
    return undefined;
  const given = written(weights, run);
  return given?.type === 'none' ? undefined : 'weights';
}

/** What turns text or images into a model's input, and not into weights. */
const isTokenizer = ({ callee }: WrittenCall): boolean =>
  /(tokenizer|processor|config|featureextractor)\w*\.from_pretrained$/i.test(callee);

/** Every place where weights that were trained before come in. */
export function pretrainedOf({ calls }: WrittenCode, run: Evaluation): Fact<Pretraining>[] {
  return calls.flatMap((call) => {
    const how = howOf(call, run);
    const from = how && { how, conditional: isConditional(call.inside) };
    return from ? [{ value: from, source: run.span(call.node) }] : [];
  });
}
