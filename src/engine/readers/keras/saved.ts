import { InputError, type SourceDocument, type Span, spanOf } from '../../network';
import type { Evaluation } from '../python/evaluator';
import {
  type Arguments,
  dict,
  list,
  type ModuleValue,
  NONE,
  type RecordValue,
  string,
  tuple,
  unknown,
  type Value,
} from '../python/values';
import { isObject, type Json, type JsonObject, Places, plainValue } from './json';
import { snakeCase } from './naming';
import { stateOf, tensorsIn } from './state';

/** A layer's call in a saved graph: what it takes, tensors by the layer that made them. */
interface SavedNode {
  readonly layer: string;
  readonly index: number;
  readonly args: Json;
  readonly kwargs: Json;
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Makes the objects of a saved configuration as the same calls would that a file could write. */
export class SavedModel {
  readonly #run: Evaluation;
  readonly #places: Places;
  readonly #document: SourceDocument;

  constructor(document: SourceDocument, run: Evaluation) {
    this.#document = document;
    this.#run = run;
    this.#places = new Places(document);
  }

  /** @throws InputError for JSON that is no model of Keras's. */
  model(saved: Json): ModuleValue {
    const kind = isObject(saved) ? text(saved.class_name) : '';
    const made = isObject(saved) && /^(Sequential|Functional|Model)$/.test(kind) ? this.#object(saved) : undefined;
    if (made?.type === 'module') return made;
    throw new InputError(
      kind
        ? `${kind} is no model that its configuration alone makes`
        : 'the file is no saved model of Keras: it has no class_name',
      kind
        ? 'give the Python file that defines the class'
        : 'save one with model.to_json(), or name a description *.normscope.json',
      spanOf(this.#document),
    );
  }

  /** A layer, a model, an initializer; anything else as plain values. */
  #object(saved: JsonObject): Value {
    const name = text(saved.class_name);
    const config: JsonObject = isObject(saved.config) ? saved.config : {};
    const module = text(saved.module);
    if (name === 'function' || name === '__lambda__') return plainValue(saved.config ?? null);
    if (name === 'Sequential') return this.#sequential(config, saved.config ?? null);
    if (/^(Functional|Model)$/.test(name) && Array.isArray(config.layers)) return this.#functional(config);
    if (
      /initializers/.test(module) ||
      (module === '' && !('name' in config) && snakeCase(name) !== name && !this.#isLayer(name))
    ) {
      return this.#call(this.#run.library(`keras.initializers.${name}`), config, spanOf(this.#document));
    }
    const [, family] = /^keras\.(?:src\.)?(regularizers|constraints)\b/.exec(module) ?? [];
    if (family) return this.#call(this.#run.library(`keras.${family}.${name}`), config, spanOf(this.#document));
    if (/^__.*__$|DTypePolicy|^Policy$/.test(name)) return NONE;
    const at = this.#places.of(text(config.name));
    if (/\.ops\./.test(module))
      return this.#savedOperation(/\.image$/.test(module) ? `image.${name}` : name, config, at);
    if (!this.#isLayer(name))
      return unknown(
        `${saved.registered_name ? text(saved.registered_name) : name} is a class of the model's own file`,
        at,
      );
    return this.#call(this.#run.libraryClass(`keras.layers.${name}`)!, config, at);
  }

  #isLayer(name: string): boolean {
    return /^[A-Z]\w*$/.test(name) && this.#run.libraryClass(`keras.layers.${name}`) !== undefined;
  }

  #value(value: Json): Value {
    if (Array.isArray(value)) return list(value.map((item) => this.#value(item)));
    if (!isObject(value)) return plainValue(value);
    if ('class_name' in value && 'config' in value) return this.#object(value);
    return dict(Object.entries(value).map(([name, item]) => [string(name), this.#value(item)] as const));
  }

  #call(callee: Value, config: JsonObject, at: Span): Value {
    const keywords = new Map<string, Value>();
    for (const [name, value] of Object.entries(config)) {
      if (
        /^(dtype|build_config|module|registered_name|batch_input_shape|quantization_config|use_gate|sliding_window)$/.test(
          name,
        ) &&
        name !== 'batch_input_shape'
      )
        continue;
      const given = name === 'config' ? NONE : this.#value(value);
      keywords.set(name, given.type === 'list' && !/layers/.test(name) ? tuple(given.items) : given);
    }
    return this.#run.call(callee, { positional: [], keywords }, at);
  }

  #sequential(config: JsonObject, whole: Json): Value {
    // Early files have the list of layers alone.
    const layers = Array.isArray(config.layers) ? config.layers : Array.isArray(whole) ? whole : [];
    const made = layers
      .filter(isObject)
      .map((layer) => (text(layer.class_name) === 'InputLayer' ? this.#input(layer) : this.#object(layer)));
    return this.#run.call(
      this.#run.libraryClass('keras.Sequential')!,
      { positional: [list(made)], keywords: new Map([['name', string(text(config.name) || 'sequential')]]) },
      this.#places.of(text(config.name)),
    );
  }

  #input(layer: JsonObject): Value {
    const config = isObject(layer.config) ? layer.config : {};
    const shape = config.batch_shape ?? config.batch_input_shape ?? null;
    const keywords = new Map<string, Value>([
      ['batch_shape', plainValue(shape)],
      ['name', plainValue(config.name ?? null)],
      ['dtype', plainValue(typeof config.dtype === 'string' ? config.dtype : null)],
    ]);
    return this.#run.call(
      this.#run.library('keras.Input'),
      { positional: [], keywords },
      this.#places.of(text(config.name)),
    );
  }

  #functional(config: JsonObject): Value {
    const layers = (config.layers as readonly Json[]).filter(isObject);
    const made = new Map<string, Value>();
    const outputs = new Map<string, Value>();
    const nodes: SavedNode[] = [];
    for (const layer of layers) {
      const name = text(layer.name) || text(isObject(layer.config) ? layer.config.name : '');
      if (text(layer.class_name) === 'InputLayer') outputs.set(`${name}:0`, this.#input(layer));
      else {
        made.set(name, this.#object(layer));
        nodes.push(...nodesOf(name, layer.inbound_nodes));
      }
    }
    // A model's calls may be counted from its own making on.
    const calls = (layer: string): number => Math.max(1, nodes.filter((node) => node.layer === layer).length);
    const counted = (id: string): string => {
      const [, layer = '', index = '0'] = /^(.*):(\d+)$/.exec(id) ?? [];
      return `${layer}:${Math.min(Number(index), calls(layer) - 1)}`;
    };
    // A shared layer's later calls may take what layers after it give.
    for (let left = nodes; left.length > 0; ) {
      const ready = left.filter((node) =>
        [...historiesIn(node.args), ...historiesIn(node.kwargs)].every((id) => outputs.has(counted(id))),
      );
      if (ready.length === 0)
        return unknown(`the input of '${left[0]!.layer}' is made nowhere`, this.#places.of(left[0]!.layer));
      for (const node of ready)
        outputs.set(`${node.layer}:${node.index}`, this.#apply(made.get(node.layer)!, node, outputs));
      left = left.filter((node) => !ready.includes(node));
    }
    const of = (listed: Json | undefined): Value => {
      const entries =
        Array.isArray(listed) && typeof listed[0] === 'string' ? [listed] : Array.isArray(listed) ? listed : [];
      return list(entries.map((entry) => (Array.isArray(entry) ? tensorAt(outputs, entry) : NONE)));
    };
    const keywords = new Map<string, Value>([
      ['inputs', of(config.input_layers)],
      ['outputs', of(config.output_layers)],
      ['name', string(text(config.name) || 'functional')],
    ]);
    return this.#run.call(
      this.#run.libraryClass('keras.Model')!,
      { positional: [], keywords },
      this.#places.of(text(config.name)),
    );
  }

  #apply(callee: Value, node: SavedNode, outputs: ReadonlyMap<string, Value>): Value {
    const at = this.#places.of(node.layer);
    if (callee.type === 'unknown') return callee;
    const args = this.#withTensors(node.args, outputs);
    const named = this.#withTensors(node.kwargs, outputs);
    const positional = args.type === 'list' ? args.items : [args];
    const keywords = new Map<string, Value>();
    if (named.type === 'dict') {
      for (const { key, value } of named.entries.values()) {
        const said =
          value.type !== 'none' && (key.type !== 'string' || key.value !== 'mask' || value.type === 'tensor');
        if (key.type === 'string' && said) keywords.set(key.value, value);
      }
    }
    const given: Arguments = { positional, keywords };
    if (callee.type !== 'record') return this.#run.call(callee, given, at);
    // What it was made with, and what the call says.
    const all = new Map([...callee.args.keywords, ...keywords]);
    return this.#operation(callee.path, { positional, keywords: all }, at);
  }

  /** An operation with its own arguments: `{"class_name": "Mean", "config": {"axis": 1}}`. */
  #savedOperation(name: string, config: JsonObject, source: Span): RecordValue {
    const said = Object.entries(config).filter(([key, value]) => key !== 'name' && value !== null);
    const keywords = new Map(said.map(([key, value]) => [key, this.#value(value)] as const));
    return { type: 'record', path: name, args: { positional: [], keywords }, source, names: [] };
  }

  /** An operation on tensors that Keras keeps in the graph: `Add`, `GetItem`, `Relu`. */
  #operation(name: string, { positional, keywords }: Arguments, at: Span): Value {
    const [x = NONE, index] = positional;
    if (name === 'GetItem' && index) {
      return this.#run.subscript(x, index.type === 'list' ? tuple(index.items) : index, at);
    }
    const equation = keywords.get('subscripts');
    if (equation) {
      const library = this.#run.library('keras.ops.einsum');
      return this.#run.call(library, { positional: [equation, ...positional], keywords: new Map() }, at);
    }
    const [, module = '', own = name] = /^(image\.)?(\w+)$/.exec(name) ?? [];
    const path = `keras.ops.${module}${OPERATIONS[own] ?? snakeCase(own)}`;
    return this.#run.call(this.#run.library(path), { positional, keywords }, at);
  }

  /** What Keras writes of Python's and numpy's own values among arguments: known tensors, slices, `...`. */
  #constant(name: string, config: Json): Value | undefined {
    const own = isObject(config) ? config : {};
    if (name === '__ellipsis__') return { type: 'ellipsis' };
    if (name === '__slice__') {
      const [start, stop, step] = [own.start, own.stop, own.step].map((each) => plainValue(each ?? null));
      return { type: 'slice', start: start!, stop: stop!, step: step! };
    }
    if (name !== '__tensor__' && name !== '__numpy__') return undefined;
    const whole = /int|bool/.test(text(own.dtype));
    const dtype: Value = { type: 'library', path: `torch.${whole ? 'int64' : 'float32'}` };
    return this.#run.call(
      this.#run.library('torch.tensor'),
      { positional: [plainValue(own.value ?? null)], keywords: new Map([['dtype', dtype]]) },
      spanOf(this.#document),
    );
  }

  /** A call's arguments with the tensors that they name. */
  #withTensors(value: Json, outputs: ReadonlyMap<string, Value>): Value {
    if (isObject(value) && text(value.class_name) === '__keras_tensor__') {
      const history = isObject(value.config) ? value.config.keras_history : undefined;
      return Array.isArray(history) ? tensorAt(outputs, history) : NONE;
    }
    const constant = isObject(value) ? this.#constant(text(value.class_name), value.config ?? null) : undefined;
    if (constant) return constant;
    if (isObject(value) && text(value.class_name) === '__old__')
      return tensorAt(outputs, value.config as readonly Json[]);
    if (Array.isArray(value)) return list(value.map((item) => this.#withTensors(item, outputs)));
    if (!isObject(value)) return plainValue(value);
    return dict(Object.entries(value).map(([name, item]) => [string(name), this.#withTensors(item, outputs)] as const));
  }
}

/** Functions whose classes have other names. */
const OPERATIONS: Readonly<Record<string, string>> = {
  CDist: 'cdist',
  BatchNorm: 'batch_normalization',
  LayerNorm: 'layer_normalization',
  RMSNorm: 'rms_normalization',
  RGBToGrayscale: 'rgb_to_grayscale',
};

/** The tensor of `["conv2d", 0, 0]`: a layer's call and output. */
function tensorAt(outputs: ReadonlyMap<string, Value>, [layer, node, at]: readonly Json[]): Value {
  const last = [...outputs.keys()].filter((id) => id.slice(0, id.lastIndexOf(':')) === String(layer)).length - 1;
  // A model's calls may be counted from its own making on.
  const index = Math.min(Number(node), Math.max(0, last));
  const made = outputs.get(`${String(layer)}:${index}`) ?? NONE;
  return made.type === 'tensor' ? made : (tensorsIn(made)[Number(at)] ?? made);
}

/** The calls of a layer, as Keras 3 writes them, or as Keras 2 did: lists of [layer, node, tensor, arguments]. */
function nodesOf(layer: string, saved: Json | undefined): SavedNode[] {
  if (!Array.isArray(saved)) return [];
  return saved.map((node, index): SavedNode => {
    if (isObject(node)) return { layer, index, args: node.args ?? [], kwargs: node.kwargs ?? {} };
    const entries = (Array.isArray(node) ? node : []).filter((entry): entry is readonly Json[] => Array.isArray(entry));
    const tensors = entries.map((entry): Json => ({ class_name: '__old__', config: entry.slice(0, 3) }));
    const kwargs = entries[0]?.[3] ?? {};
    return { layer, index, args: tensors.length === 1 ? tensors : [tensors], kwargs };
  });
}

/** Which calls' outputs arguments name. */
function historiesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(historiesIn);
  if (!isObject(value)) return [];
  const history =
    text(value.class_name) === '__keras_tensor__' && isObject(value.config)
      ? value.config.keras_history
      : text(value.class_name) === '__old__'
        ? value.config
        : undefined;
  if (Array.isArray(history)) return [`${String(history[0])}:${Number(history[1])}`];
  return Object.values(value).flatMap(historiesIn);
}

/** What a `.keras` archive or a script's file says of training. */
export function rememberTraining(root: ModuleValue, saved: Json, source: Span): void {
  const config = isObject(saved) ? saved.compile_config : undefined;
  if (!isObject(config)) return;
  const keywords = new Map<string, Value>();
  for (const name of ['loss', 'optimizer']) {
    const value = config[name];
    const word = isObject(value) ? text(value.class_name) : text(value);
    if (!word) continue;
    const settings = isObject(value) && isObject(value.config) ? value.config : {};
    const given = new Map(Object.entries(settings).map(([key, each]) => [key, plainValue(each)] as const));
    keywords.set(
      name,
      isObject(value)
        ? {
            type: 'record',
            path: `keras.${name}.${word}`,
            args: { positional: [], keywords: given },
            source,
            names: [],
          }
        : string(word),
    );
  }
  if (keywords.size > 0) stateOf(root).compiled = { args: { positional: [], keywords }, source };
}
