import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileDocument } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import { inputsOf, whysOf } from './read';

describe('PyTorch reader: configurations beside the file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'normscope-config-'));
  after(() => rmSync(folder, { recursive: true }));
  const read = async (load: string) => {
    const text = `import json, yaml
import torch
from torch import nn
${load}
model = nn.Sequential(nn.Linear(cfg['model']['width'], 3), nn.ReLU())
loader = torch.utils.data.DataLoader(data, batch_size=cfg['batch'], shuffle=True)
optimizer = torch.optim.SGD(model.parameters(), lr=cfg['lr'])
`;
    const options = { imports: { workspace: [folder], sitePackages: [] } };
    return (await pytorchReader.read(fileDocument(path.join(folder, 'train.py'), text), options))[0]!;
  };
  const settings = { model: { width: 5 }, batch: 12, lr: 0.25 };
  writeFileSync(path.join(folder, 'config.yaml'), 'model:\n  width: 5\nbatch: 12\nlr: 2.5e-1\n');
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(settings));

  it('reads YAML and JSON inside the workspace', async () => {
    for (const load of [
      "cfg = yaml.safe_load(open('config.yaml'))",
      "with open('config.yaml') as f:\n    cfg = yaml.load(f, Loader=yaml.SafeLoader)",
      "with open('config.json', 'r') as f:\n    cfg = json.load(f)",
    ]) {
      const network = await read(load);
      assert.deepEqual(inputsOf(network), [`input [batch, 5] from 0, line ${load.includes('with') ? 6 : 5}`]);
      assert.equal(network.batch.size, 12);
      assert.equal(network.optimizer.settings.lr, 0.25);
    }
  });

  it('reads nothing else: no other kind of file, nothing outside, nothing broken', async () => {
    writeFileSync(path.join(folder, 'broken.yaml'), "key: 'unclosed");
    symlinkSync('/etc/hostname', path.join(folder, 'link.yaml'));
    for (const name of ['/etc/hostname', '../config.yaml', 'missing.yaml', 'broken.yaml', 'link.yaml']) {
      const network = await read(`cfg = yaml.safe_load(open('${name}'))`);
      assert.match(whysOf(network).join(), /is not read|does not parse/, name);
    }
  });
});
