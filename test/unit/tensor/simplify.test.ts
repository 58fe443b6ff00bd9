import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  constant,
  exp,
  input,
  lower,
  maximum,
  mul,
  neg,
  pad,
  relu,
  shareSubexpressions,
  sub,
  sum,
  type Tensor,
  topological,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats } from '../../execute';

/** Operations whose float32 results do not depend on who computes them. */
const unary = { neg, relu };
const binary = { add, sub, mul, maximum };
const interpreted: Record<string, (...values: number[]) => number> = {
  neg: (x) => -x,
  relu: (x) => Math.max(x, 0),
  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  maximum: Math.max,
};

/** Values of one-element expressions, by plain recursion over the graph. */
function evaluate(roots: readonly Tensor[], leaves: Readonly<Record<string, number>>): number[] {
  const values = new Map<Tensor, number>();
  for (const node of topological(roots)) {
    if (node.primitive === 'input') values.set(node, leaves[node.attributes.name]!);
    else if (node.primitive === 'constant') values.set(node, Number(node.attributes.values[0]));
    else values.set(node, interpreted[node.primitive]!(...node.inputs.map((operand) => values.get(operand)!)));
  }
  return roots.map((root) => values.get(root)!);
}

const LEAVES = { a: 1.25, b: -0.75, c: 3 };

/** Random graphs with many equal parts: each instruction works on nodes made before it, all of which are roots. */
const randomRoots = fc
  .array(fc.tuple(fc.nat(5), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 25 })
  .map((instructions) => {
    const nodes = [...Object.keys(LEAVES).map((name) => input(name, [])), constant(0.5), constant(0.5)];
    for (const [kind, left, right] of instructions) {
      // From few nodes, so that the same expression is made again and again.
      const a = nodes[left % Math.min(nodes.length, 8)]!;
      const b = nodes[right % nodes.length]!;
      const [one, two] = [Object.values(unary)[kind % 2]!, Object.values(binary)[kind % 4]!];
      nodes.push(kind < 2 ? one(a) : two(a, b));
    }
    return nodes;
  });

describe('shareSubexpressions', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('makes what is asked for twice once', () => {
    const x = input('x', [3]);
    const [root] = shareSubexpressions([add(mul(exp(x), 2), mul(exp(x), constant(2)))]);
    assert.equal(root!.inputs[0], root!.inputs[1]);
    // x, exp, 2, mul, add
    assert.equal(topological([root!]).length, 5);
  });

  it('keeps the roots in their order, equal ones as one node', () => {
    const x = input('x', [3]);
    const [first, second, third] = shareSubexpressions([exp(x), neg(x), exp(x)]);
    assert.equal(first, third);
    assert.deepEqual([first!.primitive, second!.primitive], ['exp', 'neg']);
  });

  it('keeps apart what differs in operand order, shape, type, attribute or value', () => {
    const [a, b] = [input('a', [2]), input('b', [2])];
    const pairs: readonly (readonly [Tensor, Tensor])[] = [
      [sub(a, b), sub(b, a)],
      [constant(1), constant(1, [1])],
      [constant(1), constant(1, [], 'int32')],
      [sum(input('m', [2, 3]), [0]), sum(input('m', [2, 3]), [1])],
      [constant(0), constant(-0)],
      [pad(a, [1], [0], Number.NEGATIVE_INFINITY), pad(a, [1], [0], Number.POSITIVE_INFINITY)],
      [pad(a, [1], [0], Number.NaN), pad(a, [1], [0], Number.POSITIVE_INFINITY)],
      [constant(Array(100).fill(1)), constant(Array(100).fill(1))],
    ];
    for (const [left, right] of pairs) {
      const [one, other] = shareSubexpressions([left, right]);
      assert.notEqual(one, other, `${left.primitive} ${JSON.stringify(left.attributes)}`);
    }
  });

  it('a program has neither the inputs nor the nodes of what nobody asks for', () => {
    const [x, unused] = [input('x', [3]), input('unused', [3])];
    exp(unused);
    const program = lower({ y: neg(x) });
    assert.deepEqual(
      program.inputs.map(({ name }) => name),
      ['x'],
    );
    // Neg alone: its output bears the program's name for it.
    assert.equal(program.nodes, 1);
  });

  it('changes no value and leaves nothing to share (property)', () => {
    fc.assert(
      fc.property(randomRoots, (roots) => {
        const shared = shareSubexpressions(roots);
        assert.deepEqual(evaluate(shared, LEAVES), evaluate(roots, LEAVES));
        const nodes = topological(shared).length;
        assert.ok(nodes <= topological(roots).length);
        assert.equal(topological(shareSubexpressions(shared)).length, nodes);
      }),
      { numRuns: 300 },
    );
  });

  it('changes no value that the runtime gives (property)', async () => {
    await fc.assert(
      fc.asyncProperty(randomRoots, async (roots) => {
        const outputs = Object.fromEntries(roots.map((root, i) => [`y${i}`, root]));
        const feeds = Object.fromEntries(Object.entries(LEAVES).map(([name, value]) => [name, floats([], [value])]));
        const values = await execute(outputs, feeds, runtime);
        assert.deepEqual(
          // Adding 0 makes −0 and 0 equal: engines differ in max(−0, 0).
          roots.map((_, i) => Number(values[`y${i}`]!.values[0]) + 0),
          evaluate(roots, LEAVES).map((value) => value + 0),
        );
      }),
      { numRuns: 25 },
    );
  });
});
