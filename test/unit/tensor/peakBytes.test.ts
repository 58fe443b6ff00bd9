import assert from 'node:assert/strict';
import {
  add,
  exp,
  input,
  log,
  lower,
  lowerLoop,
  matmul,
  mul,
  neg,
  peakBytes,
  recurrence,
  reshape,
  sum,
  type Tensor,
  topological,
} from '../../../src/engine/tensor';

const peakOf = (roots: readonly Tensor[]) => peakBytes(topological(roots), roots);

describe('peakBytes', () => {
  const x = input('x', [10]);
  const VECTOR = 40;

  it('of a chain: the input, a node and its result', () => {
    assert.equal(peakOf([exp(x)]), 2 * VECTOR);
    assert.equal(peakOf([neg(log(exp(x)))]), 3 * VECTOR);
    let long: Tensor = x;
    for (let i = 0; i < 50; i++) long = neg(long);
    assert.equal(peakOf([long]), 3 * VECTOR);
  });

  it('keeps a value until its last use', () => {
    const shared = exp(x);
    // x, exp, neg and log at once, before the sum frees them.
    assert.equal(peakOf([add(neg(shared), log(shared))]), 4 * VECTOR);
  });

  it('keeps what is asked for to the end', () => {
    const kept = exp(x);
    assert.equal(peakOf([kept, neg(log(kept))]), 4 * VECTOR);
  });

  it('counts a reshape as its input’s memory', () => {
    assert.equal(peakOf([reshape(exp(x), [2, 5])]), 2 * VECTOR);
    // The reshaped value keeps its owner alive.
    const owner = exp(x);
    assert.equal(peakOf([neg(sum(mul(reshape(owner, [2, 5]), 2), [0]))]), 3 * VECTOR + 4);
  });

  it('holds every input from the beginning, used late as it may be', () => {
    const large = matmul(reshape(x, [10, 1]), reshape(x, [1, 10]));
    const late = input('late', [1000]);
    // While the 10 × 10 product stands beside its double, the 1,000 values wait already.
    assert.ok(peakOf([add(sum(mul(large, large)), sum(late))]) >= 4 * (10 + 100 + 100 + 1000));
  });

  it('counts what a recurrence keeps of every step for its gradient, and the gates as they pass', () => {
    const [steps, batch, size] = [5, 3, 2];
    const state = 4 * steps * batch * size;
    const inputs = [
      input('seq', [steps, batch, size]),
      input('w_ih', [4 * size, size]),
      input('w_hh', [4 * size, size]),
      input('h', [batch, size]),
      input('c', [batch, size]),
    ];
    const geometry = { cell: 'lstm', reverse: false, biased: false, masked: false } as const;
    const before = inputs.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, dim) => product * dim, 1), 0);
    const [alone, kept] = [false, true].map((keeps) => recurrence(inputs, { ...geometry, keeps, take: 'hidden' }));
    assert.equal(peakOf([alone!]), before + state + 4 * state);
    assert.equal(peakOf([kept!]), before + state + 6 * state + 4 * state);
    // A gate that is read stands in what was kept.
    const gate = recurrence(inputs, { ...geometry, keeps: true, take: 'input' });
    assert.equal(peakOf([kept!, gate]), peakOf([kept!]));
  });

  it('a program says it, a loop with the caller’s copy of its state', () => {
    assert.equal(lower({ y: exp(x) }).peakBytes, 2 * VECTOR);
    assert.equal(lowerLoop({ state: [{ leaf: x, next: exp(x) }], perStep: [], scans: [] }).peakBytes, 3 * VECTOR);
  });
});
