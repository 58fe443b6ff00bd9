import assert from 'node:assert/strict';
import { fileDocument } from '../../../../src/engine/network';
import { pythonReader } from '../../../../src/engine/readers/pythonFiles';
import { findInStructure } from '../../../../src/engine/rules';

const MODEL = `import torch
from torch import nn
# normscope: input=3x32x32 batch=4
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU())
`;

async function said(text: string): Promise<string> {
  const [network] = await pythonReader.read(fileDocument('/models/net.py', text), {});
  return findInStructure(network!)
    .filter(({ rule }) => rule === 'batchnorm-small-batch')
    .map(({ message }) => message.text)
    .join();
}

describe('rules on the structure, where trained weights are loaded', () => {
  it('offer to freeze the norm, to synchronize it or a larger batch, and no other norm', async () => {
    assert.match(await said(MODEL), /GroupNorm or LayerNorm/);
    const loaded = await said(`${MODEL}model.load_state_dict(torch.load('weights.pt'))\n`);
    assert.match(loaded, /eval\(\), take SyncBatchNorm, or a larger batch/);
    assert.doesNotMatch(loaded, /GroupNorm|LayerNorm/);
  });
});
