import {
  BATCH,
  type Dim,
  INPUT_ROLES,
  InputError,
  type InputType,
  isBatchDim,
  type Network,
  type NetworkInput,
  type Shape,
} from '../../network';
import { DEFAULT_BATCH, type InputOption, type ReadOptions, withSymbolicBatch } from '../reader';
import { lineOf, oneOf, originOf } from './head';
import {
  type DescriptionNode,
  expectBool,
  expectCount,
  expectList,
  type MapNode,
  onlyKeys,
  refuse,
  suggest,
  valueAt,
  wrongType,
} from './node';

const MOST_DIMENSIONS = 16;
const TYPES: readonly InputType[] = ['float32', 'int64'];

function dimOf(node: DescriptionNode): Dim {
  if (node.type !== 'map') return expectCount(node, 'a size');
  onlyKeys(node, ['batch'], 'a size');
  const batch = valueAt(node, 'batch');
  return batch
    ? { batch: expectCount(batch, 'batch') }
    : refuse(node.span, 'an empty mapping as a size', 'write {batch: 1}');
}

/** A shape without the batch, which comes in front, unless the shape itself says where the batch stands. */
function inputShape(node: DescriptionNode, batched: boolean): Shape {
  const { items } = expectList(node, "an input's shape", '[3, 32, 32]');
  if (items.length > MOST_DIMENSIONS) {
    refuse(node.span, `a shape of ${items.length} dimensions`, `give at most ${MOST_DIMENSIONS}`);
  }
  const shape = items.map(dimOf);
  return !batched || shape.some(isBatchDim) ? shape : [BATCH, ...shape];
}

function oneInput(name: string, node: DescriptionNode): NetworkInput {
  const origin = `input, ${lineOf(node)}`;
  if (node.type !== 'map') return { name, shape: inputShape(node, true), dtype: 'float32', origin };
  onlyKeys(node, ['shape', 'vocabulary', 'dtype', 'batched', 'role', 'origin'], `input '${name}'`);
  const [shape, vocabulary, dtype, batched, role] = ['shape', 'vocabulary', 'dtype', 'batched', 'role'].map((key) =>
    valueAt(node, key),
  );
  const holds = role && oneOf(role, 'role', INPUT_ROLES);
  const whole = vocabulary || (holds && holds !== 'values' && holds !== 'mask');
  if (!shape) refuse(node.span, `input '${name}' has no shape`, 'write shape: [64], without the batch');
  return {
    name,
    shape: inputShape(shape, !batched || expectBool(batched, 'batched')),
    dtype: dtype ? oneOf(dtype, 'dtype', TYPES) : whole ? 'int64' : 'float32',
    ...(vocabulary && { vocabulary: expectCount(vocabulary, 'vocabulary') }),
    ...(holds && { role: holds }),
    origin: originOf(node, origin),
  };
}

/** The inputs: a list is the shape of the only one, called `input`; a mapping names several. */
export function readInputs(
  node: DescriptionNode | undefined,
  root: MapNode,
  options: ReadOptions,
  needed: boolean,
): readonly NetworkInput[] {
  const stated = node === undefined ? [] : node.type === 'list' ? [oneInput('input', node)] : namedInputs(node);
  const inputs = (options.inputs ?? []).reduce(overrideBy(options.givenBy ?? '--input'), stated);
  if (needed && inputs.length === 0) refuse(root.span, 'no input', 'write `input: [784]` (without the batch)');
  return inputs;
}

function namedInputs(node: DescriptionNode): NetworkInput[] {
  if (node.type !== 'map') return wrongType(node, 'input', 'a shape or a mapping', '[784], or {image: [3, 32, 32]}');
  return [...node.entries.values()].map(({ key, value }) => oneInput(key, value));
}

/** What the person gives beside the file wins. */
const overrideBy = (origin: string) => (inputs: readonly NetworkInput[], option: InputOption) => {
  const name = option.name ?? inputs[0]?.name ?? 'input';
  const stated = inputs.find((input) => input.name === name);
  if (!stated && inputs.length > 0) {
    const names = inputs.map((input) => input.name);
    throw new InputError(`no input is called '${name}'`, suggest(name, names, 'inputs'));
  }
  const given: NetworkInput = {
    ...stated,
    name,
    shape: withSymbolicBatch(option.shape),
    dtype: option.dtype ?? stated?.dtype ?? 'float32',
    origin,
  };
  return stated ? inputs.map((input) => (input === stated ? given : input)) : [given];
};

/** The batch size and where it comes from. */
export function readBatch(node: DescriptionNode | undefined, options: ReadOptions): Network['batch'] {
  if (options.batch !== undefined) return { size: options.batch, origin: options.givenBy ?? '--batch' };
  if (!node) return { size: DEFAULT_BATCH, origin: 'default' };
  if (node.type !== 'map') return { size: expectCount(node, 'batch'), origin: `batch, ${lineOf(node)}` };
  onlyKeys(node, ['size', 'origin'], 'batch');
  const size = valueAt(node, 'size') ?? refuse(node.span, 'batch has no size', 'write batch: 32');
  return { size: expectCount(size, 'batch'), origin: originOf(node, `batch, ${lineOf(size)}`) };
}
