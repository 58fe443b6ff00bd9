import type { Attributes, AttributeValue, Initialization, Shape, ValueType } from '../network';
import type { Tensor } from '../tensor';
import type { Attribute, AttributesOf } from './attribute';

/** What a layer does in a network, as rules and the advisor see it. */
export type Role =
  | 'affine' // weights: linear, convolution
  | 'embedding' // learned rows, taken by index
  | 'norm'
  | 'activation'
  | 'dropout'
  | 'pooling'
  | 'attention'
  | 'recurrent'
  | 'merge' // add, concatenate: several paths become one
  | 'shape' // moves elements, computes nothing
  | 'weight' // makes a weight of parameters, before anything flows through it
  | 'noise' // drawn at every step, from nothing
  | 'arithmetic'; // multiplication, reduction, and the like

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly initialization: Initialization;
}

export type Mode = 'train' | 'evaluate';

/** What a layer's forward may ask for beside its inputs. */
export interface ForwardContext {
  readonly mode: Mode;
  /** The size that the batch's symbol is bound to. */
  readonly batch: number;
  /** Whether the inputs come as [N, C, …] though the network has them as [N, …, C] (see `LayerRow.layout`). */
  readonly channelsFirst?: boolean;
  /** The module's parameter or buffer by its local name (`weight`, `out_proj.weight`, `running_mean`). */
  parameter(name: string): Tensor;
  buffer(name: string): Tensor;
  /** A mask of zeros and ones, each one with probability `keep`; fresh at every step and every request. */
  bernoulli(shape: readonly number[], keep: number): Tensor;
  /** Numbers uniform on [0, 1); fresh at every step and every request. */
  uniform(shape: readonly number[]): Tensor;
}

/**
 * How Python sees what a call gives: the output of that index alone, or a tuple of such, its fields named where it is a
 * named tuple; null is None. LSTM gives `{ items: [0, { items: [1, 2] }] }`.
 */
export type Results = number | null | { readonly items: readonly Results[]; readonly names?: readonly string[] };

/** What a layer's forward gives. */
export interface Forward {
  readonly outputs: readonly Tensor[];
  /** New values of the module's buffers, by local name (train mode). */
  readonly buffers?: Readonly<Record<string, Tensor>>;
  /** New values of the buffers that a function was given as operands, by their position. */
  readonly operands?: Readonly<Record<number, Tensor>>;
  /**
   * Boolean tensors, one value for each input value or softmax row: saturated on its low or its high side.
   * Only where the function is bounded. Computed only if an instrument asks.
   */
  readonly saturated?: { readonly low: Tensor; readonly high: Tensor };
  /** A boolean tensor of the input's shape: the derivative there is zero, or nearly. */
  readonly inactive?: Tensor;
}

/** A PyTorch function or tensor method that computes a layer kind. */
export interface FunctionForm {
  /** Full names: `torch.nn.functional.relu`, `torch.relu`, `Tensor.relu`, `Tensor.relu_`. */
  readonly names: readonly string[];
  /**
   * Its parameters in Python's order, a method's own tensor first, as `input`. Those named in `operands` take tensors;
   * those that the row knows are attributes; the rest (`out`) are accepted and ignored. A name with a star (`*dims`)
   * takes the remaining positional arguments, or one tuple or list of them: `view(2, 3)`, `view((2, 3))`.
   */
  readonly parameters: readonly string[];
  /**
   * The parameters that take tensors, in the order of the call's inputs. Default ['input']. `*tensors` takes a list of
   * tensors. An operand that is None is left out, with all after it, or alone where its name ends in `?`: the row's
   * attribute `operands` is then told the names of those that are there. A number given for an operand (`x + 1`, `1 - x`)
   * is the attribute of that name, and the operand is left out.
   */
  readonly operands?: readonly string[];
  /** Where the function's defaults differ from the class's. */
  readonly defaults?: Attributes;
}

/**
 * Everything about a layer kind. Shapes carry the batch as a symbol, tensors do not. Errors about shapes are thrown
 * as plain `ShapeError`s in PyTorch's own words; whoever knows the place adds it.
 */
// biome-ignore lint/suspicious/noExplicitAny: the table holds rows of every attribute type; `defineLayer` checks each
export interface LayerRow<S extends Record<string, Attribute<any>> = Record<string, Attribute<any>>> {
  /** PyTorch's class (`Conv2d`), or the function's name where there is no class (`add`). */
  readonly kind: string;
  readonly role: Role;
  /** Whether PyTorch has a module class of this name. */
  readonly module: boolean;
  /** Full names of the module classes, where they are another library's than torch.nn. */
  readonly classes?: readonly string[];
  /** The library whose names, defaults and layouts it has, where that is not PyTorch. */
  readonly library?: 'keras';
  /**
   * How its forward takes values that the network has as [N, …, C]. `channelsFirst`: as [N, C, …] whatever they are, and
   * gives them so, which is what the primitives compute; `any`: either way, as it acts on each element or asks the context.
   * Without it they come as they are. So a network with its channels last moves them once, and not around every layer.
   */
  readonly layout?: 'channelsFirst' | 'any';
  /** In the order of the class's constructor. */
  readonly attributes: S;
  /** How the module is called, where it takes more than one `input`: its `forward` in Python's order. */
  readonly call?: Pick<FunctionForm, 'parameters' | 'operands'>;
  readonly functions?: readonly FunctionForm[];
  /**
   * What the input shapes say: the attributes marked `inferred` (for description files), and, where weight and bias
   * are operands of a function, what their shapes say, beside what is `given`.
   */
  infer?(inputs: readonly Shape[], given: Attributes): Partial<AttributesOf<S>>;
  /** Refuses attributes that cannot be together, in PyTorch's words. */
  validate?(attributes: AttributesOf<S>): void;
  /** Parameters in PyTorch's registration order, by local name. */
  parameters?(attributes: AttributesOf<S>): Readonly<Record<string, ParameterSpec>>;
  buffers?(attributes: AttributesOf<S>): Readonly<Record<string, ParameterSpec>>;
  /** Modules that PyTorch registers inside this one (`out_proj`): name → kind. Their parameters bear their name: `out_proj.weight`. */
  readonly submodules?: Readonly<Record<string, string>>;
  /** Shapes of the outputs. @throws ShapeError in PyTorch's words. */
  outputShapes(inputs: readonly Shape[], attributes: AttributesOf<S>): readonly Shape[];
  /**
   * Element types of the outputs, the last for all further ones. Default: the first input must be floating point, and
   * so is every output.
   * @throws ShapeError in PyTorch's words for a type that it does not take.
   */
  types?(inputs: readonly ValueType[], attributes: AttributesOf<S>): readonly ValueType[];
  /** Its outputs are views: they share the first input's memory, so that writing to one writes to the other. */
  readonly view?: boolean;
  /** How Python sees the outputs. Default: one alone, several as a tuple. */
  results?(outputs: number, attributes: AttributesOf<S>): Results;
  /** The expressions, at one batch size: the attributes come with the batch as a number too. */
  forward(inputs: readonly Tensor[], attributes: AttributesOf<S>, context: ForwardContext): Forward;
  /** Which output axis holds channels (units, features): default that of the first input. */
  channelAxis?(inputAxis: number | undefined, outputRank: number, attributes: AttributesOf<S>): number | undefined;
  /**
   * A norm that another must never take the place of: its scale comes from a style or a condition, or its statistics from
   * a checkpoint.
   */
  irreplaceable?(attributes: AttributesOf<S>): boolean;
  /** Normalizes with statistics over the batch in training (what makes it depend on the batch size). */
  batchStatistics?(attributes: AttributesOf<S>): boolean;
}

/** Says a shape error in the framework's words; `mend` says what to do, where the row knows better than anybody. */
export class ShapeError extends Error {
  constructor(
    what: string,
    readonly mend?: string,
  ) {
    super(what);
    this.name = 'ShapeError';
  }
}

/** PyTorch's names of element types, as its errors have them. */
const TYPE_NAMES: Readonly<Record<ValueType, string>> = { float32: 'Float', int64: 'Long', bool: 'Bool' };

/**
 * Element types of a call's outputs, the last for all further ones.
 * @throws ShapeError for a type that the row does not take.
 */
export function outputTypes(row: LayerRow, inputs: readonly ValueType[], attributes: Attributes): readonly ValueType[] {
  if (row.types) return row.types(inputs, attributes);
  const [first] = inputs;
  if (first !== undefined && first !== 'float32') {
    throw new ShapeError(`${row.kind} takes a Float tensor, but got a ${TYPE_NAMES[first]} tensor`);
  }
  return ['float32'];
}

/** Types one row by its own attributes, then widens it for the table. */
// biome-ignore lint/suspicious/noExplicitAny: see LayerRow
export function defineLayer<const S extends Record<string, Attribute<any>>>(row: LayerRow<S>): LayerRow {
  return row as unknown as LayerRow;
}

/** An attribute that does not fit its row, in the framework's words; `mend` says what to do, where the row knows it. */
export class AttributeError extends Error {
  constructor(
    readonly attribute: string,
    what: string,
    readonly mend?: string,
  ) {
    super(what);
    this.name = 'AttributeError';
  }
}

/** An attribute that PyTorch takes, and NormScope does not compute: the layer stands, and what it gives is not known. */
export class NotModelled extends AttributeError {
  constructor(attribute: string, what: string, mend?: string) {
    super(attribute, what, mend);
    this.name = 'NotModelled';
  }
}

/**
 * Completes given attributes: from the input shapes where the row infers, then from the function's defaults, then the row's.
 * @throws AttributeError for an unknown or missing attribute or a value that does not fit; ShapeError from `validate`.
 */
export function completeAttributes(
  row: Pick<LayerRow, 'kind' | 'attributes' | 'infer' | 'validate'>,
  given: Attributes,
  inputs?: readonly Shape[],
  defaults?: Attributes,
): Attributes {
  for (const name of Object.keys(given)) {
    if (!(name in row.attributes)) throw new AttributeError(name, `${row.kind} has no attribute '${name}'`);
  }
  const fromShapes: Attributes = inputs && row.infer ? (row.infer(inputs, given) as Attributes) : {};
  const completed: Record<string, AttributeValue> = {};
  for (const [name, attribute] of Object.entries(row.attributes)) {
    const value = given[name] ?? (name in given ? null : (fromShapes[name] ?? defaults?.[name]));
    if (value === undefined) {
      if (attribute.fallback === undefined) throw new AttributeError(name, `${row.kind} needs '${name}'`);
      completed[name] = attribute.fallback;
      continue;
    }
    const accepted = attribute.accept(value);
    if (accepted === undefined) {
      throw new AttributeError(name, `${row.kind}'s ${name} takes ${attribute.takes}, not ${JSON.stringify(value)}`);
    }
    completed[name] = accepted;
  }
  row.validate?.(completed);
  return completed;
}
