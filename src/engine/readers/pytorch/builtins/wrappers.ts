import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import {
  argument,
  builtin,
  int,
  list,
  type ModuleValue,
  NONE,
  positional,
  string,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import { shown } from '../settings';

/** A model that something stands around: the model itself. A decorator's arguments may come first. */
const around: BuiltinRow = (args) => {
  const of = args.positional[0] ?? args.keywords.get('module') ?? args.keywords.get('model');
  if (!of) return builtin('wrapper', (more) => argument(more, 0));
  if (of.type === 'module') of.wrapped = true;
  return of;
};

/** What is given, as it is given: one thing itself, several as a tuple. */
const unchanged: BuiltinRow = (args) =>
  args.positional.length === 1 ? argument(args, 0) : tuple([...args.positional]);

/** `checkpoint(f, *args)`: its arguments but those about checkpointing. */
const checkpoint: BuiltinRow = (args, site, run) => {
  const own = /^(use_reentrant|context_fn|determinism_check|debug|preserve_rng_state|early_stop)$/;
  const keywords = new Map([...args.keywords].filter(([name]) => !own.test(name) && name !== 'function'));
  const of = args.keywords.get('function');
  return run.call(
    of ?? argument(args, 0),
    { positional: of ? args.positional : args.positional.slice(1), keywords },
    site,
  );
};

/** `checkpoint_sequential(functions, segments, input)`: one behind the other. */
const checkpointSequential: BuiltinRow = (args, site, run) => {
  const [functions, , first] = args.positional;
  const input = first ?? args.keywords.get('input') ?? NONE;
  if (functions?.type === 'module') return run.call(functions, positional(input), site);
  const all = functions && run.iterate(functions, site);
  return all
    ? all.reduce((x, each) => run.call(each, positional(x), site), input)
    : run.unmodelled('checkpoint_sequential', 'what it runs is not known', site);
};

/** `functional_call(model, parameters, args, kwargs)` with the model's own parameters: the model's call. */
const functionalCall: BuiltinRow = (args, site, run) => {
  const [model, parameters = NONE, given = tuple([]), named] = args.positional;
  const values = parameters.type === 'dict' ? [...parameters.entries.values()].map(({ value }) => value) : undefined;
  if (model?.type !== 'module' || !values?.every((each) => each.type === 'tensor' && each.place.kind === 'stored'))
    return run.unmodelled('functional_call', 'with other parameters than the model has it is not modelled', site);
  const kwargs = args.keywords.get('kwargs') ?? named;
  const keywords = new Map(
    kwargs?.type === 'dict'
      ? [...kwargs.entries.values()].flatMap(({ key, value }) =>
          key.type === 'string' ? [[key.value, value] as const] : [],
        )
      : [],
  );
  return run.call(model, { positional: given.type === 'tuple' ? given.items : [given], keywords }, site);
};

/** `spawn(f, args)`: the first process's call. */
const spawned: BuiltinRow = (args, site, run) => {
  const given = args.positional[1] ?? args.keywords.get('args');
  const rest = (given && run.iterate(given, site)) ?? [];
  if (argument(args, 0).type === 'function') run.call(argument(args, 0), positional(int(0), ...rest), site);
  return NONE;
};

/** Adapters are not modelled: the model without them, and that is said. */
const adapted: BuiltinRow = (args, site, run) => {
  const model = args.positional[0] ?? args.keywords.get('model') ?? NONE;
  if (model.type === 'module')
    run.findings.notes.push({
      what: 'adapters of peft',
      why: 'they are not modelled; the model is read without them, all of it trained',
      source: site,
      owner: model,
    });
  return model;
};

const hub: BuiltinRow = (args, site, run) => {
  const [repository, name, ...rest] = args.positional;
  if (repository?.type !== 'string' || name?.type !== 'string')
    return unknown('which model of a hub this is is not known', site);
  if (!/^pytorch\/vision\b/.test(repository.value))
    return unknown(`torch.hub.load: the source of '${shown(repository.value)}' is not here`, site);
  const models = run.imports.find('torchvision.models', run.document);
  const builder = models && run.imports.member(models, name.value);
  if (!builder) return run.call(run.library(`torchvision.models.${name.value}`), positional(), site);
  const keywords = new Map(
    [...args.keywords].filter(([key]) => !/^(force_reload|verbose|source|trust_repo|skip_validation)$/.test(key)),
  );
  return run.call(builder, { positional: rest, keywords }, site);
};

/** What stands around a model and changes nothing of the network: compilers, several devices, checkpoints. */
export const wrapperFunctions: BuiltinTable = {
  'torch.compile': around,
  'torch.jit.script': around,
  'torch.jit.optimize_for_inference': around,
  'torch.jit.freeze': around,
  'torch.nn.DataParallel': around,
  'torch.nn.parallel.DataParallel': around,
  'torch.nn.parallel.DistributedDataParallel': around,
  'torch.nn.parallel.distributed.DistributedDataParallel': around,
  'torch.nn.parallel.data_parallel': (args, site, run) =>
    run.call(argument(args, 0), positional(argument(args, 1)), site),
  'torch.distributed.fsdp.FullyShardedDataParallel': around,
  'torch.distributed.fsdp.fully_sharded_data_parallel.FullyShardedDataParallel': around,
  'torch.distributed.fsdp.fully_shard': around,
  'torch.distributed._composable.fsdp.fully_shard': around,
  'torch.distributed._composable.replicate': around,
  'fairscale.nn.data_parallel.FullyShardedDataParallel': around,
  'apex.parallel.DistributedDataParallel': around,
  'apex.parallel.convert_syncbn_model': around,
  'apex.amp.initialize': unchanged,
  'ipex.optimize': unchanged,
  'torch.utils.checkpoint.checkpoint': checkpoint,
  'torch.utils.checkpoint.checkpoint_sequential': checkpointSequential,
  'deepspeed.checkpointing.checkpoint': checkpoint,
  'torch.func.functional_call': functionalCall,
  'torch.nn.utils.stateless.functional_call': functionalCall,
  'torch.multiprocessing.spawn': spawned,
  'accelerate.notebook_launcher': (args, site, run) => {
    const given = args.positional[1] ?? args.keywords.get('args');
    const rest = (given && run.iterate(given, site)) ?? [];
    return argument(args, 0).type === 'function' ? run.call(argument(args, 0), positional(...rest), site) : NONE;
  },
  /** A pair of four: the engine stands for the model. */
  'deepspeed.initialize': (args) => {
    const model = args.keywords.get('model') ?? args.positional[1] ?? NONE;
    if (model.type === 'module') model.wrapped = true;
    return tuple([model, args.keywords.get('optimizer') ?? NONE, args.keywords.get('training_data') ?? NONE, NONE]);
  },
  'peft.get_peft_model': adapted,
  'peft.prepare_model_for_kbit_training': (args) => argument(args, 0),
  'torch.hub.load': hub,
  'torch.hub.load_state_dict_from_url': (_, site) => unknown('values of trained weights are not read', site),
  'torch.hub.set_dir': () => NONE,
  'torch.hub.list': () => list([string('')]),
};

const marked = (value: Value): Value => {
  if (value.type === 'module') (value as ModuleValue).wrapped = true;
  return value;
};

/** Methods of what prepares a script's objects for devices: `accelerator.prepare(model, optimizer)`, `fabric.setup(…)`. */
export const preparing: BuiltinTable = {
  prepare: (args) =>
    args.positional.length === 2 ? marked(argument(args, 1)) : tuple(args.positional.slice(1).map(marked)),
  prepare_model: (args) => marked(argument(args, 1)),
  prepare_data_loader: (args) => argument(args, 1),
  prepare_optimizer: (args) => argument(args, 1),
  unwrap_model: (args) => argument(args, 1),
  setup: (args) =>
    args.positional.length === 2 ? marked(argument(args, 1)) : tuple(args.positional.slice(1).map(marked)),
  setup_module: (args) => marked(argument(args, 1)),
  setup_optimizers: (args) => (args.positional.length === 2 ? argument(args, 1) : tuple(args.positional.slice(1))),
  setup_dataloaders: (args) => (args.positional.length === 2 ? argument(args, 1) : tuple(args.positional.slice(1))),
  setup_module_and_optimizers: (args) => tuple(args.positional.slice(1)),
};
