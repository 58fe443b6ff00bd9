import { AttributeError, completeAttributes, type LayerRow, NotModelled, ShapeError } from '../../../layers';
import {
  type Attributes,
  type AttributeValue,
  type Dim,
  InputError,
  lineText,
  type Span,
  type ValueType,
} from '../../../network';
import { formatIncoming, type Incoming } from '../../shapeOrigin';
import type { Evaluation } from '../evaluator';
import { BudgetExceeded } from '../evaluator/budget';
import {
  type Arguments,
  asNumber,
  bool,
  dimension,
  float,
  int,
  type ModuleValue,
  NONE,
  type StoredTensor,
  string,
  tuple,
  type UnknownValue,
  unknown,
  type Value,
} from '../values';

/** Arguments of PyTorch's constructors that change nothing that is modelled. */
const IGNORED = new Set(['device', 'dtype', 'inplace', 'process_group']);

/** A dtype of torch as the engine has it: every float is float32, every whole number int64. Undefined for what is no dtype. */
export function elementType(path: string): ValueType | undefined {
  if (/^torch\.(float(16|32|64)?|half|double|bfloat16)$/.test(path)) return 'float32';
  if (/^torch\.(u?int(8|16|32|64)?|long|short)$/.test(path)) return 'int64';
  return path === 'torch.bool' ? 'bool' : undefined;
}

/** A Python value as an attribute; undefined where it cannot be one. */
export function attributeValue(value: Value): AttributeValue | undefined {
  switch (value.type) {
    case 'none':
      return null;
    case 'bool':
      return value.byMode ? null : value.value;
    case 'int':
    case 'float':
    case 'string':
      return value.value;
    case 'dim':
      return { batch: value.batch };
    case 'library':
      return elementType(value.path);
    // `np.prod(shape)`: a known number.
    case 'tensor':
      return value.shape?.length === 0 ? asNumber(value) : undefined;
    case 'list':
    case 'tuple': {
      const items = value.items.map(attributeValue);
      return items.includes(undefined) ? undefined : (items as AttributeValue[]);
    }
    default:
      return undefined;
  }
}

/** A value as an attribute takes it: as in Python, numbers stand for true and false, and these for numbers. */
export function fitting(attribute: LayerRow['attributes'][string] | undefined, value: AttributeValue): AttributeValue {
  if (!attribute || attribute.accept(value) !== undefined) return value;
  if (typeof value === 'boolean') return attribute.accept(Number(value)) === undefined ? value : Number(value);
  const truth = typeof value === 'number' ? value !== 0 : value === null ? false : undefined;
  return truth === undefined || attribute.takes !== 'true or false' ? value : truth;
}

/** An attribute as Python sees it: `conv.in_channels`, `pool.kernel_size`. */
export function valueOfAttribute(attribute: AttributeValue): Value {
  if (attribute === null) return NONE;
  if (typeof attribute === 'boolean') return bool(attribute);
  if (typeof attribute === 'string') return string(attribute);
  if (typeof attribute === 'number') return Number.isInteger(attribute) ? int(attribute) : float(attribute);
  if (Array.isArray(attribute)) return tuple((attribute as readonly AttributeValue[]).map(valueOfAttribute));
  return dimension(attribute as Dim);
}

/** Sets an attribute of a layer after it was made (`dropout.p = 0.2`); false where the layer has none such or cannot take it. */
export function setLayerAttribute(module: ModuleValue, name: string, given: Value): boolean {
  const { layer } = module;
  const attribute = layer && Object.hasOwn(layer.row.attributes, name) ? layer.row.attributes[name] : undefined;
  const value = attributeValue(given);
  const accepted = value === undefined ? undefined : attribute?.accept(value);
  if (!layer || accepted === undefined) return false;
  module.layer = { row: layer.row, attributes: { ...layer.attributes, [name]: accepted } };
  return true;
}

/** What PyTorch registers as None where a layer is made without it. */
const OPTIONAL = { parameters: ['weight', 'bias'], buffers: ['running_mean', 'running_var'] } as const;

/** The constructor's arguments by the row's names, or why they are not known. */
function givenAttributes(
  { attributes }: Pick<LayerRow, 'attributes'>,
  args: Arguments,
  site: Span,
): Attributes | UnknownValue {
  if (args.open) return args.open;
  const names = Object.keys(attributes).filter((name) => !attributes[name]!.ofCall);
  const given: Record<string, AttributeValue> = {};
  const put = (name: string, value: Value): UnknownValue | undefined => {
    if (value.type === 'unknown') return unknown(`${name} is not known: ${value.why}`, value.source);
    const attribute = attributeValue(value);
    if (attribute === undefined) return unknown(`its ${name} is not modelled`, site);
    given[name] = fitting(attributes[name], attribute);
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

/**
 * The attributes that a constructor's arguments give a module; undefined where they are not known or not modelled, which
 * the module then says of itself.
 */
export function constructedAttributes(
  module: ModuleValue,
  row: Pick<LayerRow, 'kind' | 'attributes' | 'validate'>,
  args: Arguments,
  site: Span,
  run: Evaluation,
): Attributes | undefined {
  module.ready = true;
  const refuse = (reason: UnknownValue) => {
    module.opaque = reason;
    run.note(reason, module.class.name);
    return undefined;
  };
  // nn.Identity takes whatever it is given.
  const given = row.kind === 'Identity' ? {} : givenAttributes(row, args, site);
  if ('type' in given && given.type === 'unknown') return refuse(given as UnknownValue);
  try {
    return completeAttributes(row, given as Attributes);
  } catch (error) {
    if (error instanceof ShapeError) run.refuse(error, site);
    if (!(error instanceof AttributeError)) throw error;
    const known = row.attributes[error.attribute];
    // Code that tries a layer with more than it takes goes on as Python would; elsewhere it may be what the row lacks.
    if (!known && error.attribute in given && run.tryDepth > 0)
      run.raise('TypeError', `${row.kind}.__init__() got an unexpected keyword argument '${error.attribute}'`, site);
    if (known && !(error.attribute in given)) {
      run.raise(
        'TypeError',
        `${row.kind}.__init__() missing 1 required positional argument: '${error.attribute}'`,
        site,
      );
    }
    const fits = known?.accept((given as Attributes)[error.attribute] ?? null) !== undefined;
    if (known && fits && !(error instanceof NotModelled)) run.refuse(error, site);
    return refuse(unknown(error.message, site));
  }
}

/** Layers of one recurrent module: each declares its own parameters. */
const MOST_STACKED = 10_000;

/** Makes `module` a layer of this row, with its parameters and buffers as PyTorch registers them. */
export function becomeLayer(module: ModuleValue, row: LayerRow, args: Arguments, site: Span, run: Evaluation): void {
  const attributes = constructedAttributes(module, row, args, site, run);
  if (attributes) registerLayer(module, row, attributes, run);
}

/** Makes `module` a layer of this row and these attributes. */
export function registerLayer(module: ModuleValue, row: LayerRow, attributes: Attributes, run: Evaluation): void {
  if (typeof attributes.num_layers === 'number' && attributes.num_layers > MOST_STACKED)
    throw new BudgetExceeded(`${row.kind} of more than ${MOST_STACKED} layers`);
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
  for (const of of ['parameters', 'buffers'] as const) {
    if (row[of]) for (const name of OPTIONAL[of]) if (!module[of].has(name)) module[of].set(name, null);
  }
}

/** An error of a shape that does not fit, with the layer and the places that it lacks. */
export function shapeMismatch(
  error: ShapeError,
  layer: string,
  inputs: readonly Incoming[],
  site: Span,
  called?: Span,
): InputError {
  const where =
    called && (called.start.line !== site.start.line || called.cell !== site.cell)
      ? `, called on ${lineText(called)},`
      : '';
  return new InputError(
    `${layer}${where} does not fit its input ${inputs.map(formatIncoming).join(' and ')}: ${error.message}`,
    error.mend ?? 'change its arguments, the layer before it or the input',
    site,
  );
}
