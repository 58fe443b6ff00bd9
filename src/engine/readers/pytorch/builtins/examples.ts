import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { type Arguments, argument, asNumber, NONE, tensor, unknown, type Value } from '../../python/values';

/** A size as a tensor of it. */
function ofSize(value: Value, site: Span): Value | undefined {
  if (value.type !== 'tuple' && value.type !== 'list') return undefined;
  const sizes = value.items.map(asNumber);
  if (sizes.length === 0 || !sizes.every((size): size is number => size !== undefined && size > 0)) return undefined;
  return tensor(sizes, { kind: 'fresh', source: site });
}

/** Notes that the script gives a model these inputs. */
function feed(
  model: Value,
  positional: readonly Value[],
  by: string,
  site: Span,
  run: Evaluation,
  withoutBatch = false,
): void {
  if (model.type !== 'module' || run.strict() || positional.length === 0) return;
  const keywords = new Map<string, Value>();
  run.findings.examples.push({ module: model, positional, keywords, site, by, ...(withoutBatch && { withoutBatch }) });
}

/** Several inputs come in a tuple. */
const several = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : value.type === 'tuple' || value.type === 'list' ? value.items : [value];

/** A function that is given a model and example inputs: `torch.onnx.export(model, dummy, …)`. */
const withInputs =
  (by: string, ...names: readonly string[]): BuiltinRow =>
  (args, site, run) => {
    const given = names.map((name) => args.keywords.get(name)).find(Boolean) ?? args.positional[1];
    feed(argument(args, 0), several(given), by, site, run);
    return by === 'jit.trace' ? argument(args, 0) : NONE;
  };

/** A function that is given a model and the sizes of its inputs. */
const withSizes =
  (by: string, withoutBatch: boolean): BuiltinRow =>
  (args: Arguments, site, run) => {
    const data = args.keywords.get('input_data');
    const size = args.keywords.get('input_size') ?? args.keywords.get('input_res') ?? args.positional[1] ?? NONE;
    const sizes = ofSize(size, site) ? [size] : several(size);
    const tensors = sizes.flatMap((each) => ofSize(each, site) ?? []);
    if (data) feed(argument(args, 0), several(data), by, site, run);
    else feed(argument(args, 0), tensors, by, site, run, withoutBatch);
    return unknown(`what ${by} gives is not known before running`, site);
  };

/** Functions that look at a model by an example: they say what it takes. */
export const exampleFunctions: BuiltinTable = {
  'torch.onnx.export': withInputs('onnx.export', 'args'),
  'torch.onnx.dynamo_export': withInputs('onnx.export'),
  'torch.export.export': withInputs('torch.export', 'args'),
  'torch.jit.trace': withInputs('jit.trace', 'example_inputs'),
  'thop.profile': withInputs('thop.profile', 'inputs'),
  'fvcore.nn.FlopCountAnalysis': withInputs('FlopCountAnalysis', 'inputs'),
  'torchviz.make_dot': () => NONE,
  'torchinfo.summary': withSizes('summary', false),
  'torchsummary.summary': withSizes('summary', true),
  'torchsummaryX.summary': withInputs('summary'),
  'ptflops.get_model_complexity_info': withSizes('get_model_complexity_info', true),
};
