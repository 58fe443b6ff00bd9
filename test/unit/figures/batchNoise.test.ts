import assert from 'node:assert/strict';
import { gaussianVarianceNoise, noiseBySize } from '../../../src/engine/advisor/batchNoise';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { noiseCases, noiseMoments } from '../../noiseCases';
import { near } from './meanField';

describe('the noise of BatchNorm’s statistics in a network', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  for (const noiseCase of noiseCases) {
    const { name, positions, ratio } = noiseCase;
    const said = ratio === undefined ? 'is far above √(2/(m − 1))' : `is ${ratio.toFixed(2)} times √(2/(m − 1))`;
    it(`${name}: ${said}`, async () => {
      const site = await noiseMoments(runtime, noiseCase);
      assert.deepEqual([site.samples, site.positions], [256, positions]);
      const at = noiseBySize(site);
      for (const batch of [8, 32, 128]) {
        const { variance, mean } = at(batch);
        const theory = gaussianVarianceNoise(batch * positions);
        if (ratio === undefined) {
          assert.ok(variance > 4 * theory, `${variance} at ${theory}`);
          continue;
        }
        near(variance / theory, ratio, 0.07);
        // The mean's spread is 1/√m of values that are their own.
        if (ratio === 1) near(mean, 1 / Math.sqrt(batch * positions), 0.05);
      }
    });
  }
});
