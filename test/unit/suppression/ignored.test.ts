import assert from 'node:assert/strict';
import { fileDocument } from '../../../src/engine/network';
import { readerFor } from '../../../src/engine/readers/table';
import { findInStructure } from '../../../src/engine/rules';
import { sourceTexts, withoutIgnored } from '../../../src/engine/suppression';

async function judged(file: string, text: string) {
  const document = fileDocument(`/models/${file}`, text);
  const networks = await (await readerFor(file)!.load()).read(document, {});
  const parts = networks.map((network) => withoutIgnored(network, findInStructure(network), sourceTexts(document)));
  return {
    kept: parts.flatMap(({ kept }) => kept.map(({ rule }) => rule)),
    ignored: parts.flatMap(({ ignored }) => ignored.map(({ found, comment }) => `${found.rule}:${comment.start.line}`)),
  };
}

const net = (
  marks: Partial<Record<'above' | 'conv' | 'end' | 'init' | 'class', string>> = {},
): string => `import torch.nn as nn
# normscope: input=3x8x8
class Net(nn.Module):${marks.class ?? ''}
    def __init__(self):${marks.init ?? ''}
        super().__init__()${marks.above ? `\n        ${marks.above}` : ''}
        self.conv = nn.Conv2d(${marks.conv ?? ''}
            3, 8, 3
        )${marks.end ?? ''}
        self.bn = nn.BatchNorm2d(8)
        self.left = nn.Linear(3, 3)

    def forward(self, x):
        return self.bn(self.conv(x))
`;

const BOTH = ['bias-before-batchnorm', 'unused-layer'];

describe('suppression: findings that comments leave out', () => {
  it('are those of the named rules at the line, the line above and the statement’s last line', async () => {
    assert.deepEqual(await judged('net.py', net()), { kept: BOTH, ignored: [] });
    const mark = '# normscope: ignore[bias-before-batchnorm]';
    for (const [place, line] of [
      ['conv', 6],
      ['above', 6],
      ['end', 8],
    ] as const) {
      const found = await judged('net.py', net({ [place]: place === 'above' ? mark : `  ${mark}` }));
      assert.deepEqual(found, { kept: ['unused-layer'], ignored: [`bias-before-batchnorm:${line}`] }, place);
    }
    const other = await judged('net.py', net({ conv: '  # normscope: ignore[double-softmax]' }));
    assert.deepEqual(other.kept, BOTH);
  });

  it('are all of a class or function at its line', async () => {
    for (const place of ['class', 'init'] as const) {
      const found = await judged('net.py', net({ [place]: '  # normscope: ignore' }));
      assert.deepEqual(found.kept, [], place);
      assert.equal(found.ignored.length, 2);
    }
    const one = await judged('net.py', net({ class: '  # normscope: ignore[unused-layer]' }));
    assert.deepEqual(one.kept, ['bias-before-batchnorm']);
  });

  it('are found in YAML and in a notebook’s cells', async () => {
    const yaml = (mark: string) =>
      `input: [3, 8, 8]\nlayers:\n  - Conv2d: {out_channels: 8, kernel_size: 3}${mark}\n  - BatchNorm2d\n`;
    assert.deepEqual((await judged('net.normscope.yaml', yaml(''))).kept, ['bias-before-batchnorm']);
    assert.deepEqual(await judged('net.normscope.yaml', yaml('  # normscope: ignore[bias-before-batchnorm]')), {
      kept: [],
      ignored: ['bias-before-batchnorm:3'],
    });
    const cell = (source: string) => ({ cell_type: 'code', source, metadata: {}, outputs: [] });
    const notebook = JSON.stringify({
      nbformat: 4,
      metadata: {},
      cells: [cell('import torch.nn as nn'), cell(net({ conv: '  # normscope: ignore' }))],
    });
    assert.deepEqual(await judged('net.ipynb', notebook), {
      kept: ['unused-layer'],
      ignored: ['bias-before-batchnorm:6'],
    });
  });
});
