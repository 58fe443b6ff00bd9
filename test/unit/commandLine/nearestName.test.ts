import assert from 'node:assert/strict';
import { nearestName } from '../../../src/engine/commandLine/nearestName';

describe('command line: nearest name', () => {
  it('finds a slip of one or two letters', () => {
    const names = ['batch', 'budget', 'seed', 'seeds', 'set', 'steps'];
    assert.equal(nearestName('bacth', names), 'batch');
    assert.equal(nearestName('Seed', names), 'seed');
    assert.equal(nearestName('seedss', names), 'seeds');
    assert.equal(nearestName('bugdte', names), 'budget');
  });

  it('does not guess from afar', () => {
    assert.equal(nearestName('verbose', ['batch', 'seed']), undefined);
    assert.equal(nearestName('zz', ['set']), undefined);
    assert.equal(nearestName('batch'.repeat(1000), ['batch']), undefined);
  });
});
