import { AttributeError, completeAttributes, fanShape, type LayerRow, NotModelled, ShapeError } from '../../layers';
import type { AttributeValue, Shape, Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { attributeValue, shapeMismatch } from '../python/modules/layer';
import { type ModuleValue, NONE, type StoredTensor, type TensorValue, unknown } from '../python/values';
import { initializationOf } from './initializers';
import { initializerOf, type LayerSpec } from './specs';
import { kerasClassOf, stateOf } from './state';

/** What Keras works out of the input's shape when a layer is built, beside what a row infers. */
function sizesOf(
  kind: string,
  given: Readonly<Record<string, AttributeValue>>,
  input: Shape,
): Record<string, AttributeValue> {
  const axes = (value: AttributeValue | undefined): number[] =>
    (Array.isArray(value) ? value : [value ?? -1]).map(Number);
  const [axis = -1] = axes(given.axis);
  if (kind === 'KerasBatchNormalization' || kind === 'KerasGroupNormalization') {
    const channels = input.at(axis);
    return { axis, ...(channels !== undefined && { channels }) };
  }
  if (kind === 'KerasNormalization' && given.axis === null) return { axis: [], shape: [] };
  if (kind === 'KerasLayerNormalization' || kind === 'KerasRMSNormalization' || kind === 'KerasNormalization') {
    const shape = axes(given.axis).map((each) => input.at(each) ?? 0);
    return { shape };
  }
  return {};
}

/** The attributes that a layer's arguments give its row, or why they are not known. */
function givenAttributes(module: ModuleValue, row: LayerRow, spec: LayerSpec, site: Span) {
  const given: Record<string, AttributeValue> = {};
  for (const [name, value] of stateOf(module).config) {
    const attribute = spec.renamed?.[name] ?? name;
    if (!Object.hasOwn(row.attributes, attribute) || value.type === 'none') continue;
    if (value.type === 'unknown') return unknown(`${name} is not known: ${value.why}`, value.source);
    const fallback = row.role === 'recurrent' && /activation$/.test(name) ? 'other' : undefined;
    const plain = attributeValue(value);
    // One size in a tuple is that size.
    const single = attribute === 'output_dim' && Array.isArray(plain) && plain.length === 1 ? plain[0] : plain;
    const known = single ?? fallback ?? (name === 'noise_shape' ? null : undefined);
    if (known === undefined) return unknown(`its ${name} is not modelled`, site);
    const word = typeof known === 'string' && name === 'padding' ? known.toLowerCase() : known;
    given[attribute] = fallback && row.attributes[attribute]!.accept(word) === undefined ? fallback : word;
  }
  return given;
}

function refuse(module: ModuleValue, reason: ReturnType<typeof unknown>, run: Evaluation): void {
  module.opaque = reason;
  run.note(reason, module.class.name);
}

/** Registers a weight under its name, in a child of its own where the name has a dot (`query.kernel`). */
function register(module: ModuleValue, name: string, stored: StoredTensor, site: Span, run: Evaluation): void {
  const [owner, local] = name.includes('.') ? (name.split('.') as [string, string]) : [undefined, name];
  if (owner === undefined) {
    module[stored.parameter ? 'parameters' : 'buffers'].set(local, stored);
    return;
  }
  let child = module.children.get(owner);
  if (!child) {
    child = {
      ...module,
      class: run.libraryClass('keras.layers.EinsumDense')!,
      attributes: new Map(),
      children: new Map(),
      parameters: new Map(),
      buffers: new Map(),
      layer: undefined,
      source: site,
    };
    Object.assign(stateOf(child), { name: owner, built: true });
    module.children.set(owner, child);
  }
  child.parameters.set(local, stored);
}

/** What was to be built, and of which arguments. */
interface Building {
  readonly module: ModuleValue;
  readonly row: LayerRow;
  readonly known: Readonly<Record<string, AttributeValue>>;
  readonly site: Span;
}

/** A refusal of the row's, as Keras's own error at the layer's line; what is not modelled makes the layer opaque. */
function refused(error: unknown, { module, row, known, site }: Building, run: Evaluation): void {
  if (error instanceof NotModelled) {
    refuse(module, unknown(error.message, site), run);
    return;
  }
  if (error instanceof ShapeError) throw shapeMismatch(error, stateOf(module).name, [], module.source, site);
  if (!(error instanceof AttributeError)) throw error;
  const { attribute, message } = error;
  const given = known[attribute];
  if (given === undefined && row.attributes[attribute]?.inferred) {
    const what = `The last dimension of the inputs to \`${module.class.name}\` should be defined. Found None.`;
    run.raise('ValueError', what, site);
  }
  const accepted = given === undefined || row.attributes[attribute]?.accept(given) !== undefined;
  if (accepted) run.refuse(error, module.source);
  run.raise('ValueError', message.replace(/^Keras/, ''), module.source);
}

/** Makes the weights of a layer for these inputs, as Keras does at the first call. */
export function build(
  module: ModuleValue,
  row: LayerRow,
  spec: LayerSpec,
  inputs: readonly TensorValue[],
  said: Readonly<Record<string, AttributeValue>>,
  site: Span,
  run: Evaluation,
): void {
  const state = stateOf(module);
  const given = givenAttributes(module, row, spec, site);
  if ('type' in given && given.type === 'unknown') {
    refuse(module, given as ReturnType<typeof unknown>, run);
    return;
  }
  const shapes = inputs.map(({ shape }) => shape!);
  const known = given as Record<string, AttributeValue>;
  if (row.kind === 'KerasPReLU') {
    const shared = attributeValue(state.config.get('shared_axes') ?? NONE);
    const axes = Array.isArray(shared) ? shared : [shared];
    known.shape = shapes[0]!.slice(1).map((size, i) => (axes.includes(i + 1) ? 1 : size));
  }
  try {
    const sizes = sizesOf(row.kind, known, shapes[0] ?? []);
    const completed = completeAttributes(row, { ...known, ...sizes, ...said }, shapes);
    // What a call says is said again by the next.
    const plain = Object.keys(said).map((name) => [name, row.attributes[name]!.fallback!] as const);
    const attributes = { ...completed, ...Object.fromEntries(plain) };
    module.layer = { row, attributes };
    const owner = kerasClassOf(module) ?? '';
    const add = (name: string, shape: readonly number[], own: StoredTensor['initialization'], parameter: boolean) => {
      const asked = initializerOf(name, owner)
        .map((each) => state.config.get(each))
        .find((value) => value && value.type !== 'none');
      const drawn = asked && initializationOf(asked, fanShape(name, shape));
      const initialization = drawn ?? own;
      if (asked && !drawn) {
        run.note(
          unknown(`the initializer of ${name} is not modelled; Keras's default stands in its place`, site),
          module.class.name,
        );
      }
      register(module, name, { parameter, shape, initialization, trainable: parameter }, module.source, run);
    };
    for (const [name, each] of Object.entries(row.parameters?.(attributes) ?? {}))
      add(name, each.shape, each.initialization, true);
    for (const [name, each] of Object.entries(row.buffers?.(attributes) ?? {}))
      add(name, each.shape, each.initialization, false);
    state.built = true;
  } catch (error) {
    refused(error, { module, row, known, site }, run);
  }
}
