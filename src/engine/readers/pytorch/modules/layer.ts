import { AttributeError, completeAttributes, type LayerRow, ShapeError } from '../../../layers';
import { type Attributes, type AttributeValue, InputError, type Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { type Arguments, type ModuleValue, type StoredTensor, type UnknownValue, unknown, type Value } from '../values';

/** Arguments of PyTorch's constructors that change nothing that is modelled. */
const IGNORED = new Set(['device', 'dtype', 'inplace']);

/** A Python value as an attribute; undefined where it cannot be one. */
export function attributeValue(value: Value): AttributeValue | undefined {
  switch (value.type) {
    case 'none':
      return null;
    case 'bool':
    case 'int':
    case 'float':
    case 'string':
      return value.value;
    case 'dim':
      return { batch: value.batch };
    case 'list':
    case 'tuple': {
      const items = value.items.map(attributeValue);
      return items.includes(undefined) ? undefined : (items as AttributeValue[]);
    }
    default:
      return undefined;
  }
}

/** The constructor's arguments by the row's names, or why they are not known. */
function givenAttributes(row: LayerRow, args: Arguments, site: Span): Attributes | UnknownValue {
  if (args.open) return args.open;
  const names = Object.keys(row.attributes);
  const given: Record<string, AttributeValue> = {};
  const put = (name: string, value: Value): UnknownValue | undefined => {
    if (value.type === 'unknown') return unknown(`${name} is not known: ${value.why}`, value.source);
    const attribute = attributeValue(value);
    if (attribute === undefined) return unknown(`its ${name} is not modelled`, site);
    given[name] = attribute;
    return undefined;
  };
  for (const [i, value] of args.positional.entries()) {
    const name = names[i];
    // What comes after the last attribute is `inplace`.
    if (name === undefined && value.type === 'bool') continue;
    if (name === undefined) return unknown(`it is given ${args.positional.length} arguments`, site);
    const failed = put(name, value);
    if (failed) return failed;
  }
  for (const [name, value] of args.keywords) {
    if (IGNORED.has(name) && !names.includes(name)) continue;
    const failed = put(name, value);
    if (failed) return failed;
  }
  return given;
}

/** Makes `module` a layer of this row, with its parameters and buffers as PyTorch registers them. */
export function becomeLayer(module: ModuleValue, row: LayerRow, args: Arguments, site: Span, run: Evaluation): void {
  module.ready = true;
  const refuse = (reason: UnknownValue) => {
    module.opaque = reason;
    run.note(reason, module.class.name);
  };
  const given = givenAttributes(row, args, site);
  if ('type' in given && given.type === 'unknown') {
    refuse(given as UnknownValue);
    return;
  }
  let attributes: Attributes;
  try {
    attributes = completeAttributes(row, given as Attributes);
  } catch (error) {
    if (error instanceof ShapeError) run.raise('ValueError', error.message, site);
    if (!(error instanceof AttributeError)) throw error;
    const known = row.attributes[error.attribute];
    if (known && !(error.attribute in given)) {
      run.raise(
        'TypeError',
        `${row.kind}.__init__() missing 1 required positional argument: '${error.attribute}'`,
        site,
      );
    }
    const fits = known?.accept((given as Attributes)[error.attribute] ?? null) !== undefined;
    if (known && fits) run.raise('ValueError', error.message, site);
    refuse(unknown(error.message, site));
    return;
  }
  module.layer = { row, attributes };
  for (const [local, kind] of Object.entries(row.submodules ?? {})) {
    const of = run.libraryClass(`torch.nn.${kind}`);
    if (!of) continue;
    module.children.set(local, {
      ...module,
      class: of,
      attributes: new Map(),
      children: new Map(),
      parameters: new Map(),
      buffers: new Map(),
      layer: undefined,
    });
  }
  const register = (name: string, stored: StoredTensor, of: 'parameters' | 'buffers') => {
    const dot = name.lastIndexOf('.');
    const owner = dot < 0 ? module : module.children.get(name.slice(0, dot));
    (owner ?? module)[of].set(owner === module || !owner ? name : name.slice(dot + 1), stored);
  };
  for (const [name, { shape, initialization }] of Object.entries(row.parameters?.(attributes) ?? {})) {
    register(name, { parameter: true, shape, initialization, trainable: true }, 'parameters');
  }
  for (const [name, { shape, initialization }] of Object.entries(row.buffers?.(attributes) ?? {})) {
    register(name, { parameter: false, shape, initialization, trainable: false }, 'buffers');
  }
}

/** An error of a shape that does not fit, with the layer and the place that it lacks. */
export function shapeMismatch(error: ShapeError, layer: string, inputs: string, site: Span, called?: Span): InputError {
  const where = called && called.start.line !== site.start.line ? ` (called on line ${called.start.line})` : '';
  return new InputError(
    `${layer}${where} does not fit its input ${inputs}: ${error.message}`,
    'change its arguments, the layer before it or the input',
    site,
  );
}
