// What a script says around its model, one file a subject: devices and precision, weights, modes, progress. Everything is
// read off the syntax tree and the records of the evaluation; nothing is run here.
import type { Fact, Surroundings, TrainingLoader } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import type { SyntaxNode } from '../../../python/syntax';
import { truth } from '../../../python/values';
import { trainingLoader } from '../batch';
import { keyword, lastName, type WrittenCode, writtenCode } from './calls';
import { distributionOf, gradientScalingOf, precisionOf, synchronizedNormsOf, trainerSetting } from './devices';
import { importsOf } from './imports';
import { lossInputsOf } from './lossInputs';
import { fullName } from './meaning';
import { evaluationsOf, modesOf } from './modes';
import { accumulationOf, epochsOf, scheduleOf, stepsOf } from './progress';
import { pretrainedOf } from './weights';

function loaderOf(run: Evaluation): Fact<TrainingLoader> | undefined {
  const found = trainingLoader(run);
  if (!found) {
    const dropping = trainerSetting(run, 'dataloader_drop_last', 'per_device_train_batch_size');
    const drop = dropping?.record.args.keywords.get('dataloader_drop_last');
    return (
      dropping && { value: { dropLast: drop ? truth(drop) === true : false, shuffle: true }, source: dropping.source }
    );
  }
  const { record, size } = found;
  const flag = (name: string) => truth(record.args.keywords.get(name) ?? { type: 'bool', value: false }) === true;
  return {
    value: { ...(size !== undefined && { batchSize: size }), dropLast: flag('drop_last'), shuffle: flag('shuffle') },
    source: record.source,
  };
}

/** `torch.autograd.grad(…, create_graph=True)`. */
const gradientPenaltyOf = ({ calls }: WrittenCode, run: Evaluation): Fact<true> | undefined => {
  const call = calls.find(
    (each) =>
      /(^|\.)autograd\.grad$|^grad$/.test(fullName(each.callee, run)) && keyword(each, 'create_graph')?.text === 'True',
  );
  return call && { value: true, source: run.span(call.node) };
};

const differentialPrivacyOf = ({ calls }: WrittenCode, run: Evaluation): Fact<true> | undefined => {
  const call = calls.find((each) => /^(PrivacyEngine|make_private\w*|DPOptimizer)$/.test(lastName(each)));
  return call && { value: true, source: run.span(call.node) };
};

const recordsOf = (run: Evaluation, pattern: RegExp): Fact<string>[] =>
  run.findings.records.filter(({ path }) => pattern.test(path)).map(({ path, source }) => ({ value: path, source }));

/** What the file says around its models. */
export function surroundingsOf(statements: readonly SyntaxNode[], run: Evaluation): Surroundings {
  const code = writtenCode(statements);
  const imports = importsOf(statements, run);
  const optional = {
    loader: loaderOf(run),
    epochs: epochsOf(code, run),
    steps: stepsOf(code, run),
    accumulation: accumulationOf(code, run),
    precision: precisionOf(code, run),
    gradientScaling: gradientScalingOf(code, run),
    distribution: distributionOf(code, run),
    synchronizedNorms: synchronizedNormsOf(code, run),
    gradientPenalty: gradientPenaltyOf(code, run),
    differentialPrivacy: differentialPrivacyOf(code, run),
    schedule: scheduleOf(code, run),
  };
  return {
    ...(Object.fromEntries(Object.entries(optional).filter(([, fact]) => fact !== undefined)) as typeof optional),
    losses: recordsOf(run, /Loss$|_loss$|cross_entropy|kl_div/),
    lossInputs: lossInputsOf(code, run),
    optimizers: recordsOf(run, /^torch\.optim\.[A-Z]/),
    pretrained: pretrainedOf(code, run),
    modes: modesOf(code, run),
    evaluations: evaluationsOf(code, run),
    ...(imports.length > 0 && { imports }),
    assumptions: run.findings.assumptions,
  };
}
