import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  dirac,
  eye,
  fans,
  type Initialization,
  kaimingNormal,
  kaimingUniform,
  kerasInitializations,
  orthogonal,
  sparse,
  truncatedNormal,
  xavierNormal,
  xavierUniform,
} from '../../../src/engine/network';
import { initialValues } from '../../../src/engine/probe/data/initialization';
import { Purpose } from '../../../src/engine/probe/data/philox';

const draw = (initialization: Initialization, shape: readonly number[], index = 0, seed = 3): Float32Array =>
  initialValues({ shape, initialization, stream: { seed, purpose: Purpose.weights, index } }).values as Float32Array;

const average = (values: Float32Array, of: (value: number) => number = (value) => value) =>
  values.reduce((sum, value) => sum + of(value), 0) / values.length;
const deviation = (values: Float32Array) => {
  const mean = average(values);
  return Math.sqrt(average(values, (value) => (value - mean) ** 2));
};
const extremes = (values: Float32Array) =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    Infinity,
    -Infinity,
  ] as readonly [number, number]);

/** φ and Φ of the standard normal; Φ by its series. */
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
function below(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/** Mean and deviation of a normal between α and β, in its own deviations. */
function truncatedMoments(alpha: number, beta: number): { mean: number; std: number } {
  const share = below(beta) - below(alpha);
  const mean = (density(alpha) - density(beta)) / share;
  const edge = (x: number) => x * density(x);
  return { mean, std: Math.sqrt(1 + (edge(alpha) - edge(beta)) / share - mean ** 2) };
}

describe('initial values', () => {
  it('are between the bounds of trunc_normal, with the moments of a truncated normal', () => {
    const count = 60_000;
    for (const [mean, std, a, b] of [
      [0, 1, -2, 2],
      [0, 0.02, -2, 2],
      [0.5, 1, 0, 3],
      [0, 10, -1, 2],
      [0, 1, 2.5, 40],
      [3, 2, -1, 0.5],
    ] as const) {
      const values = draw(truncatedNormal(mean, std, a, b), [count]);
      const [low, high] = extremes(values);
      assert.ok(low >= Math.fround(a) && high <= Math.fround(b), `${[mean, std, a, b]}: ${low} to ${high}`);
      const expected = truncatedMoments(Math.max(-6, (a - mean) / std), Math.min(6, (b - mean) / std));
      const error = Math.abs(average(values) - (mean + std * expected.mean));
      assert.ok(error < (5 * std * expected.std) / Math.sqrt(count), `${[mean, std, a, b]}: mean off by ${error}`);
      const ratio = deviation(values) / (std * expected.std);
      assert.ok(Math.abs(ratio - 1) < 0.015, `${[mean, std, a, b]}: deviation ${ratio} of what it should be`);
    }
  });

  it('of orthogonal have orthonormal rows, or columns, times the gain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(1000),
        (rows, columns, kernel, index) => {
          const gain = 1.5;
          const wide = columns * kernel;
          const values = draw(orthogonal(gain), [rows, columns, kernel], index);
          const vector = (i: number) =>
            Array.from({ length: Math.max(rows, wide) }, (_, k) =>
              rows <= wide ? values[i * wide + k]! : values[k * wide + i]!,
            );
          const vectors = Array.from({ length: Math.min(rows, wide) }, (_, i) => vector(i));
          vectors.forEach((a, i) => {
            vectors.forEach((b, j) => {
              const product = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
              assert.ok(Math.abs(product - (i === j ? gain ** 2 : 0)) < 1e-5, `${i}·${j} = ${product}`);
            });
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of orthogonal are spread as those of a uniformly drawn matrix: E x⁴ = 3/(n(n + 2)), entries uncorrelated', () => {
    for (const size of [2, 3, 8, 64, 200]) {
      const matrices = Array.from({ length: Math.ceil(40_000 / size ** 2) }, (_, i) =>
        draw(orthogonal(), [size, size], i),
      );
      const all = Float32Array.from(matrices.flatMap((values) => [...values]));
      const noise = 5 / Math.sqrt(all.length);
      assert.ok(Math.abs(average(all) * Math.sqrt(size)) < noise, `${size}: mean ${average(all)}`);
      const kurtosis = (average(all, (x) => x ** 4) * size * (size + 2)) / 3;
      assert.ok(Math.abs(kurtosis - 1) < 3 * noise, `${size}: ${kurtosis}`);
      // Of single entries too: the first row begins as a unit vector.
      const corner = matrices.map((values) => values[0]! * Math.sqrt(size));
      const square = corner.reduce((sum, x) => sum + x * x, 0) / corner.length;
      if (corner.length > 500) assert.ok(Math.abs(square - 1) < 5 / Math.sqrt(corner.length), `${size}: ${square}`);
      const mirrored = matrices.filter((values) => size === 2 && values[0]! * values[3]! < values[1]! * values[2]!);
      if (size === 2) assert.ok(Math.abs(mirrored.length / matrices.length - 0.5) < 0.05);
    }
  });

  it('of a large orthogonal matrix take no time that anybody would notice', () => {
    const began = process.cpuUsage();
    draw(orthogonal(), [1024, 1024]);
    const { user } = process.cpuUsage(began);
    assert.ok(user < 3e6, `${user / 1e6} s`);
  });

  it('of sparse have the share of zeros in each column, rounded up, in places that change', () => {
    const [rows, columns] = [30, 400];
    const values = draw(sparse(0.34, 0.5), [rows, columns]);
    const zerosByRow = new Uint32Array(rows);
    for (let column = 0; column < columns; column++) {
      let zeros = 0;
      for (let row = 0; row < rows; row++) {
        if (values[row * columns + column] !== 0) continue;
        zeros++;
        zerosByRow[row]!++;
      }
      assert.equal(zeros, Math.ceil(0.34 * rows));
    }
    const share = Math.ceil(0.34 * rows) / rows;
    const most = 5 * Math.sqrt(columns * share * (1 - share));
    for (const zeros of zerosByRow) assert.ok(Math.abs(zeros - columns * share) < most, `${zerosByRow}`);
    const kept = values.filter((value) => value !== 0);
    assert.ok(Math.abs(deviation(kept) - 0.5) < 0.02);
  });

  it('of eye and dirac pass on what comes in', () => {
    assert.deepEqual([...draw(eye(), [2, 3])], [1, 0, 0, 0, 1, 0]);
    assert.deepEqual([...draw(eye(2), [3, 2])], [2, 0, 0, 2, 0, 0]);
    assert.deepEqual(
      [...draw(dirac(), [2, 3, 3])],
      [...[0, 1, 0], ...new Array(6).fill(0), ...[0, 0, 0, 0, 1, 0, 0, 0, 0]],
    );
    const grouped = draw(dirac(2), [4, 1, 2, 2]);
    // Each group's first output is its input; 2×2 has its middle at the end.
    assert.deepEqual([...grouped], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('of values are those', () => {
    assert.deepEqual([...draw({ kind: 'values', values: [1, 2, 3, 4] }, [2, 2])], [1, 2, 3, 4]);
  });

  it('of kaiming and xavier have the variances of their fans', () => {
    const shape = [40, 30, 3, 5];
    const { fanIn, fanOut } = fans(shape);
    assert.deepEqual([fanIn, fanOut], [450, 600]);
    for (const [initialization, variance] of [
      [kaimingUniform(fanIn, Math.SQRT2), 2 / 450],
      [kaimingNormal(fanOut, 1), 1 / 600],
      [xavierUniform(shape, 2), (4 * 2) / 1050],
      [xavierNormal(shape), 2 / 1050],
    ] as const) {
      const values = draw(initialization, shape);
      assert.ok(Math.abs(deviation(values) ** 2 / variance - 1) < 0.05, `${JSON.stringify(initialization)}`);
      if (initialization.kind === 'uniform') {
        assert.ok(Math.abs(initialization.high ** 2 / 3 / variance - 1) < 1e-12);
        assert.equal(initialization.low, -initialization.high);
      }
    }
  });

  it("of Keras's names have the variances that Keras says, normal ones cut at two deviations", () => {
    const shape = [60, 40, 5];
    const own = fans(shape);
    const variances: Readonly<Record<string, number>> = {
      glorot_uniform: 2 / 500,
      glorot_normal: 2 / 500,
      he_uniform: 2 / 200,
      he_normal: 2 / 200,
      lecun_uniform: 1 / 200,
      lecun_normal: 1 / 200,
      random_normal: 0.05 ** 2,
      random_uniform: 0.05 ** 2 / 3,
      truncated_normal: (0.05 * 0.87962566) ** 2,
      zeros: 0,
    };
    for (const [name, variance] of Object.entries(variances)) {
      const initialization = kerasInitializations[name]!(own);
      const values = draw(initialization, shape);
      const ratio = variance === 0 ? 1 + deviation(values) : deviation(values) ** 2 / variance;
      assert.ok(Math.abs(ratio - 1) < 0.05, `${name}: ${ratio} of its variance`);
      if (initialization.kind !== 'trunc_normal') continue;
      assert.equal(initialization.b, 2 * initialization.std);
      const [low, high] = extremes(values);
      assert.ok(Math.max(-low, high) <= Math.fround(2 * initialization.std));
    }
    assert.deepEqual(kerasInitializations.ones!(own), { kind: 'constant', value: 1 });
    assert.equal(kerasInitializations.orthogonal!(own).kind, 'orthogonal');
  });

  it('are pure functions of their spec, and others in another stream', () => {
    for (const initialization of [
      orthogonal(),
      sparse(0.5),
      truncatedNormal(0, 1, -2, 2),
      truncatedNormal(0, 1, 2, 3),
    ]) {
      assert.deepEqual(draw(initialization, [6, 5]), draw(initialization, [6, 5]));
      assert.notDeepEqual(draw(initialization, [6, 5], 1), draw(initialization, [6, 5], 2));
      assert.notDeepEqual(draw(initialization, [6, 5], 1, 1), draw(initialization, [6, 5], 1, 2));
    }
  });

  it('work norms out of another parameter, along an axis or of everything', () => {
    const shape = [4, 3, 2];
    const stream = { seed: 3, purpose: Purpose.weights, index: 7 };
    const of = { shape, initialization: { kind: 'normal', mean: 1, std: 2 } as const, stream };
    const values = Array.from(initialValues(of).values as Float32Array);
    for (const [dim, size] of [
      [0, 4],
      [1, 3],
      [2, 2],
      [null, 1],
    ] as const) {
      const initialization: Initialization = { kind: 'norm', of: 'v', dim };
      const found = initialValues({ shape: [size], initialization, stream, of }).values as Float32Array;
      const behind = [6, 2, 1];
      for (let at = 0; at < size; at++) {
        const own = values.filter((_, i) => dim === null || Math.floor(i / behind[dim]!) % shape[dim]! === at);
        const expected = Math.hypot(...own);
        assert.ok(Math.abs(found[at]! - expected) < 1e-5 * expected, `${dim} ${at}`);
      }
    }
  });

  it('find the first singular vectors by the power method, of one length and of the right axis', () => {
    // diag(5, 1) in the middle axis: rows 5·e₀ and e₁.
    const shape = [1, 2, 2];
    const stream = { seed: 3, purpose: Purpose.weights, index: 7 };
    const of = { shape, initialization: { kind: 'values', values: [5, 0, 0, 1] } as const, stream };
    const vector = (side: 'left' | 'right', iterations: number, dim = 1) =>
      initialValues({
        shape: [2],
        initialization: { kind: 'singular_vector', of: 'v', side, dim, iterations },
        stream,
        of,
      }).values as Float32Array;
    for (const side of ['left', 'right'] as const) {
      assert.ok(Math.abs(Math.hypot(...vector(side, 0)) - 1) < 1e-6);
      assert.ok(Math.abs(Math.abs(vector(side, 15)[0]!) - 1) < 1e-6, side);
      assert.ok(Math.abs(vector(side, 15)[1]!) < 1e-6, side);
    }
    assert.equal(vector('left', 15)[0]! * vector('right', 15)[0]! > 0, true, 'uᵀWv is positive');
  });

  it('fill boxes apart, with numbers of their own', () => {
    const stream = { seed: 3, purpose: Purpose.weights, index: 7 };
    const rest = { kind: 'uniform', low: 0, high: 1 } as const;
    const part = { from: [1, 0], to: [3, 2], initialization: rest };
    const corner = { from: [2, 1], to: [3, 3], initialization: { kind: 'values', values: [5, 6] } as const };
    const values = initialValues({
      shape: [3, 3],
      initialization: { kind: 'parts', rest, parts: [part, corner] },
      stream,
    }).values as Float32Array;
    const whole = initialValues({ shape: [3, 3], initialization: rest, stream }).values as Float32Array;
    // Row-major places in the box alone differ; where two boxes overlap the later holds.
    const changed = [...values.keys()].filter((i) => values[i] !== whole[i]);
    assert.deepEqual(changed, [3, 4, 6, 7, 8]);
    assert.deepEqual([...values.slice(7)], [5, 6]);
    assert.ok(!whole.includes(values[3]!), 'the box draws what the rest has drawn');
  });
});
