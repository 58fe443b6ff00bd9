import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import type { Slot } from '../../../src/engine/runtime';
import {
  add,
  exp,
  gradients,
  input,
  lowerLoop,
  matmul,
  mul,
  peakBytes,
  placed,
  schedule,
  sub,
  sum,
  sumSquare,
  type Tensor,
  tanh,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { floats } from '../../execute';

const WIDTH = 200;
const ROWS = 100;

/** A chain of tanh layers trained by gradient descent, and Σx² of every activation, output gradient and weight. */
function chain(depth: number) {
  const weights = Array.from({ length: depth }, (_, i) => input(`w${i}`, [WIDTH, WIDTH]));
  const values: Tensor[] = [];
  let x: Tensor = input('x', [ROWS, WIDTH]);
  for (const weight of weights) {
    x = tanh(matmul(x, weight));
    values.push(x);
  }
  const loss = sum(mul(x, x));
  const slopes = gradients(loss, [...weights, ...values]);
  const next = weights.map((weight, i) => sub(weight, mul(slopes[i]!, 0.1)));
  const numbers = [...slopes.slice(depth), ...values, ...weights].map((value) => sumSquare(value, undefined, true));
  return { weights, next, loss, numbers };
}

/** Nodes passed where each node that becomes ready on the way is sorted into the list of ready ones, and the first taken. */
function readyWalk(
  nodes: readonly { readonly input: readonly string[]; readonly output: readonly string[] }[],
): number {
  const makers = new Map(nodes.flatMap(({ output }, i) => output.map((name) => [name, i] as const)));
  const users = nodes.map((): number[] => []);
  const missing = nodes.map(({ input }, i) => {
    const needed = [...new Set(input.flatMap((name) => makers.get(name) ?? []))];
    for (const one of needed) users[one]!.push(i);
    return needed.length;
  });
  const ready: number[] = [];
  let passed = 0;
  const insert = (i: number) => {
    passed += ready.length;
    ready.splice(ready.filter((other) => other < i).length, 0, i);
  };
  missing.forEach((count, i) => {
    if (count === 0) insert(i);
  });
  passed = 0;
  let taken = 0;
  for (let i = ready.shift(); i !== undefined; i = ready.shift(), taken++) {
    for (const user of users[i]!) {
      missing[user]! -= 1;
      if (missing[user] === 0) insert(user);
    }
  }
  assert.equal(taken, nodes.length);
  return passed;
}

/** The nodes in onnxruntime's order: back from the last node, at each the input whose maker has the highest number first. */
function runOrder(
  nodes: readonly { readonly input: readonly string[]; readonly output: readonly string[] }[],
): number[] {
  const makers = new Map(nodes.flatMap(({ output }, i) => output.map((name) => [name, i] as const)));
  const done = new Set<number>();
  const visit = (i: number) => {
    if (done.has(i)) return;
    const needed = nodes[i]!.input.flatMap((name) => makers.get(name) ?? []);
    for (const one of needed.sort((a, b) => b - a)) visit(one);
    done.add(i);
  };
  const used = new Set(nodes.flatMap(({ input }) => input));
  for (let i = nodes.length - 1; i >= 0; i--) if (!nodes[i]!.output.some((name) => used.has(name))) visit(i);
  return [...done];
}

describe('schedule', () => {
  const placesOf = (order: readonly Tensor[]) => new Map(order.map((node, i) => [node, i]));

  it('has every expression once, inputs before users', () => {
    const { next, loss, numbers } = chain(5);
    const {
      order,
      vectors: [vector],
    } = schedule(next, [loss], [placed(numbers)]);
    const places = placesOf(order);
    assert.equal(places.size, order.length);
    for (const node of order) for (const one of node.inputs) assert.ok(places.get(one)! < places.get(node)!);
    for (const wanted of [...next, loss, ...numbers, vector!]) assert.ok(places.has(wanted));
  });

  it('takes a number as soon as what it is taken of is there', () => {
    const { next, loss, numbers } = chain(6);
    const places = placesOf(schedule(next, [loss], [placed(numbers)]).order);
    const forward = numbers.slice(6, 12);
    for (let layer = 0; layer + 1 < 6; layer++) {
      assert.ok(places.get(forward[layer]!)! < places.get(forward[layer + 1]!.inputs[0]!)!, `layer ${layer}`);
    }
  });

  it('forgets a weight’s gradient before it makes that of the layer below', () => {
    const { next, loss, numbers } = chain(6);
    const places = placesOf(schedule(next, [loss], [placed(numbers)]).order);
    for (let layer = 1; layer < 6; layer++) assert.ok(places.get(next[layer]!)! < places.get(next[layer - 1]!)!);
    // So no two gradients of weights stand side by side: the peak grows by activations and new weights alone.
    const peak = (depth: number) => {
      const { next, loss, numbers } = chain(depth);
      const {
        order,
        vectors: [vector],
      } = schedule(next, [loss], [placed(numbers)]);
      return peakBytes(order, [...next, loss, vector!]);
    };
    const layer = peak(7) - peak(6);
    assert.ok(layer < 4 * (2 * WIDTH * WIDTH + 1.1 * ROWS * WIDTH), `${layer} bytes a layer`);
  });

  it('in a forward pass alone onnxruntime takes the numbers of a layer before it computes the next but one', () => {
    const depth = 6;
    let x: Tensor = input('x', [600, 500]);
    const values = Array.from({ length: depth }, (_, i) => {
      x = tanh(add(x, i + 1));
      return x;
    });
    // A head deep enough for the loss to be made, and so numbered, after all numbers.
    let loss = sum(x, [1]);
    for (let i = 0; i < 20; i++) loss = exp(mul(loss, -1));
    const program = lowerLoop({
      state: [],
      perStep: [],
      scans: [{ name: 'loss', value: sum(loss) }],
      numbers: [
        { name: 'sums', values: values.map((value) => sum(value, [1])) },
        { name: 'squares', values: values.map((value) => sumSquare(value, [1])) },
      ],
    });
    const { node } = fromBinary(ModelProtoSchema, program.model).graph!;
    const order = runOrder(node).map((i) => node[i]!.opType);
    const at = (type: string) => order.flatMap((one, i) => (one === type ? [i] : []));
    const [layers, sums] = [at('Tanh'), at('ReduceSum')];
    assert.equal(layers.length, depth);
    for (let i = 0; i + 2 < depth; i++) assert.ok(sums[i]! < layers[i + 2]!, order.join(' '));
  });

  it('keeps few nodes ready at a time, which is what opening a session costs onnxruntime, and few inputs a node', () => {
    const costOf = (depth: number) => {
      const { weights, next, loss, numbers } = chain(depth);
      const program = lowerLoop({
        state: weights.map((leaf, i) => ({ leaf, next: next[i]! })),
        perStep: [],
        scans: [{ name: 'loss', value: loss }],
        numbers: [{ name: 'numbers', values: numbers }],
      });
      const outer = fromBinary(ModelProtoSchema, program.model).graph!;
      const { node } = outer.node.find(({ opType }) => opType === 'Loop')!.attribute[0]!.g!;
      for (const { input } of node) assert.ok(input.length <= 64);
      return readyWalk(node);
    };
    assert.ok(costOf(120) < 2.3 * costOf(60), `${costOf(120)} against ${costOf(60)}`);
  });

  describe('run', () => {
    const runtime = chosenRuntime();
    let slot: Slot;
    before(async () => {
      slot = await runtime.lease();
    });
    after(() => runtime.dispose());

    it('gives the numbers in the order in which they were asked for (property)', async () => {
      const leaf = input('x', [3]);
      const makers: ((x: Tensor) => Tensor)[] = [exp, tanh, (x) => mul(x, x), (x) => add(x, 1)];
      const ranks: ((x: Tensor) => Tensor)[] = [(x) => sum(x), (x) => sum(x, undefined, true), (x) => sumSquare(x)];
      const recipe = fc.array(fc.tuple(fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 150 });
      await fc.assert(
        fc.asyncProperty(recipe, async (choices) => {
          let x: Tensor = leaf;
          const expected: number[] = [];
          let values = [0.1, -0.2, 0.3];
          const numbers = choices.map(([make, rank]) => {
            x = tanh(makers[make]!(x));
            values = values.map((v) => Math.tanh([Math.exp(v), Math.tanh(v), v * v, v + 1][make]!));
            expected.push(values.reduce((total, v) => total + (rank === 2 ? v * v : v), 0));
            return ranks[rank]!(x);
          });
          const program = lowerLoop({
            state: [{ leaf, next: mul(x, 1) }],
            perStep: [],
            scans: [],
            numbers: [{ name: 'numbers', values: numbers }],
          });
          const steps = { dtype: 'int64', shape: [], values: BigInt64Array.of(1n) } as const;
          const out = await slot.run({
            program,
            feeds: { steps, x: floats([3], [0.1, -0.2, 0.3]) },
            fetch: ['numbers@end'],
          });
          slot.clear();
          const got = Array.from(out['numbers@end']!.values as Float32Array);
          assert.equal(got.length, expected.length);
          got.forEach((value, i) => {
            assert.ok(Math.abs(value - expected[i]!) < 1e-4 * (1 + Math.abs(expected[i]!)), `number ${i}`);
          });
        }),
        { numRuns: 25 },
      );
    });
  });
});
