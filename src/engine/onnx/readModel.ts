import { addIntegers, bytesOf, type Field, floatsOf, ModelFormatError, numberOf, readFields, textOf } from './message';
import type {
  ExternalData,
  Model,
  ModelAttribute,
  ModelFunction,
  ModelGraph,
  ModelNode,
  ModelTensor,
  ModelValue,
} from './model';

/** Graphs within graphs. */
const MOST_DEPTH = 16;
/** Of nodes, initializers and functions together, in the whole file. */
const MOST_ENTRIES = 500_000;
/** Of a list that is an attribute, or a shape. */
const MOST_NUMBERS = 1_000_000;
const MOST_RANK = 64;

/** What is left to read before the file is refused. */
interface Budget {
  entries: number;
}

function spend(budget: Budget): void {
  if (--budget.entries < 0)
    throw new ModelFormatError(`it has more than ${MOST_ENTRIES.toLocaleString('en')} nodes and tensors`);
}

/**
 * Reads an ONNX file's structure. Tensors keep their bytes as they stand in the file.
 * @throws ModelFormatError for bytes that are no model, and for more graphs in graphs or nodes than any model has.
 */
export function readModel(bytes: Uint8Array): Model {
  const budget: Budget = { entries: MOST_ENTRIES };
  const opsets = new Map<string, number>();
  const functions: ModelFunction[] = [];
  let producer = '';
  let graph: ModelGraph | undefined;
  readFields(bytes, (field, value) => {
    if (field === 2) producer = textOf(value);
    else if (field === 7) graph = readGraph(bytesOf(value), budget, 0);
    else if (field === 8) {
      const [domain, version] = readOpset(bytesOf(value));
      opsets.set(domain, version);
    } else if (field === 25) functions.push(readFunction(bytesOf(value), budget));
  });
  if (!graph) throw new ModelFormatError('it holds no graph');
  return { producer, opsets, graph, functions };
}

/** ONNX's own domain has two names. */
const domainOf = (name: string): string => (name === 'ai.onnx' ? '' : name);

function readOpset(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  readFields(bytes, (field, value) => {
    if (field === 1) domain = domainOf(textOf(value));
    else if (field === 2) version = numberOf(value);
  });
  return [domain, version];
}

function readGraph(bytes: Uint8Array, budget: Budget, depth: number): ModelGraph {
  if (depth > MOST_DEPTH) throw new ModelFormatError(`its graphs are nested more than ${MOST_DEPTH} deep`);
  const graph = {
    name: '',
    nodes: [] as ModelNode[],
    initializers: [] as ModelTensor[],
    inputs: [] as ModelValue[],
    outputs: [] as ModelValue[],
    values: [] as ModelValue[],
  };
  readFields(bytes, (field, value) => {
    if (field === 2) graph.name = textOf(value);
    else if (field === 1) graph.nodes.push(readNode(bytesOf(value), budget, depth));
    else if (field === 5) graph.initializers.push(readTensor(bytesOf(value), budget));
    else if (field === 11) graph.inputs.push(readValue(bytesOf(value), budget));
    else if (field === 12) graph.outputs.push(readValue(bytesOf(value), budget));
    else if (field === 13) graph.values.push(readValue(bytesOf(value), budget));
    else if (field === 15) throw new ModelFormatError('it holds sparse tensors, which are not read');
  });
  return graph;
}

function readNode(bytes: Uint8Array, budget: Budget, depth: number): ModelNode {
  spend(budget);
  const node = { name: '', op: '', domain: '', inputs: [] as string[], outputs: [] as string[] };
  const attributes = new Map<string, ModelAttribute>();
  const metadata = new Map<string, string>();
  readFields(bytes, (field, value) => {
    if (field === 1) node.inputs.push(textOf(value));
    else if (field === 2) node.outputs.push(textOf(value));
    else if (field === 3) node.name = textOf(value);
    else if (field === 4) node.op = textOf(value);
    else if (field === 5) {
      const [name, attribute] = readAttribute(bytesOf(value), budget, depth);
      attributes.set(name, attribute);
    } else if (field === 7) node.domain = domainOf(textOf(value));
    else if (field === 9) {
      const [key, text] = readEntry(bytesOf(value));
      metadata.set(key, text);
    }
  });
  return { ...node, attributes, metadata };
}

function readEntry(bytes: Uint8Array): [string, string] {
  let key = '';
  let text = '';
  readFields(bytes, (field, value) => {
    if (field === 1) key = textOf(value);
    else if (field === 2) text = textOf(value);
  });
  return [key, text];
}

function readAttribute(bytes: Uint8Array, budget: Budget, depth: number): [string, ModelAttribute] {
  let name = '';
  let type: number | undefined;
  let reference: string | undefined;
  let found: ModelAttribute | undefined;
  const ints: number[] = [];
  const floats: number[] = [];
  const texts: string[] = [];
  readFields(bytes, (field, value) => {
    if (field === 1) name = textOf(value);
    else if (field === 2) found = { kind: 'float', value: numberOf(value) };
    else if (field === 3) found = { kind: 'int', value: numberOf(value) };
    else if (field === 4) found = { kind: 'text', value: textOf(value) };
    else if (field === 5) found = { kind: 'tensor', value: readTensor(bytesOf(value), budget) };
    else if (field === 6) found = { kind: 'graph', value: readGraph(bytesOf(value), budget, depth + 1) };
    else if (field === 7) addFloats(value, floats);
    else if (field === 8) addIntegers(value, ints, MOST_NUMBERS);
    else if (field === 9) texts.push(textOf(value));
    else if (field === 20) type = numberOf(value);
    else if (field === 21) reference = textOf(value);
  });
  if (reference) return [name, { kind: 'reference', value: reference }];
  // proto3 writes no field for a zero: the type tells what it is.
  if (type === 7 || (type === undefined && ints.length > 0)) return [name, { kind: 'ints', value: ints }];
  if (type === 6 || (type === undefined && floats.length > 0)) return [name, { kind: 'floats', value: floats }];
  if (type === 8 || (type === undefined && texts.length > 0)) return [name, { kind: 'texts', value: texts }];
  if (found) return [name, found];
  if (type === 1) return [name, { kind: 'float', value: 0 }];
  if (type === 2) return [name, { kind: 'int', value: 0 }];
  return [name, type === 3 ? { kind: 'text', value: '' } : { kind: 'other' }];
}

function addFloats(value: Field, into: number[]): void {
  if (!(value instanceof Uint8Array)) into.push(numberOf(value));
  else {
    if (value.length > MOST_NUMBERS * 4) throw new ModelFormatError(`a list has more than ${MOST_NUMBERS} entries`);
    for (const each of floatsOf(value)) into.push(each);
  }
  if (into.length > MOST_NUMBERS) throw new ModelFormatError(`a list has more than ${MOST_NUMBERS} entries`);
}

const packedAs: Readonly<Record<number, 'float' | 'double' | 'varint'>> = {
  4: 'float',
  5: 'varint',
  7: 'varint',
  10: 'double',
  11: 'varint',
};

function readTensor(bytes: Uint8Array, budget: Budget): ModelTensor {
  spend(budget);
  const shape: number[] = [];
  const chunks: Uint8Array[] = [];
  const details = new Map<string, string>();
  let as: 'float' | 'double' | 'varint' | undefined;
  let name = '';
  let dataType = 0;
  let outside = false;
  let raw: Uint8Array | undefined;
  readFields(bytes, (field, value) => {
    const packed = packedAs[field];
    if (field === 1) addIntegers(value, shape, MOST_RANK);
    else if (field === 2) dataType = numberOf(value);
    else if (field === 8) name = textOf(value);
    else if (field === 9) raw = bytesOf(value);
    else if (field === 13) {
      const [key, text] = readEntry(bytesOf(value));
      details.set(key, text);
    } else if (field === 14) outside = numberOf(value) === 1;
    else if (packed !== undefined) {
      as = packed;
      chunks.push(value instanceof Uint8Array ? value : unpacked(value, packed));
      spend(budget);
    }
  });
  if (shape.some((size) => size < 0 || !Number.isSafeInteger(size)))
    throw new ModelFormatError(`the tensor '${name}' has the shape [${shape.join(', ')}]`);
  return {
    name,
    shape,
    dataType,
    ...(outside ? { external: externalOf(details) } : raw ? { raw } : as ? { packed: { as, chunks } } : {}),
  };
}

/** A single element of a list that is not packed, as packed ones stand. */
function unpacked(value: number | bigint, as: 'float' | 'double' | 'varint'): Uint8Array {
  if (as === 'varint') {
    const bytes: number[] = [];
    for (let rest = BigInt.asUintN(64, BigInt(value)); bytes.length === 0 || rest > 0n; rest >>= 7n)
      bytes.push(Number(rest & 0x7fn) | (rest >> 7n > 0n ? 0x80 : 0));
    return Uint8Array.from(bytes);
  }
  const view = new DataView(new ArrayBuffer(as === 'float' ? 4 : 8));
  if (as === 'float') view.setFloat32(0, Number(value), true);
  else view.setFloat64(0, Number(value), true);
  return new Uint8Array(view.buffer);
}

function externalOf(details: ReadonlyMap<string, string>): ExternalData {
  const whole = (key: string): number | undefined => {
    const text = details.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new ModelFormatError(`the ${key} of external data is '${text}'`);
    return value;
  };
  return { location: details.get('location') ?? '', offset: whole('offset') ?? 0, length: whole('length') };
}

function readValue(bytes: Uint8Array, budget: Budget): ModelValue {
  spend(budget);
  let name = '';
  let type: Uint8Array | undefined;
  readFields(bytes, (field, value) => {
    if (field === 1) name = textOf(value);
    else if (field === 2) type = bytesOf(value);
  });
  const result: { name: string; dataType?: number; shape?: (number | string | null)[] } = { name };
  if (type) {
    readFields(type, (field, value) => {
      if (field === 1) Object.assign(result, readTensorType(bytesOf(value)));
    });
  }
  return result;
}

function readTensorType(bytes: Uint8Array): Pick<ModelValue, 'dataType' | 'shape'> {
  let dataType = 0;
  let shape: (number | string | null)[] | undefined;
  readFields(bytes, (field, value) => {
    if (field === 1) dataType = numberOf(value);
    else if (field === 2) {
      const dims: (number | string | null)[] = [];
      readFields(bytesOf(value), (each, dim) => {
        if (each === 1) dims.push(readDim(bytesOf(dim)));
        if (dims.length > MOST_RANK) throw new ModelFormatError(`a shape has more than ${MOST_RANK} dimensions`);
      });
      shape = dims;
    }
  });
  return { dataType, ...(shape && { shape }) };
}

function readDim(bytes: Uint8Array): number | string | null {
  let dim: number | string | null = null;
  readFields(bytes, (field, value) => {
    if (field === 1) dim = numberOf(value);
    else if (field === 2) dim = textOf(value) || null;
  });
  return dim;
}

function readFunction(bytes: Uint8Array, budget: Budget): ModelFunction {
  spend(budget);
  const own = { name: '', domain: '', inputs: [] as string[], outputs: [] as string[], nodes: [] as ModelNode[] };
  const defaults = new Map<string, ModelAttribute>();
  readFields(bytes, (field, value) => {
    if (field === 1) own.name = textOf(value);
    else if (field === 4) own.inputs.push(textOf(value));
    else if (field === 5) own.outputs.push(textOf(value));
    else if (field === 7) own.nodes.push(readNode(bytesOf(value), budget, 1));
    else if (field === 10) own.domain = domainOf(textOf(value));
    else if (field === 11) {
      const [name, attribute] = readAttribute(bytesOf(value), budget, 1);
      defaults.set(name, attribute);
    }
  });
  return { ...own, defaults };
}
