import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { bufferOf, storedValue } from '../../python/modules/moduleValue';
import { namedModules, namedTensors } from '../../python/modules/named';
import {
  argument,
  bound,
  builtin,
  type Hook,
  instanceOf,
  list,
  type ModuleValue,
  NONE,
  positional,
  string,
  truth,
  tuple,
  type Value,
} from '../../python/values';
import { record } from './training';

type Args = Parameters<BuiltinRow>[0];

const self = (args: Args): ModuleValue => argument(args, 0) as ModuleValue;
const itself: BuiltinRow = (args) => argument(args, 0);
const nothing: BuiltinRow = () => NONE;

function parametersOf(args: Args): [string, Value][] {
  const recurse = truth(args.positional[1] ?? args.keywords.get('recurse') ?? { type: 'bool', value: true });
  const modules = namedModules(self(args));
  const names = namedTensors(recurse === false ? modules.slice(0, 1) : modules, 'parameters');
  return [...names].map(([stored, name]) => [name, storedValue(stored)]);
}

const addModule: BuiltinRow = (args, site, run) => {
  const { name, module } = bound({ ...args, positional: args.positional.slice(1) }, 'name', 'module');
  if (name?.type === 'string' && (module?.type === 'module' || module?.type === 'none')) {
    self(args).children.set(name.value, module.type === 'module' ? module : null);
  } else if (module?.type === 'unknown') run.note(module, 'add_module');
  else run.unmodelled('add_module', 'its name or module is not known', site);
  return NONE;
};

const setTraining = (args: Args, training: boolean): Value => {
  for (const { module } of namedModules(self(args))) module.training = training;
  return self(args);
};

/** A parameter or buffer by its dotted name. */
function dotted(args: Args, site: Span, run: Evaluation, of: 'parameter' | 'buffer'): Value {
  const path = argument(args, 1);
  if (path.type !== 'string') return run.unmodelled(`get_${of}`, 'its name is not known', site);
  let at: Value = self(args);
  for (const name of path.value.split('.')) at = run.attribute(at, name, site);
  const stored = at.type === 'tensor' && at.place.kind === 'stored' ? at.place.tensor : undefined;
  if (at.type === 'unknown' || stored?.parameter === (of === 'parameter')) return at;
  return run.raise(
    'AttributeError',
    `\`${path.value}\` is not an nn.${of === 'parameter' ? 'Parameter' : 'Buffer'}`,
    site,
  );
}

/** What registering a hook gives: `handle.remove()`. */
const handleOf = (hook?: Hook): Value =>
  instanceOf('RemovableHandle', {
    remove: builtin('remove', () => {
      if (hook) hook.removed = true;
      return NONE;
    }),
  });

/** Registers a hook around the module's forward; `prepend=True` puts it before the others. */
const hooked =
  (when: Hook['when']): BuiltinRow =>
  (args, site) => {
    const module = self(args);
    const callee = args.positional[1] ?? args.keywords.get('hook') ?? NONE;
    const withKeywords = truth(args.keywords.get('with_kwargs') ?? NONE) === true;
    const hook: Hook = { when, callee, withKeywords, source: site };
    module.hooks ??= [];
    if (truth(args.keywords.get('prepend') ?? NONE) === true) module.hooks.unshift(hook);
    else module.hooks.push(hook);
    return handleOf(hook);
  };

/** Turns the model's values into numbers of fewer bits: the script says it, and the network stays as it is. */
const reduced =
  (method: string): BuiltinRow =>
  (args, site, run) => {
    if (!run.strict()) record(`torch.nn.Module.${method}`, { positional: [], keywords: new Map() }, site, run);
    return self(args);
  };

/** `to(…)`: a device says nothing, a type of fewer bits does. */
const to: BuiltinRow = (args, site, run) => {
  for (const given of [...args.positional.slice(1), ...args.keywords.values()]) {
    const type = given.type === 'library' ? /^torch\.(float16|half|bfloat16)$/.exec(given.path)?.[1] : undefined;
    if (type) return reduced(type === 'bfloat16' ? 'bfloat16' : 'half')(args, site, run);
  }
  return self(args);
};

/** What nn.Module has besides: code that asks for it is right, and the reader does not model it. */
export const OTHER_MODULE_METHODS = /^(set_submodule|to_empty|type|xpu|ipu|mtia|dump_patches|call_super_init|_\w+)$/;

/** Methods of every nn.Module; the module itself is the first argument. */
export const moduleMethods: BuiltinTable = {
  __init__(args) {
    self(args).ready = true;
    return NONE;
  },
  add_module: addModule,
  register_module: addModule,
  register_parameter(args, site, run) {
    const { name, param } = bound({ ...args, positional: args.positional.slice(1) }, 'name', 'param');
    if (name?.type === 'string' && param?.type === 'tensor' && param.place.kind === 'stored')
      self(args).parameters.set(name.value, param.place.tensor);
    else if (name?.type === 'string' && param?.type === 'none') self(args).parameters.set(name.value, null);
    else run.unmodelled('register_parameter', 'its parameter is not known', site);
    return NONE;
  },
  register_buffer(args, site, run) {
    const { name, tensor } = bound({ ...args, positional: args.positional.slice(1) }, 'name', 'tensor');
    if (name?.type !== 'string') run.unmodelled('register_buffer', 'its name is not known', site);
    else {
      if (tensor?.type === 'unknown') run.note(tensor, name.value);
      const buffer = tensor ? bufferOf(tensor, run, site) : null;
      if (buffer) self(args).buffers.set(name.value, buffer);
      else self(args).attributes.set(name.value, tensor ?? NONE);
    }
    return NONE;
  },
  modules: (args) => list(namedModules(self(args)).map(({ module }) => module)),
  named_modules: (args) => list(namedModules(self(args)).map(({ id, module }) => tuple([string(id), module]))),
  children: (args) => list([...new Set(self(args).children.values())].filter((child) => child !== null)),
  named_children: (args) =>
    list([...self(args).children].flatMap(([name, child]) => (child ? [tuple([string(name), child])] : []))),
  parameters: (args) => list(parametersOf(args).map(([, value]) => value)),
  named_parameters: (args) => list(parametersOf(args).map(([name, value]) => tuple([string(name), value]))),
  buffers: (args) => list([...namedTensors(namedModules(self(args)), 'buffers').keys()].map(storedValue)),
  named_buffers: (args) =>
    list(
      [...namedTensors(namedModules(self(args)), 'buffers')].map(([stored, name]) =>
        tuple([string(name), storedValue(stored)]),
      ),
    ),
  get_submodule(args, site, run) {
    let at: Value = self(args);
    const path = argument(args, 1);
    if (path.type !== 'string') return run.unmodelled('get_submodule', 'its name is not known', site);
    for (const name of path.value.split('.').filter(Boolean)) at = run.attribute(at, name, site);
    return at;
  },
  get_parameter: (args, site, run) => dotted(args, site, run, 'parameter'),
  get_buffer: (args, site, run) => dotted(args, site, run, 'buffer'),
  apply(args, site, run) {
    for (const child of self(args).children.values()) {
      const method = child && run.findAttribute(child, 'apply', site);
      if (method) run.call(method, positional(argument(args, 1)), site);
    }
    run.call(argument(args, 1), positional(self(args)), site);
    return self(args);
  },
  requires_grad_(args) {
    const wanted =
      truth(args.positional[1] ?? args.keywords.get('requires_grad') ?? { type: 'bool', value: true }) ?? true;
    for (const stored of namedTensors(namedModules(self(args)), 'parameters').keys()) stored.trainable = wanted;
    return self(args);
  },
  train: (args) =>
    setTraining(args, truth(args.positional[1] ?? args.keywords.get('mode') ?? { type: 'bool', value: true }) ?? true),
  eval: (args) => setTraining(args, false),
  to,
  cuda: itself,
  cpu: itself,
  float: itself,
  half: reduced('half'),
  double: itself,
  bfloat16: reduced('bfloat16'),
  share_memory: itself,
  zero_grad: nothing,
  load_state_dict: nothing,
  register_forward_hook: hooked('after'),
  register_forward_pre_hook: hooked('before'),
  register_full_backward_hook: () => handleOf(),
  register_full_backward_pre_hook: () => handleOf(),
  register_backward_hook: () => handleOf(),
  register_load_state_dict_post_hook: () => handleOf(),
  register_state_dict_post_hook: () => handleOf(),
  register_load_state_dict_pre_hook: () => handleOf(),
  register_state_dict_pre_hook: () => handleOf(),
  _register_state_dict_hook: () => handleOf(),
  _register_load_state_dict_pre_hook: () => handleOf(),
  compile: nothing,
  extra_repr: () => string(''),
  state_dict: (_, site, run) => run.unmodelled('state_dict', 'values of parameters are not known before running', site),
};
