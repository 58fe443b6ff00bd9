import assert from 'node:assert/strict';
import type { PlacedReading } from '../../../src/engine/probe/programs/training';
import { readSteps, type SeriesByOwner } from '../../../src/engine/probe/stepReadings';

describe('readSteps', () => {
  const readings: readonly PlacedReading[] = [
    {
      owner: 'fc',
      quantity: 'gradientNorm',
      from: [2, 0],
      finish: ([a, b], { learningRate }) => (a! + 10 * b!) / learningRate,
      trusted: ([a]) => a! > 0,
    },
    { owner: 'fc', quantity: 'weightNorm', from: [1], finish: ([a]) => a! },
    { owner: 'relu', quantity: 'inactive', from: [1, 1], finish: ([a, b]) => a! * b! },
  ];
  /** Three sums at each of two steps. */
  const sums = { values: Float32Array.of(1, 2, 3, 4, 5, -6), steps: 2, learningRate: 0.5 };

  it('finishes each reading of each step from its own sums, behind what is there', () => {
    const series: SeriesByOwner = new Map([['fc', { weightNorm: [7] }]]);
    assert.equal(readSteps(readings, { ...sums, judged: (step) => step === 0 }, series), undefined);
    assert.deepEqual(Object.fromEntries(series), {
      fc: { gradientNorm: [26, 68], weightNorm: [7, 2, 5] },
      relu: { inactive: [4, 25] },
    });
  });

  it('gives the reading for which a judged step lacks digits', () => {
    assert.equal(readSteps(readings, { ...sums, judged: () => true }, new Map()), readings[0]);
  });
});
