import assert from 'node:assert/strict';
import type { Change } from '../../../src/engine/change';
import { editableSource } from '../../../src/engine/editableSource';
import { editArgument, editSource } from '../../../src/engine/edits';
import { fileDocument, type SourceDocument } from '../../../src/engine/network';
import { pytorchReader } from '../../../src/engine/readers/pytorch';
import { applyEdits } from './applyEdits';

const FILE = '/models/net.py';
const HEAD = 'import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader\n';
const MODEL = `
class Net(nn.Module):  # normscope: input=3x8x8 batch=4
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()
`;

const read = (document: SourceDocument) => pytorchReader.read(document, {});

async function file(text: string) {
  const document = fileDocument(FILE, text);
  const network = (await read(document))[0]!;
  return { text, network, source: editableSource(document, network, read) };
}

const groupNorm = { kind: 'GroupNorm', attributes: { num_groups: 2, num_channels: 8 } };
const replace: Change = { operation: 'replace', site: 'norm', layer: groupNorm };
const noBias: Change = { operation: 'set', site: 'conv', attributes: { bias: false } };

async function refusalOf(text: string, changes: readonly Change[]): Promise<string> {
  const { network, source } = await file(text);
  const result = await editSource(network, changes, source);
  return 'refused' in result ? result.refused.text : `edited: ${JSON.stringify(result.edits)}`;
}

describe('edits that are not made', () => {
  for (const [how, line] of [
    ['load_state_dict', "net = Net()\nnet.load_state_dict(torch.load('net.pt'))\n"],
    ['load_state_dict under a condition', "net = Net()\nif resume:\n    net.load_state_dict(torch.load('net.pt'))\n"],
  ] as const) {
    it(`where trained weights are loaded, none that adds or replaces a norm, or breaks a key: ${how}`, async () => {
      const text = HEAD + MODEL + line;
      assert.match(
        await refusalOf(text, [replace]),
        /^Line \d+ loads trained weights, which another norm would make worthless\.$/,
      );
      const insert: Change = { operation: 'insert', site: 'conv', layer: groupNorm };
      assert.match(await refusalOf(text, [insert]), /loads trained weights/);
      assert.match(
        await refusalOf(text, [noBias]),
        /loads trained weights, whose names or shapes would not fit any more/,
      );
      // What breaks no key may be changed.
      assert.match(await refusalOf(text, [{ operation: 'set', site: 'norm', attributes: { eps: 0.001 } }]), /^edited/);
    });
  }

  it('in a file with a syntax error', async () => {
    const { network, source } = await file(HEAD + MODEL);
    const document = fileDocument(FILE, `${HEAD}${MODEL}\nx = (\n`);
    const result = await editSource(network, [replace], { ...source, document });
    assert.ok('refused' in result);
    assert.equal(result.refused.text, 'The file has a syntax error: mend that first.');
  });

  it('of no Python, of a notebook whose cells cannot be read again, and of what another file makes', async () => {
    const { network, source } = await file(HEAD + MODEL);
    const of = async (document: SourceDocument) => {
      const result = await editSource(network, [replace], { ...source, document });
      return 'refused' in result ? result.refused.text : 'edited';
    };
    assert.equal(await of({ ...source.document, uri: 'file:///models/net.onnx' }), 'Only Python source is edited.');
    assert.match(await of({ ...source.document, cells: [source.document] }), /^Cell 1, line \d+ has no edit/);
    const elsewhere = fileDocument('/models/main.py', HEAD + MODEL);
    assert.equal(await of(elsewhere), 'A layer that would change is made in another file.');
  });

  it('when reading the edited file again gives another network than the change does', async () => {
    const { network, source } = await file(HEAD + MODEL);
    for (const reread of [async () => undefined, async () => network]) {
      const result = await editSource(network, [replace], { ...source, reread });
      assert.ok('refused' in result);
      assert.match(result.refused.text, /^Line \d+ has no edit that gives the network meant\.$/);
    }
  });

  it('when a check in the code would go another way', async () => {
    const guarded = `${HEAD}${MODEL}\nnet = Net()\nassert net.conv.bias is not None\n`;
    assert.match(await refusalOf(guarded, [replace]), /^edited/);
    const used = `${HEAD}${MODEL.replace('        self.norm =', '        nn.init.zeros_(self.conv.bias)\n        self.norm =')}`;
    assert.match(await refusalOf(used, [noBias]), /has no edit/);
  });
});

describe('edits of an argument', () => {
  it('gives a loader drop_last, in place of the one it has or behind the others', async () => {
    for (const [given, expected] of [
      ['DataLoader(data, batch_size=4, shuffle=True)', 'DataLoader(data, batch_size=4, shuffle=True, drop_last=True)'],
      ['DataLoader(data, batch_size=4, drop_last=False)', 'DataLoader(data, batch_size=4, drop_last=True)'],
    ] as const) {
      const { text, network, source } = await file(`${HEAD}${MODEL}\nloader = ${given}  # the loader\n`);
      const loader = network.surroundings?.loader?.source;
      assert.ok(loader);
      const result = await editArgument(network, { source: loader, name: 'drop_last', value: 'True' }, source);
      assert.ok('edits' in result);
      assert.equal(applyEdits(text, result.edits), text.replace(given, expected));
    }
  });

  it('not where arguments are unpacked', async () => {
    const { network, source } = await file(`${HEAD}${MODEL}\nloader = DataLoader(data, batch_size=4, **more)\n`);
    const at = network.surroundings?.loader?.source ?? network.source;
    const result = await editArgument(network, { source: at, name: 'drop_last', value: 'True' }, source);
    assert.ok('refused' in result);
  });
});
