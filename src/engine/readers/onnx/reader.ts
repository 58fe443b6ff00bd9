import {
  ASSUMED_OPTIMIZER,
  assumedTask,
  type Call,
  InputError,
  isBatchDim,
  type Network,
  type NetworkInput,
  type SourceDocument,
  spanOf,
  type Unmodelled,
  type ValueId,
  valueShapes,
} from '../../network';
import { dataTypeName, type Model, ModelFormatError, type ModelGraph, type ModelNode, readModel } from '../../onnx';
import type { Reader, ReadOptions } from '../reader';
import { externalDataBeside } from './externalData';
import { foldedNorms } from './foldedNorms';
import { inlined } from './graph/inline';
import { inOrder } from './graph/order';
import { type Inputs, inputsOf, statedShape } from './inputs';
import { needed, recognized } from './patterns';
import { refuseQuantized } from './quantized';
import { type ExternalBytes, Stored } from './stored';
import { type Flow, valueTypeOf } from './values';
import { type Tensors, type Walked, walk } from './walk';

const OLDEST_OPSET = 7;

/** @throws InputError for bytes that are no ONNX model, and for versions before opset 7. */
function modelOf(document: SourceDocument): Model {
  const again = 'export the model again, or name another file';
  try {
    const model = readModel(document.bytes ?? new Uint8Array());
    const opset = model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 0;
    if (model.graph.nodes.length > 0 && opset > 0 && opset < OLDEST_OPSET)
      throw new InputError(`the file is of opset ${opset}, and opsets are read from ${OLDEST_OPSET} on`, again);
    return model;
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new InputError(`the file is no whole ONNX model: ${error.message}`, again, spanOf(document));
  }
}

/** The file's tensors: initializers, and what Constant nodes hold. */
function tensorsOf(graph: ModelGraph, nodes: readonly ModelNode[], external: ExternalBytes): Tensors {
  const tensors = new Map<string, Stored>();
  const constants = new Set<string>();
  for (const tensor of graph.initializers) tensors.set(tensor.name, Stored.of(tensor, tensor.name, external));
  for (const node of nodes) {
    const [name] = node.outputs;
    if (node.op !== 'Constant' || node.domain !== '' || name === undefined) continue;
    const tensor = constantOf(node);
    if (!tensor) continue;
    tensors.set(name, Stored.of({ ...tensor, name: '' }, `constant ${name}`, external));
    constants.add(name);
  }
  return { tensors, constants };
}

/** The tensor that a Constant node holds, in any of its forms. */
function constantOf(node: ModelNode): Parameters<typeof Stored.of>[0] | undefined {
  const whole = (values: readonly number[], shape: readonly number[]) => ({
    name: '',
    shape,
    dataType: 7,
    raw: new Uint8Array(BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))).buffer),
  });
  const real = (values: readonly number[], shape: readonly number[]) => ({
    name: '',
    shape,
    dataType: 1,
    raw: new Uint8Array(Float32Array.from(values).buffer),
  });
  const [value] = [...node.attributes].flatMap(([name, attribute]) => (name.startsWith('value') ? [attribute] : []));
  switch (value?.kind) {
    case 'tensor':
      return value.value;
    case 'int':
      return whole([value.value], []);
    case 'float':
      return real([value.value], []);
    case 'ints':
      return whole(value.value, [value.value.length]);
    case 'floats':
      return real(value.value, [value.value.length]);
    default:
      return undefined;
  }
}

/** The calls that something needs, in order. */
function neededCalls(calls: readonly Call[], outputs: readonly ValueId[]): readonly Call[] {
  const wanted = new Set(outputs.map((id) => id.replace(/:\d+$/, '')));
  const kept: Call[] = [];
  for (let i = calls.length - 1; i >= 0; i--) {
    const call = calls[i]!;
    if (!wanted.has(call.id) && !outputs.includes(call.id)) continue;
    for (const operand of call.inputs)
      if ('value' in operand) wanted.add(operand.value).add(operand.value.replace(/:\d+$/, ''));
    kept.push(call);
  }
  return kept.reverse();
}

/** What the file states of values in between. */
function statedValues({ values, outputs }: ModelGraph, asked: Inputs) {
  const byName = new Map([...values, ...outputs].map((value) => [value.name, value]));
  return (name: string): Pick<Flow, 'shape' | 'type'> | undefined => {
    const value = byName.get(name);
    const shape = value && statedShape(value, asked);
    const type = value?.dataType === undefined ? undefined : valueTypeOf(dataTypeName(value.dataType));
    return shape && type && { shape, type };
  };
}

/**
 * What the graph gives, floats first: a loss is put on the first. What is not modelled is left out; undefined where that is
 * the graph's first.
 */
function outputsOf(model: Model, { values, build }: Walked): readonly Flow[] | undefined {
  const flows: Flow[] = [];
  for (const [i, { name }] of model.graph.outputs.entries()) {
    const value = values.get(name);
    const isLost = !value || value.kind === 'unknown' || (value.kind === 'flow' && build.isLost(value.id));
    if (isLost && i === 0) return undefined;
    if (!isLost && value.kind === 'flow') flows.push(value);
  }
  return [...flows.filter(({ type }) => type === 'float32'), ...flows.filter(({ type }) => type !== 'float32')];
}

/** The input with what the embeddings behind it say of its tokens. */
function withVocabulary(input: NetworkInput, vocabularies: ReadonlyMap<string, number>): NetworkInput {
  const vocabulary = vocabularies.get(input.name);
  return vocabulary === undefined || input.dtype !== 'int64' ? input : { ...input, vocabulary };
}

function networkOf(document: SourceDocument, model: Model, name: string, options: ReadOptions): Network {
  const source = spanOf(document);
  const all = inlined(model);
  refuseQuantized(all);
  const external = externalDataBeside(document.uri);
  const { tensors, constants } = tensorsOf(model.graph, all, external);
  const asked: Inputs = inputsOf(model.graph, options);
  const names = new Set([
    ...asked.inputs.map((input) => input.name),
    ...model.graph.initializers.map((each) => each.name),
  ]);
  const outputs = model.graph.outputs.map((output) => output.name);
  const nodes = needed(recognized(needed(inOrder(all, names), outputs), tensors), outputs);
  const walked = walk({
    nodes,
    inputs: asked.inputs.map((input, i) => ({
      kind: 'flow',
      id: input.name,
      shape: input.shape,
      type: asked.types[i]!,
    })),
    tensors,
    constants,
    opsets: model.opsets,
    fixedBatch: asked.fixedBatch,
    withWeights: options.weights === true,
    source,
    stated: statedValues(model.graph, asked),
    outputs,
    tensorsOf: (graph) => tensorsOf(graph, graph.nodes, external),
  });
  const { build } = walked;
  const isOpen = asked.open.length > 0;
  const given = isOpen ? undefined : outputsOf(model, walked);
  const calls = isOpen
    ? []
    : given
      ? neededCalls(
          build.calls,
          given.map(({ id }) => id),
        )
      : build.calls;
  const inputs = isOpen ? [] : asked.inputs.map((input) => withVocabulary(input, build.vocabularies));
  const shapes = valueShapes({ inputs, calls });
  const output = given?.[0] && shapes.get(given[0].id);
  const unmodelled: Unmodelled[] = isOpen ? [] : [...walked.unmodelled];
  if (isOpen) {
    const why = `the file leaves ${asked.open.join(', ')} open`;
    const mend = `give the shape, with the batch in front: --input ${asked.inputs.map(exampleOf).join(' --input ')}`;
    unmodelled.push({ what: 'the input shape', why, source, mend });
  }
  if (given?.length === 0) unmodelled.push({ what: 'the outputs', why: 'none of them depends on an input', source });
  unmodelled.push(...foldedNorms(nodes, source));
  return {
    name,
    source,
    inputs,
    modules: [...build.modules.values()].map(({ times: _, tensors: __, ...module }) => module),
    parameters: [...build.parameters.values()],
    buffers: [...build.buffers.values()],
    calls,
    outputs: given?.map(({ id }) => id) ?? [],
    batch: asked.batch,
    task: assumedTask(output, inputs),
    optimizer: ASSUMED_OPTIMIZER,
    unmodelled,
  };
}

/** A shape as a person would give it. */
const exampleOf = ({ name, shape }: NetworkInput): string =>
  `${name}=${shape.map((dim) => (isBatchDim(dim) ? 1 : dim)).join('x')}`;

/** The file's name without its ending. */
function nameOf({ uri }: SourceDocument): string {
  const last = uri.slice(uri.lastIndexOf('/') + 1).replace(/\.onnx$/i, '');
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * Reads the network of an ONNX file: its graph's nodes as layers, its tensors as their parameters.
 * @throws InputError for a file that is no whole float model.
 */
export function readOnnx(document: SourceDocument, options: ReadOptions = {}): Network {
  if (options.set && Object.keys(options.set).length > 0)
    throw new InputError('--set: an ONNX file takes no constructor arguments', 'set them where the model is exported');
  const name = nameOf(document);
  if (options.name !== undefined && options.name !== name)
    throw new InputError(`the file holds no network '${options.name}'`, `its only network is '${name}'`);
  const model = modelOf(document);
  try {
    return networkOf(document, model, name, options);
  } catch (error) {
    if (error instanceof ModelFormatError)
      throw new InputError(
        `the file is no whole ONNX model: ${error.message}`,
        'export the model again',
        spanOf(document),
      );
    if (error instanceof RangeError)
      throw new InputError('the graph is nested too deeply to read', 'export the model again', spanOf(document));
    throw error;
  }
}

/** ONNX files: `*.onnx`. */
export const onnxReader: Reader = {
  format: 'onnx',
  reads: (fileName) => /\.onnx$/i.test(fileName),
  read: async (document, options) => [readOnnx(document, options)],
};
