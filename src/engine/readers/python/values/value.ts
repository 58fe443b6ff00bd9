import type { Composite, LayerRow } from '../../../layers';
import type { Attributes, ValueType as ElementType, Initialization, Shape, Span, ValueId } from '../../../network';
import type { Evaluation } from '../evaluator';
import type { SyntaxNode } from '../syntax';
import type { Scope } from './scope';

/** A Python value as far as the reader knows it. */
export type Value =
  | NoneValue
  | BoolValue
  | IntValue
  | FloatValue
  | StringValue
  | ListValue
  | TupleValue
  | SetValue
  | RangeValue
  | DictValue
  | SliceValue
  | EllipsisValue
  | IteratorValue
  | FieldValue
  | FunctionValue
  | BuiltinValue
  | BoundMethodValue
  | PropertyValue
  | StaticMethodValue
  | ClassMethodValue
  | ClassValue
  | SuperValue
  | InstanceValue
  | ModuleValue
  | TensorValue
  | DimValue
  | LibraryValue
  | FileValue
  | RecordValue
  | UnknownValue;

export type ValueType = Value['type'];

export interface NoneValue {
  readonly type: 'none';
}
export interface BoolValue {
  readonly type: 'bool';
  readonly value: boolean;
  /** A module's own `training`: true while it is read, but the network's mode decides when it runs. */
  readonly byMode?: true;
}
export interface IntValue {
  readonly type: 'int';
  readonly value: number;
}
export interface FloatValue {
  readonly type: 'float';
  readonly value: number;
}
export interface StringValue {
  readonly type: 'string';
  readonly value: string;
}
export interface ListValue {
  readonly type: 'list';
  items: Value[];
  /** Of a deque with `maxlen`. */
  readonly most?: number;
}
export interface TupleValue {
  readonly type: 'tuple';
  readonly items: readonly Value[];
  /** The fields of a named tuple: `values`, `indices`. */
  readonly names?: readonly string[];
  /** The file's own class of named tuples that it is of. */
  readonly class?: ClassValue;
  /** It is what a tensor says of its shape: a new tensor of it has these sizes, where one of another tuple has these values. */
  readonly size?: true;
}
/** A set, in the order in which its members came. */
export interface SetValue {
  readonly type: 'set';
  readonly entries: Map<string, Value>;
}
export interface RangeValue {
  readonly type: 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}
/** A dictionary; entries by the hash text of their keys (see `hashKey`). */
export interface DictValue {
  readonly type: 'dict';
  readonly entries: Map<string, { readonly key: Value; value: Value }>;
  /** Of a `defaultdict`: called for the value of a key that it lacks. */
  readonly factory?: Value;
  /** Of a Counter: what it lacks it has no times. */
  readonly counts?: true;
}
export interface SliceValue {
  readonly type: 'slice';
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}
export interface EllipsisValue {
  readonly type: 'ellipsis';
}
/** What `iter()` and generators give: elements that are gone once they were taken. */
export interface IteratorValue {
  readonly type: 'iterator';
  readonly items: readonly Value[];
  /** How many were taken. */
  at: number;
  /** What a generator returns. */
  readonly result?: Value;
  /** There would be more for ever: only so many are taken as somebody asks for. */
  readonly endless?: true;
}
/** What `dataclasses.field()` gives. */
export interface FieldValue {
  readonly type: 'field';
  readonly fallback?: Value;
  /** Called for each object's default. */
  readonly factory?: Value;
  /** Whether the constructor takes it. */
  readonly init: boolean;
}

/** One parameter of a function written in the file. */
export interface FunctionParameter {
  readonly name: string;
  readonly kind: 'positional' | 'positionalOnly' | 'keywordOnly' | 'list' | 'dict';
  /** Evaluated where the function is defined. */
  readonly fallback?: Value;
  /** As it is written; never evaluated but where somebody asks what an argument may be. */
  readonly annotation?: SyntaxNode;
}

/** A dataclass's field; `init` false for one that its constructor does not take. */
export interface DataclassField extends FunctionParameter {
  readonly factory?: Value;
  readonly init?: boolean;
  /** Of `InitVar`: given to `__post_init__` and kept nowhere. */
  readonly passed?: true;
  /** The class that a dictionary given for it becomes an object of. */
  readonly of?: ClassValue;
}

/** A function or lambda of the file, with the scope that it closes over. */
export interface FunctionValue {
  readonly type: 'function';
  readonly name: string;
  readonly parameters: readonly FunctionParameter[];
  readonly body: SyntaxNode;
  readonly scope: Scope;
  readonly source: Span;
  /** A lambda's body is an expression. */
  readonly lambda: boolean;
  /** A generator gives the list of what it yields. */
  readonly generator: boolean;
  /** The class whose body it stands in, for `super()`. */
  owner?: ClassValue;
  /** What `functools.wraps` says that it wraps. */
  readonly wrapped?: Value;
  /** What the file sets on it: `forward.wrapped = True`. */
  attributes?: Map<string, Value>;
}

/** The arguments of a call, evaluated. */
export interface Arguments {
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** There were more, `*args` or `**kwargs` of something unknown. */
  readonly open?: UnknownValue;
}

/** A function that the reader knows. `site` is the call. */
export interface BuiltinValue {
  readonly type: 'builtin';
  readonly name: string;
  readonly call: BuiltinFunction;
  /** Of `functools.partial`. */
  readonly partial?: { readonly callee: Value; readonly args: Arguments };
}
export type BuiltinFunction = (args: Arguments, site: Span) => Value;

export interface BoundMethodValue {
  readonly type: 'method';
  readonly receiver: Value;
  readonly callee: FunctionValue | BuiltinValue;
}
export interface PropertyValue {
  readonly type: 'property';
  readonly getter: Value;
  readonly setter?: Value;
  readonly deleter?: Value;
  /** Of `cached_property`: the object may hold the value itself. */
  readonly cached?: true;
  /** Its getter is given the class: what a file's own class below `property` is for. */
  readonly ofClass?: true;
}
export interface StaticMethodValue {
  readonly type: 'staticmethod';
  readonly callee: Value;
}
export interface ClassMethodValue {
  readonly type: 'classmethod';
  readonly callee: Value;
}

export interface ClassValue {
  readonly type: 'class';
  readonly name: string;
  /** A library's class: its full name. */
  readonly path?: string;
  /** Method resolution order, itself first. */
  readonly resolution: readonly ClassValue[];
  readonly attributes: Map<string, Value>;
  readonly source?: Span;
  /** A base that the reader does not know. */
  readonly unknownBase?: UnknownValue;
  /** How the reader makes a value of a class that is not made by `__new__` and `__init__`: `int`, `list`. */
  readonly construct?: BuiltinFunction;
  /** The file's own class that it is an object of: a metaclass. */
  meta?: ClassValue;
  /** The classes directly below it. */
  derived?: ClassValue[];
  /** Why what modules of it, or below it, give is not modelled. */
  refuses?: string;
  /** A frozen dataclass: its objects take no attributes. */
  frozen?: true;
  /** A dataclass's fields in order. */
  fields?: readonly DataclassField[];
}

/** What `super()` gives: attributes looked up after `after` in the receiver's resolution order. */
export interface SuperValue {
  readonly type: 'super';
  readonly receiver: InstanceValue | ModuleValue | ClassValue;
  readonly after: ClassValue;
}

export interface InstanceValue {
  readonly type: 'instance';
  readonly class: ClassValue;
  readonly attributes: Map<string, Value>;
  /** What its constructors were given, where its library keeps that. */
  constructed?: Map<string, Value>;
  /** What an object of a class below list, dict, str and so on holds. */
  held?: Value;
  /** A member of an enumeration is equal to itself alone, unless its class is of strings or numbers too. */
  readonly member?: { readonly name: string; readonly value: Value; readonly plain: boolean };
}

/** A learned or kept tensor that modules own; one object however many names it has. */
export interface StoredTensor {
  /** A parameter; a buffer otherwise. */
  readonly parameter: boolean;
  /** Of `nn.Buffer`: a module registers it where it is assigned. */
  readonly declared?: true;
  readonly shape: readonly number[];
  trainable: boolean;
  initialization: Initialization;
  /** Set for a buffer whose values are known by a computation: no state, but a constant that its users compute. */
  known?: FreshPlace;
  dtype?: ElementType;
  /** The tensor that `initialization` is worked out of, where it is. */
  readonly of?: StoredTensor;
  /** What the file's code has set on it beyond what a tensor has. */
  marks?: Map<string, Value>;
}

/** A tensor that a module computes of its parameters whenever somebody asks for it: a parametrized weight. */
export interface ComputedTensor {
  readonly shape: readonly number[];
  compute(site: Span, run: Evaluation): Value;
}

/** An object of `nn.Module` or a class below it. */
export interface ModuleValue {
  readonly type: 'module';
  /** PyTorch gives a parametrized module another class. */
  class: ClassValue;
  /** Where the constructor is called. */
  source: Span;
  /** Plain attributes. */
  readonly attributes: Map<string, Value>;
  /** Registered children, parameters and buffers in PyTorch's order; null where registered as None. */
  readonly children: Map<string, ModuleValue | null>;
  readonly parameters: Map<string, StoredTensor | null>;
  readonly buffers: Map<string, StoredTensor | null>;
  /** What stands in place of a parameter, by the parameter's name. */
  computed?: Map<string, ComputedTensor>;
  /** The layer that it computes, for PyTorch's own modules. */
  layer?: { readonly row: LayerRow; readonly attributes: Attributes };
  /** A lazy layer: what its constructor says, and all of it once a forward has shown what comes in. */
  lazy?: { readonly row: LayerRow; readonly attributes: Attributes; seen?: Attributes };
  /** The class of PyTorch's that it is and that is made of others. */
  composite?: { readonly composite: Composite; readonly attributes: Attributes };
  /** Why it cannot be computed: a kind or an argument that the reader does not know. */
  opaque?: UnknownValue;
  /** What its constructors were given, by the names of their parameters. */
  constructed?: Map<string, Value>;
  /** Whether `nn.Module.__init__` has run. */
  ready: boolean;
  training: boolean;
  /** What runs before or after its forward, in the order in which it was registered. */
  hooks?: Hook[];
  /** The module that it is a deep copy of. */
  copyOf?: ModuleValue;
  /** A wrapper stands around it, and `module` is the module itself: DataParallel and the like. */
  wrapped?: true;
}

/** A hook of `register_forward_hook` or `register_forward_pre_hook`. */
export interface Hook {
  readonly when: 'before' | 'after';
  readonly callee: Value;
  /** It takes the keyword arguments too. */
  readonly withKeywords: boolean;
  readonly source: Span;
  removed?: true;
}

/** A computation on known values alone. It becomes a call of the network when something that flows takes its output. */
export interface Recipe {
  readonly row: LayerRow;
  readonly attributes: Attributes;
  readonly operands: readonly TensorPlace[];
  readonly outputShapes: readonly Shape[];
  /** The function's short name. */
  readonly by: string;
  readonly source: Span;
}

/** Where a tensor's values are. */
export type TensorPlace =
  /** Computed in forward, or given as an input. */
  | { readonly kind: 'flow'; readonly value: ValueId }
  /** A parameter or buffer. */
  | { readonly kind: 'stored'; readonly tensor: StoredTensor }
  | FreshPlace;

/**
 * Made by `torch.zeros`, `torch.randn` and so on, or computed from such, owned by nobody yet. What is drawn has an
 * initialization alone; known values have a recipe, and which of its outputs they are.
 */
/** A box of a parameter or buffer, reached for outside of forward: to be initialized apart. */
export interface StoredPart {
  readonly tensor: StoredTensor;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export interface FreshPlace {
  readonly kind: 'fresh';
  readonly initialization?: Initialization;
  readonly recipe?: Recipe;
  readonly output?: number;
  readonly part?: StoredPart;
  readonly source: Span;
  /** A batch of a data set's, by the data set's name. */
  readonly dataset?: string;
  /** Whole numbers drawn below it, from 0 on. */
  readonly below?: number;
}

/** An object of torch.Tensor. Operations that work in place change what it stands for. */
export interface TensorValue {
  readonly type: 'tensor';
  /** Undefined for an input whose shape is being solved. */
  shape: Shape | undefined;
  dtype: ElementType;
  place: TensorPlace;
  /** What it is a view of: the two share their memory. */
  view?: TensorView;
  /** A view of it that was written to since its own place was settled. */
  written?: TensorValue;
}

/** How a view was made from its base. */
export interface TensorView {
  readonly base: TensorValue;
  /** The base's place when the view was last computed. */
  from: TensorPlace;
  readonly row: LayerRow;
  readonly attributes: Attributes;
  /** The operands behind the base. */
  readonly others: readonly TensorValue[];
  readonly output: number;
  readonly by: string;
  readonly source: Span;
}

/** A multiple of the batch size, a whole number that nobody knows yet. */
export interface DimValue {
  readonly type: 'dim';
  readonly batch: number;
}

/** A module, function or object of a library by its full name: `torch.nn.functional`. */
export interface LibraryValue {
  readonly type: 'library';
  readonly path: string;
}

/** A Python file that the model file imports: its names stand in its scope once it has run. */
export interface FileValue {
  readonly type: 'file';
  /** As Python names it from its outermost package: `torchvision.models.resnet`. */
  readonly name: string;
  /** The package's folder, or the module's path without `.py`. */
  readonly folder: string;
  readonly scope: Scope;
}

/** What a library call of the script gave, kept for what it says: a DataLoader, an optimizer, a loss. */
export interface RecordValue {
  readonly type: 'record';
  readonly path: string;
  readonly args: Arguments;
  readonly source: Span;
  /** The variables that it was assigned to. */
  readonly names: string[];
}

/** A value that the reader does not know, why, and where it came from. */
export interface UnknownValue {
  readonly type: 'unknown';
  readonly why: string;
  readonly source: Span;
}
