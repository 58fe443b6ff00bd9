import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { type GraphProto, ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import type { Slot } from '../../../src/engine/runtime';
import { type ConvolutionGeometry, convolution, input, lower, lowerLoop, mul, sum } from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { floats } from '../../execute';

const DOMAIN = 'com.microsoft.nchwc';

/** Kinds of nodes on blocks, in the graph and those inside it. */
const onBlocks = ({ node }: GraphProto): string[] =>
  node.flatMap(({ domain, opType, attribute }) => [
    ...(domain === DOMAIN ? [opType] : []),
    ...attribute.flatMap(({ g }) => (g ? onBlocks(g) : [])),
  ]);
const nodesOnBlocks = (model: Uint8Array) => onBlocks(fromBinary(ModelProtoSchema, model).graph!);

const square = (kernel: number, more: Partial<ConvolutionGeometry> = {}): ConvolutionGeometry => ({
  strides: [1, 1],
  padsBegin: [kernel >> 1, kernel >> 1],
  padsEnd: [kernel >> 1, kernel >> 1],
  dilations: [1, 1],
  groups: 1,
  ...more,
});

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
/** Values that differ everywhere, a few of them whole. */
const values = (shape: readonly number[], seed: number) =>
  floats(
    shape,
    Array.from({ length: count(shape) }, (_, i) => Math.sin(12.9898 * (i + 1) + seed)),
  );

const blocksHere = process.arch === 'x64';

describe('convolutions on blocks of channels', function () {
  if (!blocksHere) this.pending = true;
  const runtime = chosenRuntime();
  let slot: Slot;
  before(async () => {
    slot = await runtime.lease();
  });
  after(() => runtime.dispose());

  /** The largest difference between the two ways over the largest value. */
  async function difference(x: readonly number[], weight: readonly number[], geometry: ConvolutionGeometry) {
    const y = convolution(input('x', x), input('w', weight), geometry);
    const feeds = { x: values(x, 1), w: values(weight, 2) };
    const [ours, plain] = await Promise.all(
      [lower({ y }), lower({ y }, false)].map(async (program) => {
        const out = await slot.run({ program, feeds, fetch: ['y'] });
        return out.y!.values as Float32Array;
      }),
    );
    slot.clear();
    const largest = plain!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return plain!.reduce((most, value, i) => Math.max(most, Math.abs(value - ours![i]!)), 0) / largest;
  }

  it('are emitted for channels that fill blocks, and for nothing else', () => {
    const emitted = (x: readonly number[], weight: readonly number[], geometry: ConvolutionGeometry) =>
      nodesOnBlocks(lower({ y: convolution(input('x', x), input('w', weight), geometry) }).model).includes('Conv');
    assert.ok(emitted([1, 16, 16, 16], [32, 16, 3, 3], square(3)));
    assert.ok(emitted([1, 48, 4, 4], [48, 1, 3, 3], square(3, { groups: 48 })));
    assert.ok(!emitted([1, 8, 16, 16], [32, 8, 3, 3], square(3)), 'half a block');
    assert.ok(!emitted([1, 16, 16, 16], [24, 16, 3, 3], square(3)), 'a block and a half');
    assert.ok(!emitted([4, 64, 16, 16], [64, 64, 1, 1], square(1)), 'no windows');
    assert.ok(!emitted([1, 64, 4, 4], [64, 64, 3, 3], square(3)), 'more weights than images');
    assert.ok(!emitted([1, 32, 16, 16], [32, 16, 3, 3], square(3, { groups: 2 })), 'two groups');
  });

  it('come without them for builds that have none', () => {
    const program = lower({ y: convolution(input('x', [1, 16, 16, 16]), input('w', [16, 16, 3, 3]), square(3)) });
    assert.deepEqual(nodesOnBlocks(program.portable()), []);
    assert.equal(program.portable(), program.portable());
    const other = lower({ y: sum(input('x', [3])) });
    assert.equal(other.portable(), other.model);
  });

  it('give what Conv gives (property)', async () => {
    const size = fc.integer({ min: 1, max: 3 });
    const two = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          batch: size,
          from: size,
          to: size,
          image: two(14, 20),
          kernel: two(1, 5),
          depthwise: fc.boolean(),
        }),
        fc.record({ strides: two(1, 2), padsBegin: two(0, 3), padsEnd: two(0, 3), dilations: two(1, 3) }),
        async ({ batch, from, to, image, kernel, depthwise }, geometry) => {
          const [inChannels, outChannels] = [16 * from, 16 * (depthwise ? from : to)];
          const reach = kernel.map((length, i) => geometry.dilations[i]! * (length - 1) + 1);
          fc.pre(reach.every((length, i) => length <= image[i]!));
          const weight = [outChannels, depthwise ? 1 : inChannels, ...kernel];
          const groups = depthwise ? inChannels : 1;
          const far = await difference([batch, inChannels, ...image], weight, { ...geometry, groups });
          assert.ok(far < 1e-5, `${far}`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('stay in blocks from one to the next, and work inside a loop', async () => {
    const x = input('x', [2, 16, 32, 32]);
    const state = input('w:1', [16, 16, 3, 3]);
    const once = convolution(x, state, square(3));
    const loop = {
      state: [{ leaf: state, next: mul(state, 0.5) }],
      perStep: [],
      scans: [
        { name: 'total', value: sum(convolution(once, input('w:2', [16, 16, 3, 3]), square(3, { strides: [2, 2] }))) },
      ],
    };
    const program = lowerLoop(loop);
    const kinds = nodesOnBlocks(program.model);
    // One for the question how large blocks are, two for the weights, one for the image.
    assert.equal(kinds.filter((kind) => kind === 'ReorderInput').length, 4);
    const feeds = {
      steps: { dtype: 'int64', shape: [], values: BigInt64Array.of(3n) } as const,
      x: values([2, 16, 32, 32], 1),
      'w:1': values([16, 16, 3, 3], 2),
      'w:2': values([16, 16, 3, 3], 3),
    };
    const totals = async (of: typeof program) => {
      const out = await slot.run({ program: of, feeds, fetch: ['total@end'] });
      return Array.from(out['total@end']!.values as Float32Array);
    };
    const [ours, plain] = [await totals(program), await totals(lowerLoop(loop, false))];
    assert.equal(ours.length, 3);
    ours.forEach((value, i) => {
      assert.ok(Math.abs(value - plain[i]!) < 1e-4 * Math.abs(plain[0]!), `${value} for ${plain[i]}`);
    });
  });
});
