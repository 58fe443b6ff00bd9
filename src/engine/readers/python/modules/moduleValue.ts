import { constant, type Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import {
  type ClassValue,
  type ModuleValue,
  NONE,
  repr,
  type StoredTensor,
  tensor,
  typeName,
  type Value,
} from '../values';

/** A module object before its constructor has run. */
export const newModule = (of: ClassValue, source: Span): ModuleValue => ({
  type: 'module',
  class: of,
  source,
  attributes: new Map(),
  children: new Map(),
  parameters: new Map(),
  buffers: new Map(),
  ready: false,
  training: true,
});

/** Whether the module is of PyTorch's class of that full name, or of one below it. */
export const isModuleOf = (module: ModuleValue, path: string): boolean =>
  module.class.resolution.some((base) => base.path === path);

export const storedValue = (stored: StoredTensor): Value =>
  tensor(stored.shape, { kind: 'stored', tensor: stored }, stored.dtype);

/** A registered child, parameter or buffer by its name. */
export function childAttribute(module: ModuleValue, name: string): Value | undefined {
  const child = module.children.get(name);
  if (child !== undefined) return child ?? NONE;
  const stored = module.parameters.get(name) ?? module.buffers.get(name);
  if (stored) return storedValue(stored);
  return module.parameters.has(name) || module.buffers.has(name) ? NONE : undefined;
}

/** `nn.Module.__setattr__`: parameters and modules register themselves; a name registered before keeps its place. */
export function setModuleAttribute(module: ModuleValue, name: string, given: Value, site: Span, run: Evaluation): void {
  const forget = (...tables: readonly Map<string, unknown>[]) => {
    for (const table of tables) table.delete(name);
  };
  if (given.type === 'tensor' && given.place.kind === 'stored' && given.place.tensor.parameter) {
    requireReady(module, 'parameters', site, run);
    forget(module.attributes, module.buffers, module.children);
    module.parameters.set(name, given.place.tensor);
    return;
  }
  if (given.type === 'tensor' && given.place.kind === 'stored' && given.place.tensor.declared) {
    forget(module.attributes, module.parameters, module.children);
    module.buffers.set(name, given.place.tensor);
    return;
  }
  if (given.type === 'module') {
    requireReady(module, 'module', site, run);
    forget(module.attributes, module.parameters, module.buffers);
    module.children.set(name, given);
    return;
  }
  if (module.parameters.has(name) && given.type !== 'unknown') {
    if (given.type === 'none') module.parameters.set(name, null);
    else
      run.raise(
        'TypeError',
        `cannot assign '${typeName(given)}' as parameter '${name}' (torch.nn.Parameter or None expected)`,
        site,
      );
    return;
  }
  if (module.children.has(name) && given.type !== 'unknown') {
    if (given.type === 'none') module.children.set(name, null);
    else
      run.raise(
        'TypeError',
        `cannot assign '${typeName(given)}' as child module '${name}' (torch.nn.Module or None expected)`,
        site,
      );
    return;
  }
  if (module.buffers.has(name) && given.type === 'tensor') {
    module.buffers.set(name, bufferOf(given, run, site));
    return;
  }
  if (name === 'training' && given.type === 'bool') {
    module.training = given.value;
    return;
  }
  module.attributes.set(name, given);
}

function requireReady(module: ModuleValue, what: string, site: Span, run: Evaluation): void {
  if (module.ready || module.class.unknownBase) return;
  run.raise('AttributeError', `cannot assign ${what} before Module.__init__() call`, site);
}

/** The stored form of a tensor that becomes a buffer; null where its shape or values are not known. */
export function bufferOf(given: Value, run: Evaluation, site: Span): StoredTensor | null {
  if (given.type !== 'tensor') return null;
  if (given.place.kind === 'stored') return given.place.tensor;
  const numbers = given.shape?.filter((dim): dim is number => typeof dim === 'number');
  if (!numbers || numbers.length !== given.shape?.length) return null;
  if (given.place.kind === 'fresh' && given.place.initialization && given.dtype === 'float32') {
    return { parameter: false, shape: numbers, trainable: false, initialization: given.place.initialization };
  }
  if (given.place.kind === 'fresh' && given.place.recipe) {
    const { place, dtype } = given;
    return { parameter: false, shape: numbers, trainable: false, initialization: constant(0), known: place, dtype };
  }
  run.unmodelled(repr(given), "the buffer's values are computed; they are not modelled", site);
  return null;
}
