import assert from 'node:assert/strict';
import { recognizers, taskFamily } from '../../../src/engine/advisor/family';
import { practiceRows, practicesFor } from '../../../src/engine/advisor/published';
import { traitsOf } from '../../../src/engine/advisor/traits';
import { describedCases } from '../../corpus/advice/cases';
import { readCase, withoutNorms } from '../../corpus/advice/readCase';

describe('families', function () {
  this.timeout(60_000);

  for (const kind of recognizers.map((recognizer) => recognizer.kind)) {
    it(`recognizes ${kind}, with its norms and without`, async () => {
      const cases = describedCases.filter(({ family }) => family === kind);
      assert.ok(cases.length >= 2, `${cases.length} cases`);
      for (const one of cases) {
        const network = await readCase(one);
        assert.deepEqual(
          [network, withoutNorms(network)].map((each) => taskFamily(each).kind),
          [kind, kind],
          one.name,
        );
      }
    });
  }

  it('knows what a file imports for', async () => {
    const [lenet] = describedCases;
    for (const [line, family] of [
      ['import stable_baselines3', 'reinforcement learning'],
      ['from torchvision.datasets import CocoDetection as Data', 'detection and segmentation'],
      ['def train():\n    from torch_geometric.nn import GCNConv', 'graph'],
      ['import torchaudio.transforms as T', 'speech'],
      ['from . import gymnasium', 'image classification'],
    ] as const) {
      assert.equal(taskFamily(await readCase({ ...lenet!, around: line })).kind, family, line);
    }
  });

  it('has something published of every family, each row with its source', async () => {
    const ids = practiceRows.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    for (const { source, norms } of practiceRows) {
      assert.match(source, /arxiv\.org\/abs\/\d{4}\.\d{4,5}$|\.(md|py|pdf)\b/);
      assert.ok(norms.length > 0);
    }
    for (const one of describedCases) {
      const network = withoutNorms(await readCase(one));
      const about = { family: taskFamily(network), traits: traitsOf(network), batch: one.batch, devices: false };
      assert.ok(practicesFor({ ...about, ample: true }).length > 0, one.name);
    }
  });
});
