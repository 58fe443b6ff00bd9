import assert from 'node:assert/strict';
import { Configuration } from '../../../extension/configuration';
import { FakeVscode } from './fakeVscode';

describe('extension: configuration', () => {
  const given = (key: string, value: unknown): Configuration => {
    const fake = new FakeVscode();
    fake.settings.set(`normscope.${key}`, value);
    return new Configuration(fake.api);
  };

  it('gives a setting as the person has it', () => {
    assert.equal(given('analysis.seed', 7).get('analysis.seed'), 7);
    assert.equal(given('hover.enabled', false).get('hover.enabled'), false);
    assert.equal(given('runtime', 'wasm').get('runtime'), 'wasm');
  });

  it('gives the severities of rules, without what is none', () => {
    const chosen = { 'a-rule': 'off', 'b-rule': 'error', 'c-rule': 'fatal', 'd-rule': 1 };
    assert.deepEqual(given('rules', chosen).ruleSeverities, { 'a-rule': 'off', 'b-rule': 'error' });
    for (const wrong of ['off', 1, null]) assert.deepEqual(given('rules', wrong).ruleSeverities, {});
  });

  it('gives the default for a value of another type, and for a word that it does not know', () => {
    assert.equal(given('analysis.seed', '7').get('analysis.seed'), 0);
    assert.equal(given('hover.enabled', 1).get('hover.enabled'), true);
    for (const wrong of ['gpu', true, 1, null]) assert.equal(given('runtime', wrong).get('runtime'), 'auto');
  });
});
