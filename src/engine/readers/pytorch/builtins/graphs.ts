import type { Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { argument, type ModuleValue, NONE, string, truth, type Value } from '../../python/values';

// torch_geometric's base class of layers on graphs. What passes along edges hangs on how many there are, which is no size of a
// batch: the layers stand with their parameters, and what they give is not modelled.

/** The full names that its base class goes by. */
export const isMessagePassing = (path: string): boolean =>
  /^torch_geometric\.nn\.(conv\.)?(message_passing\.)?MessagePassing$/.test(path);

/** Why a layer on a graph gives nothing. */
export const MESSAGES_UNMODELLED =
  'it passes messages along the edges of a graph, which is not modelled: its parameters are counted, and the forward ends here';

/** Aggregations by their names, as modules without parameters. */
const AGGREGATIONS: Readonly<Record<string, string>> = {
  add: 'SumAggregation',
  sum: 'SumAggregation',
  mean: 'MeanAggregation',
  max: 'MaxAggregation',
  min: 'MinAggregation',
  mul: 'MulAggregation',
  var: 'VarAggregation',
  std: 'StdAggregation',
  softmax: 'SoftmaxAggregation',
  median: 'MedianAggregation',
};

const KINDS = new Set(Object.values(AGGREGATIONS));

/** Whether a full name is one of torch_geometric's aggregations that have no parameters. */
export const isAggregation = (path: string): boolean =>
  /^torch_geometric\.nn\.(aggr\.)?(basic\.)?\w+Aggregation$/.test(path) && KINDS.has(path.split('.').at(-1)!);

/** Aggregations: modules that reduce over the neighbours of each node. */
export const aggregation: BuiltinTable = {
  __init__(args, site, run) {
    initialize(argument(args, 0), site, run);
    return NONE;
  },
  reset_parameters: () => NONE,
};

const initialize = (module: Value, site: Span, run: Evaluation): void => {
  const init = run.attribute(run.library('torch.nn.Module'), '__init__', site);
  run.call(init, { positional: [module], keywords: new Map() }, site);
};

/** Methods of the base class of layers on graphs. */
export const messagePassing: BuiltinTable = {
  __init__(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    initialize(module, site, run);
    const given = (name: string, fallback: Value): Value => args.keywords.get(name) ?? fallback;
    const aggr = args.positional[1] ?? given('aggr', string('sum'));
    module.attributes.set('aggr', aggr);
    module.attributes.set('flow', given('flow', string('source_to_target')));
    module.attributes.set('node_dim', given('node_dim', { type: 'int', value: -2 }));
    module.attributes.set('explain', { type: 'bool', value: false });
    const kind =
      aggr.type === 'string' && Object.hasOwn(AGGREGATIONS, aggr.value) ? AGGREGATIONS[aggr.value] : undefined;
    if (aggr.type === 'module') run.setAttribute(module, 'aggr_module', aggr, site);
    else if (kind) {
      const of = run.libraryClass(`torch_geometric.nn.aggr.${kind}`)!;
      run.setAttribute(module, 'aggr_module', run.call(of, { positional: [], keywords: new Map() }, site), site);
    } else if (truth(aggr) !== false && aggr.type !== 'none')
      run.unmodelled('MessagePassing', 'this aggregation is not modelled', site);
    return NONE;
  },
  reset_parameters: () => NONE,
  jittable: (args) => argument(args, 0),
  propagate: (_, site, run) => run.unmodelled('propagate', MESSAGES_UNMODELLED, site),
  edge_updater: (_, site, run) => run.unmodelled('edge_updater', MESSAGES_UNMODELLED, site),
};
