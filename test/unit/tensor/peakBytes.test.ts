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

  it('a program says it, a loop with the caller’s copy of its state', () => {
    assert.equal(lower({ y: exp(x) }).peakBytes, 2 * VECTOR);
    assert.equal(lowerLoop({ state: [{ leaf: x, next: exp(x) }], perStep: [], scans: [] }).peakBytes, 3 * VECTOR);
  });
});
