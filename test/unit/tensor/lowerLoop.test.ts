import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import type { Slot, TensorData } from '../../../src/engine/runtime';
import {
  add,
  exp,
  gradients,
  input,
  lower,
  lowerLoop,
  matmul,
  mul,
  type Program,
  square,
  sub,
  sum,
  sumSquare,
  tanh,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { floats, relativeError } from '../../execute';

const wave = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(phase + 1.7 * i));
const int64 = (value: number): TensorData => ({ dtype: 'int64', shape: [], values: BigInt64Array.of(BigInt(value)) });

/** Gradient descent on Σ(tanh(x·w) − target)², a slice of x a step; `scale` never changes. */
function descent() {
  const w = input('w', [3, 2]);
  const x = input('x', [4, 3]);
  const target = input('target', [4, 2]);
  const scale = input('scale', []);
  const loss = sum(square(sub(tanh(matmul(x, w)), target)));
  const [slope] = gradients(loss, [w]);
  const next = sub(w, mul(slope!, mul(exp(scale), 0.1)));
  return { w, x, target, scale, loss, next };
}

const STEPS = 6;
const start = floats([3, 2], wave(6, 0));
const slices = wave(STEPS * 12, 1);
const shared = { target: floats([4, 2], wave(8, 2)), scale: floats([], [-0.5]) };
const stepsOf = (from: number, to: number) => floats([to - from, 4, 3], slices.slice(from * 12, to * 12));

const bodyOf = (program: Program): { outer: GraphProto; body: GraphProto } => {
  const outer = fromBinary(ModelProtoSchema, program.model).graph!;
  const loop = outer.node.find(({ opType }) => opType === 'Loop')!;
  return { outer, body: loop.attribute.find(({ name }) => name === 'body')!.g! };
};
const kindsIn = ({ node }: GraphProto) => node.map(({ opType }) => opType);

describe('lowerLoop', () => {
  const runtime = chosenRuntime();
  let slot: Slot;
  before(async () => {
    slot = await runtime.lease();
  });
  after(() => runtime.dispose());

  const { w, x, loss, next } = descent();
  const program = lowerLoop({
    state: [{ leaf: w, next }],
    perStep: [x],
    scans: [
      { name: 'loss', value: loss },
      { name: 'size', value: sumSquare(w) },
    ],
  });
  const run = (from: number, to: number, state: TensorData) =>
    slot.run({
      program,
      feeds: { ...shared, steps: int64(to - from), w: state, x: stepsOf(from, to) },
      fetch: ['w@end', 'loss@end', 'size@end'],
    });

  it('a loop of n steps equals n single runs', async () => {
    const single = lower({ next, loss });
    let state = start;
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const out = await slot.run({
        program: single,
        feeds: { ...shared, w: state, x: floats([4, 3], slices.slice(step * 12, step * 12 + 12)) },
        fetch: ['next', 'loss'],
      });
      state = out.next!;
      losses.push(out.loss!.values[0] as number);
    }
    const whole = await run(0, STEPS, start);
    assert.ok(relativeError(whole['loss@end']!.values as Float32Array, losses) < 1e-6);
    assert.ok(relativeError(whole['w@end']!.values as Float32Array, state.values as Float32Array) < 1e-6);
    assert.ok(losses.at(-1)! < losses[0]!);
  });

  it('a run in chunks equals the whole run exactly', async () => {
    const whole = await run(0, STEPS, start);
    const one = await run(0, 2, start);
    const two = await run(2, STEPS, one['w@end']!);
    assert.deepEqual(two['w@end']!.values, whole['w@end']!.values);
    assert.deepEqual([...one['loss@end']!.values, ...two['loss@end']!.values], [...whole['loss@end']!.values]);
  });

  it('runs as many steps as its input says, none too', async () => {
    for (const count of [0, 1, 4]) {
      const out = await run(0, count, start);
      assert.deepEqual([...out['loss@end']!.shape], [count]);
      if (count === 0) assert.deepEqual(out['w@end']!.values, start.values);
    }
  });

  it('computes what depends neither on the state nor on the step before the loop', () => {
    const { outer, body } = bodyOf(program);
    assert.ok(kindsIn(outer).includes('Exp'));
    assert.ok(!kindsIn(body).includes('Exp'));
    assert.ok(kindsIn(body).includes('Tanh'));
    assert.ok(!kindsIn(outer).includes('Tanh'));
  });

  it('names its inputs and outputs, the number of steps by a symbol', () => {
    assert.deepEqual(
      program.inputs.map(({ name, shape }) => [name, shape]),
      [
        ['steps', []],
        ['w', [3, 2]],
        ['target', [4, 2]],
        ['scale', []],
        ['x', ['steps', 4, 3]],
      ],
    );
    assert.deepEqual(
      program.outputs.map(({ name, shape }) => [name, shape]),
      [
        ['w@end', [3, 2]],
        ['loss@end', ['steps']],
        ['size@end', ['steps']],
      ],
    );
    // A slice of x and two numbers a step.
    assert.equal(program.bytesPerStep, 4 * 12 + 4 + 4);
  });

  it('asks for one step a run where a third copy of the state costs more than handing it over', () => {
    /** Descent on a matrix of `side` squared weights, and a product of so many `rows` with it. */
    const ofSize = (side: number, rows: number) => {
      const w = input('w', [side, side]);
      const value = sum(square(matmul(input('x', [rows, side]), w)));
      const [slope] = gradients(value, [w]);
      return lowerLoop({
        state: [{ leaf: w, next: sub(w, slope!) }],
        perStep: [],
        scans: [{ name: 'loss', value }],
      });
    };
    const many = Number.POSITIVE_INFINITY;
    const small = ofSize(1000, 1000);
    assert.deepEqual([small.stateBytes, small.stepsPerRun], [4e6, many]);
    assert.equal(ofSize(4000, 1).stepsPerRun, many, 'its copy would take longer than its step');
    const large = ofSize(4000, 1000);
    assert.deepEqual([large.stateBytes, large.stepsPerRun], [64e6, 1]);
    assert.equal(ofSize(8000, 1).stepsPerRun, 1, 'a quarter of a gigabyte');
    // What is given, its slope, what the step leaves, and 16 MB of x; through several steps there is one state more.
    assert.equal(Math.round(large.peakBytes / 1e6), 3 * 64 + 16);
    assert.equal(Math.round(ofSize(4000, 1).peakBytes / 1e6), 4 * 64);
  });

  it('carries a state that does not change, and one value under several names', async () => {
    const [a, b] = [input('a', []), input('b', [])];
    const moved = add(a, 1);
    const twice = lowerLoop({
      state: [
        { leaf: a, next: moved },
        { leaf: b, next: b },
      ],
      perStep: [],
      scans: [
        { name: 'p', value: moved },
        { name: 'q', value: moved },
        { name: 'r', value: b },
      ],
    });
    const out = await slot.run({
      program: twice,
      feeds: { steps: int64(3), a: floats([], [0]), b: floats([], [7]) },
      fetch: ['a@end', 'b@end', 'p@end', 'q@end', 'r@end'],
    });
    assert.deepEqual(
      Object.values(out).map(({ values }) => [...values]),
      [[3], [7], [1, 2, 3], [1, 2, 3], [7, 7, 7]],
    );
  });

  it('refuses two inputs of one name and different types, takes any other name', async () => {
    const clash = add(input('x', [2]), sum(input('x', [3])));
    assert.throws(() => lower({ y: clash }), /two inputs are named x: float32 \[2\] and float32 \[3\]/);
    assert.throws(() => lowerLoop({ state: [], perStep: [], scans: [{ name: 'y', value: clash }] }), /named x/);
    const names = ['v0', 'v1', 'o0', 'b0', 'vconstant0'];
    const total = names.map((name) => input(name, [])).reduce((a, b) => add(mul(a, 2), b));
    const feeds = Object.fromEntries(names.map((name) => [name, floats([], [1])]));
    const { y } = await slot.run({ program: lower({ y: total }), feeds, fetch: ['y'] });
    assert.equal(y!.values[0], 31);
  });
});
