import type { Span } from '../../network';
import type { Arguments, ClassValue, InstanceValue, ModuleValue, TensorValue, Value } from '../python/values';

/** A model's own graph: what `keras.Model(inputs, outputs)` keeps. */
export interface Functional {
  readonly inputs: Value;
  readonly outputs: Value;
}

/** What a script said of a model's training. */
export interface Training {
  readonly args: Arguments;
  readonly source: Span;
}

/** What Keras keeps of a layer beside its attributes. */
export interface KerasState {
  /** As Keras names it: given, or of its class and a count. */
  name: string;
  /** The constructor's arguments by name, where it is a layer of Keras's own. */
  config: Map<string, Value>;
  built: boolean;
  /** The layers of a Sequential, in order. */
  layers?: ModuleValue[];
  functional?: Functional;
  /** The KerasTensors that its last call outside of a model took and gave. */
  input?: Value;
  output?: Value;
  /** `(None, 28, 28, 1)`, as `build` or `input_shape=` gives it, and where. */
  inputShape?: { readonly shape: Value; readonly source: Span };
  compiled?: Training;
  fitted?: Training;
  /** What is said of the training of a model that holds this one and trains it by steps of its own. */
  trainedBy?: { readonly compiled?: Training; readonly fitted?: Training };
}

const states = new WeakMap<ModuleValue, KerasState>();

export function stateOf(module: ModuleValue): KerasState {
  const known = states.get(module);
  if (known) return known;
  const made: KerasState = { name: '', config: new Map(), built: false };
  states.set(module, made);
  return made;
}

/** What an optimizer of a class of the file's own hands to the one that it derives from. */
export const derivedArguments = new WeakMap<InstanceValue, Arguments>();

export const LAYER = 'keras.Layer';
export const MODEL = 'keras.Model';
export const SEQUENTIAL = 'keras.Sequential';

export const isKerasClass = (of: ClassValue): boolean => of.resolution.some(({ path }) => path === LAYER);
export const isA = (module: ModuleValue, path: string): boolean =>
  module.class.resolution.some((base) => base.path === path);
export const isKerasModel = (module: ModuleValue): boolean => isKerasClass(module.class);

/**
 * Whether a model only trains the models that it holds: a class of the file's own below keras.Model without a `call`, as
 * autoencoders and adversaries with a `train_step` have it.
 */
const onlyTrains = (module: ModuleValue): boolean => {
  const { functional, layers } = stateOf(module);
  if (functional || layers || !isA(module, MODEL) || module.class.path !== undefined) return false;
  return module.class.resolution.find(({ attributes }) => attributes.has('call'))?.path === MODEL;
};

/** The models that such a one holds, by its attributes' names. They are trained as it says. */
export function heldModels(module: ModuleValue): ReadonlyMap<string, ModuleValue> | undefined {
  if (!onlyTrains(module)) return undefined;
  const held = new Map<string, ModuleValue>();
  for (const [name, value] of module.attributes)
    if (value.type === 'module' && isA(value, MODEL) && ![...held.values()].includes(value)) held.set(name, value);
  // A copy that follows another's weights is the same network.
  for (const name of [...held.keys()]) {
    const followed = /^(?:ema|target|momentum)_(\w+)$/.exec(name)?.[1];
    if (followed !== undefined && held.has(followed)) held.delete(name);
  }
  if (held.size === 0) return undefined;
  const { compiled, fitted } = stateOf(module);
  for (const model of held.values()) {
    const state = stateOf(model);
    if (!state.compiled && !state.trainedBy) Object.assign(state, { trainedBy: { compiled, fitted } });
  }
  return held;
}

/** The class of Keras's own that a layer is of, or is below: `Dense`; undefined for a layer of the file's. */
export const kerasClassOf = ({ class: of }: ModuleValue): string | undefined =>
  of.resolution.map(({ path }) => /^keras\.layers\.(\w+)$/.exec(path ?? '')?.[1]).find(Boolean);

/** Tensors inside a value: of lists, tuples and dictionaries. */
export function tensorsIn(value: Value): TensorValue[] {
  switch (value.type) {
    case 'tensor':
      return [value];
    case 'list':
    case 'tuple':
      return value.items.flatMap(tensorsIn);
    case 'dict':
      return [...value.entries.values()].flatMap((entry) => tensorsIn(entry.value));
    default:
      return [];
  }
}

/** The same structure with other tensors. */
export function mapTensors(value: Value, change: (tensor: TensorValue) => Value): Value {
  switch (value.type) {
    case 'tensor':
      return change(value);
    case 'list':
      return { type: 'list', items: value.items.map((item) => mapTensors(item, change)) };
    case 'tuple':
      return { ...value, items: value.items.map((item) => mapTensors(item, change)) };
    case 'dict':
      return {
        type: 'dict',
        entries: new Map(
          [...value.entries].map(([key, entry]) => [key, { key: entry.key, value: mapTensors(entry.value, change) }]),
        ),
      };
    default:
      return value;
  }
}

export const mapArguments = (args: Arguments, change: (tensor: TensorValue) => Value): Arguments => ({
  ...args,
  positional: args.positional.map((value) => mapTensors(value, change)),
  keywords: new Map([...args.keywords].map(([name, value]) => [name, mapTensors(value, change)])),
});

/** The layers that a layer holds: a model's in order, else those among its attributes, in lists and dictionaries too. */
export function childrenOf(module: ModuleValue): ModuleValue[] {
  const { layers } = stateOf(module);
  const found = new Set<ModuleValue>(layers ?? []);
  const seen = new Set<Value>();
  const visit = (value: Value, depth: number): void => {
    if (value.type === 'module') found.add(value);
    if (depth > 6 || seen.has(value)) return;
    seen.add(value);
    if (value.type === 'list' || value.type === 'tuple') for (const item of value.items) visit(item, depth + 1);
    if (value.type === 'dict') for (const entry of value.entries.values()) visit(entry.value, depth + 1);
  };
  for (const value of module.attributes.values()) visit(value, 0);
  for (const child of module.children.values()) if (child) found.add(child);
  found.delete(module);
  return [...found];
}

/** A layer and all layers in it. */
export function partsOf(module: ModuleValue): ModuleValue[] {
  const seen = new Set<ModuleValue>();
  const visit = (each: ModuleValue): void => {
    if (seen.has(each)) return;
    seen.add(each);
    for (const child of childrenOf(each)) visit(child);
  };
  visit(module);
  return [...seen];
}
