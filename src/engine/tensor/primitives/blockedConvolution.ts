import type { Emit } from '../../onnx';
import type { Tensor, TensorOf } from '../tensor';

// onnxruntime's x64 builds have kernels for tensors whose channels stand in blocks of 8 or 16, the values of a block side
// by side (NCHWc): they read an image where it stands, where Conv copies its windows first. A graph may ask for them by
// name. Of two threads on an AMD EPYC, copies into blocks and back included: 32 channels at 16×16, batch 16: 0.20 ms
// instead of 0.30; 256 at 14×14, batch 32: 15 instead of 20; 144 by themselves (depthwise), 3 × 3: 0.8 instead of 3.0;
// 96 by themselves, 7 × 7: 1.4 instead of 9.8. With 1 × 1 kernels, where there are no windows to copy, Conv is as fast.

const DOMAIN = { domain: 'com.microsoft.nchwc' } as const;
/** The larger of the two sizes of a block: what it divides, the other does. */
const BLOCK = 16;
/** Where an image's outputs of all samples are fewer, bringing the weight into blocks takes longer than it wins. */
const LEAST_OUTPUTS = 256;

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Whether a convolution is done on blocks where the build has them. */
export function worthBlocks({ inputs, shape, attributes: { groups } }: TensorOf<'convolution'>): boolean {
  const [x, weight] = inputs as readonly [Tensor, Tensor];
  const [outChannels, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
  if (kernel.length !== 2 || shape.includes(0) || x.shape[1]! % BLOCK !== 0 || outChannels % BLOCK !== 0) return false;
  if (groups > 1) return groups === outChannels && perGroup === 1;
  return count(kernel) > 1 && count(shape) / outChannels >= LEAST_OUTPUTS;
}

/** The values of NCHW with their channels in blocks; nominally of the same shape. */
const blocked = (emit: Emit, x: string): string =>
  emit.once(`blocks of ${x}`, () => [emit.node('ReorderInput', [x], {}, DOMAIN)])[0]!;

/**
 * Whether a block has 16 channels, in the graph around all others, once a run: of 16 channels of two values each in blocks,
 * 0 to 31, the ninth is then the first of the ninth channel, else the second of the first channel.
 */
function hasLargeBlocks({ outermost: emit }: Emit): string {
  return emit.once('large blocks', () => {
    const values = emit.constant(
      Float32Array.from({ length: 2 * BLOCK }, (_, i) => i),
      [1, BLOCK, 1, 2],
      'float32',
    );
    const flat = emit.node('Reshape', [blocked(emit, values), emit.int64s([2 * BLOCK])]);
    const ninth = emit.node('Gather', [flat, emit.constant(BigInt64Array.of(8n), [], 'int64')], { axis: 0 });
    return [emit.node('Equal', [ninth, emit.scalar(BLOCK, 'float32')])];
  })[0]!;
}

/** A weight [O, I, …] of one group as the kernels read it: [O/b, I/b, offsets, b of I, b of O]. */
function blockedWeight(emit: Emit, weight: string, shape: readonly number[]): string {
  const [outChannels, inChannels, ...kernel] = shape as [number, number, ...number[]];
  const offsets = count(kernel);
  // All behind the output channels as positions of one image: [O/b, I, offsets, b of O].
  const image = emit.node('Reshape', [weight, emit.int64s([1, outChannels, inChannels * offsets, 1])]);
  const apart = (block: number) => emit.int64s([outChannels / block, inChannels / block, block, offsets, block]);
  const shapeApart = emit.outermost.once(`${outChannels} ${inChannels} ${offsets} in blocks`, () => [
    emit.outermost.node('Where', [hasLargeBlocks(emit), apart(BLOCK), apart(BLOCK / 2)]),
  ])[0]!;
  const split = emit.node('Reshape', [blocked(emit, image), shapeApart]);
  const moved = emit.node('Transpose', [split], { perm: [0, 1, 3, 2, 4] });
  return emit.node('Reshape', [moved, emit.int64s(shape)]);
}

/** A weight [C, 1, …] of as many groups as channels: [C/b, offsets, b]. */
function blockedDepthwise(emit: Emit, weight: string, shape: readonly number[]): string {
  const image = emit.node('Reshape', [weight, emit.int64s([1, shape[0]!, count(shape.slice(2)), 1])]);
  return emit.node('Reshape', [blocked(emit, image), emit.int64s(shape)]);
}

/** A convolution on blocks of channels. What comes out of one and goes into the next stays in blocks. */
export function emitBlockedConvolution(
  emit: Emit,
  [x, weight]: readonly [string, string],
  node: TensorOf<'convolution'>,
  attributes: Parameters<Emit['node']>[2],
): string {
  const { shape } = node.inputs[1]!;
  const ready = node.attributes.groups > 1 ? blockedDepthwise : blockedWeight;
  const result = emit.node('Conv', [blocked(emit, x), ready(emit, weight, shape)], attributes, DOMAIN);
  const value = emit.node('ReorderOutput', [result], { channels: shape[0]! }, DOMAIN);
  emit.once(`blocks of ${value}`, () => [result]);
  return value;
}
