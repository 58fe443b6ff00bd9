import { create, toBinary } from '@bufbuild/protobuf';
import { arrayOf, dataTypeCode, type ElementType, type TypedArray } from './elementType';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb';

/** A node attribute: whole numbers become INT or INTS, `{float}` FLOAT, text STRING, graphs GRAPH. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | GraphProto;
export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

export interface NodeOptions {
  /** Default '' (ai.onnx). */
  readonly domain?: string;
  /** How many outputs the node has, and which of them is returned. */
  readonly outputs?: number;
  readonly take?: number;
  /** Makes a node of its own where an equal one stands already, one for each text. */
  readonly apart?: string;
}

/** What a primitive may ask for to write itself down; values are known by their names. */
export interface Emit {
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes, options?: NodeOptions): string;
  /** All outputs of a new node. */
  outputs(opType: string, inputs: readonly string[], attributes: OnnxAttributes, count: number): readonly string[];
  /** Whether what runs the graph has kernels for channels in blocks (see blockedConvolution.ts). */
  readonly blocks: boolean;
  /** The graph around all others, whose values all of them may use: what is made there is made once a run. */
  readonly outermost: Emit;
  /** What `make` gave the first time that anybody asked for `key`, here or in the graph around: several primitives may read one node. */
  once(key: string, make: () => readonly string[]): readonly string[];
  /**
   * A graph inside a node (the body of a Scan): what it makes of inputs of these types. It may use this graph's values,
   * but not give them as its outputs.
   */
  body(
    inputs: readonly ValueType[],
    make: (emit: Emit, inputs: readonly string[]) => readonly (ValueType & { readonly name: string })[],
  ): GraphProto;
  constant(values: TypedArray, shape: readonly number[], type: ElementType): string;
  /** A list of int64, as shapes and axes are given. */
  int64s(values: readonly number[]): string;
  scalar(value: number, type: ElementType): string;
  dataType(type: ElementType): number;
}

/** The type of a graph's input or output; a text is a dimension known only when the program runs. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface ValueInfo extends ValueType {
  readonly name: string;
}

/** −0 and 0 are two constants. */
const exactly = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value));

/** Text that only equal constants share; undefined for many different values, whose text would be long. */
function keyOf(values: TypedArray, shape: readonly number[], type: ElementType): string | undefined {
  if (values.length <= 16) return `${type}[${shape}]${Array.from(values, exactly)}`;
  const first = values[0]!;
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return undefined;
  return `${type}[${shape}] of ${exactly(first)}`;
}

const OPSET = 21n;
const IR_VERSION = 10n;

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  return '$typeName' in value
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: value })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfoProto({ name, type, shape }: ValueInfo): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: dataTypeCode(type), shape: { dim } } } },
  });
}

/** Renames values wherever nodes, or the graphs inside them, name them. */
function renameIn(nodes: readonly NodeProto[], names: ReadonlyMap<string, string>): void {
  const renamed = (values: readonly string[]) => values.map((value) => names.get(value) ?? value);
  for (const node of nodes) {
    node.input = renamed(node.input);
    node.output = renamed(node.output);
    for (const { g } of node.attribute) if (g) renameIn(g.node, names);
  }
}

/**
 * Collects the nodes of one graph. A subgraph (a loop's body) is a builder with a parent: its constants go to the
 * outermost graph, where they are made once. A node asked for twice with the same inputs and attributes is made once.
 */
export class GraphBuilder implements Emit {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #made = new Map<string, readonly string[]>();
  readonly #once = new Map<string, readonly string[]>();
  readonly #constants = new Map<string, string>();
  readonly #parent: GraphBuilder | undefined;
  readonly #prefix: string;
  /** Values that this graph's nodes make and nobody has claimed; those claimed, with their names outside. */
  readonly #own = new Set<string>();
  readonly #renamed = new Map<string, string>();
  #count = 0;

  constructor(
    prefix: string,
    parent?: GraphBuilder,
    readonly blocks: boolean = parent?.blocks ?? false,
  ) {
    this.#prefix = prefix;
    this.#parent = parent;
  }

  get outermost(): GraphBuilder {
    return this.#parent?.outermost ?? this;
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    { domain = '', outputs = 1, take = 0, apart = '' }: NodeOptions = {},
  ): string {
    const hasGraph = Object.values(attributes).some((value) => typeof value === 'object' && '$typeName' in value);
    const key = hasGraph
      ? `graph ${this.#count}`
      : `${domain}.${opType}(${inputs})${JSON.stringify(attributes)}${apart}`;
    let names = this.#made.get(key);
    if (!names) {
      names = Array.from({ length: outputs }, () => `${this.#prefix}${this.#count++}`);
      this.#made.set(key, names);
      for (const name of names) this.#own.add(name);
      this.#nodes.push(
        create(NodeProtoSchema, {
          opType,
          domain,
          name: `${opType}_${names[0]}`,
          input: [...inputs],
          output: [...names],
          attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
        }),
      );
    }
    return names[take]!;
  }

  outputs(opType: string, inputs: readonly string[], attributes: OnnxAttributes, count: number): readonly string[] {
    const names = Array.from({ length: count }, () => `${this.#prefix}${this.#count++}`);
    this.nodeNamed(opType, inputs, names, attributes);
    for (const name of names) this.#own.add(name);
    return names;
  }

  once(key: string, make: () => readonly string[]): readonly string[] {
    const known = this.#known(key) ?? make();
    this.#once.set(key, known);
    return known;
  }

  #known(key: string): readonly string[] | undefined {
    return this.#once.get(key) ?? (this.#parent ? this.#parent.#known(key) : undefined);
  }

  body(
    inputs: readonly ValueType[],
    make: (emit: Emit, inputs: readonly string[]) => readonly ValueInfo[],
  ): GraphProto {
    const inner = new GraphBuilder(`${this.#prefix}${this.#count++}.`, this);
    const named = inputs.map((input, i) => ({ ...input, name: `${inner.#prefix}in${i}` }));
    const names = named.map(({ name }) => name);
    // Every output must be a node's own: an input, or a value that is given twice, is copied.
    const taken = new Set(names);
    const outputs = make(inner, names).map((output) => {
      const name = taken.has(output.name) ? inner.outputs('Identity', [output.name], {}, 1)[0]! : output.name;
      taken.add(name);
      return { ...output, name };
    });
    return inner.graph('body', named, outputs);
  }

  /** A node whose output bears a given name. */
  nodeNamed(opType: string, inputs: readonly string[], outputs: readonly string[], attributes: OnnxAttributes = {}) {
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: `${opType}_${outputs[0]}`,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      }),
    );
  }

  /**
   * Gives a value that a node of this graph makes its name in the outside world: a graph's output without a copy.
   * @returns whether it could: an input, a constant, an outer graph's value or a value that bears such a name cannot.
   */
  claim(value: string, name: string): boolean {
    if (!this.#own.has(value)) return false;
    this.#own.delete(value);
    this.#renamed.set(value, name);
    return true;
  }

  constant(values: TypedArray, shape: readonly number[], type: ElementType): string {
    if (this.#parent) return this.#parent.constant(values, shape, type);
    const key = keyOf(values, shape, type);
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = `${this.#prefix}constant${this.#initializers.length}`;
    this.#initializers.push(
      create(TensorProtoSchema, {
        name,
        dims: shape.map(BigInt),
        dataType: dataTypeCode(type),
        rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      }),
    );
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  int64s(values: readonly number[]): string {
    return this.constant(arrayOf('int64', values), [values.length], 'int64');
  }

  scalar(value: number, type: ElementType): string {
    return this.constant(arrayOf(type, [value]), [], type);
  }

  dataType(type: ElementType): number {
    return dataTypeCode(type);
  }

  /** The graph as it stands. */
  graph(name: string, inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): GraphProto {
    if (this.#renamed.size > 0) renameIn(this.#nodes, this.#renamed);
    return create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: inputs.map(valueInfoProto),
      output: outputs.map(valueInfoProto),
    });
  }
}

/** Whether a node of a graph, or of the graphs inside it, is of a domain. */
const uses = ({ node }: GraphProto, domain: string): boolean =>
  node.some((one) => one.domain === domain || one.attribute.some(({ g }) => g !== undefined && uses(g, domain)));

const BLOCKS_DOMAIN = 'com.microsoft.nchwc';

/** The bytes of a model: opset 21 and onnxruntime's own operators (FusedMatMul; where it is used, Conv of blocks). */
export function modelBytes(graph: GraphProto): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'normscope',
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: 'com.microsoft', version: 1n },
        ...(uses(graph, BLOCKS_DOMAIN) ? [{ domain: BLOCKS_DOMAIN, version: 1n }] : []),
      ],
      graph,
    }),
  );
}
