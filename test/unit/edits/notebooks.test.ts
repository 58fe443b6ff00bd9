import assert from 'node:assert/strict';
import { editableSource } from '../../../src/engine/editableSource';
import { editArgument, editSource, type SourceEdit } from '../../../src/engine/edits';
import type { Network, SourceDocument } from '../../../src/engine/network';
import { sourceDocument } from '../../../src/engine/network';
import { notebookReader } from '../../../src/engine/readers/notebook';
import { applyEdits } from './applyEdits';
import { edit, modelFile, modelFiles, wishesFor } from './models';

const cellUri = (index: number) => `vscode-notebook-cell:/net.ipynb#W${index}`;

/** A notebook as an editor holds it: its cells of code, with one of words before each. */
const notebook = (texts: readonly string[]): SourceDocument => ({
  ...sourceDocument('file:///net.ipynb', ''),
  cells: texts.map((text, i) => ({ ...sourceDocument(cellUri(i), text), cell: 2 * i + 1 })),
});

/** A file in cells: what IPython wants first, then a cell before every class. */
const cellsOf = (text: string): string[] => [
  '%matplotlib inline\n!pip install torch',
  ...text.split(/(?<!^@.*)\n(?=class )/m),
];

const read = (document: SourceDocument, name?: string): Promise<readonly Network[]> =>
  notebookReader.read(document, name === undefined ? {} : { name });

const editable = (document: SourceDocument, network: Network) =>
  editableSource(document, network, (edited) => read(edited, network.name));

/** The cells' texts after edits, each in the cell that it names. */
function edited(document: SourceDocument, edits: readonly SourceEdit[]): string[] {
  for (const { document: cell } of edits) assert.ok(cell && document.cells?.includes(cell), 'an edit is in no cell');
  return document.cells!.map((cell) =>
    applyEdits(
      cell.text,
      edits.filter((each) => each.document === cell),
    ),
  );
}

describe('edits of notebooks', function () {
  this.timeout(60_000);

  it('are those of the same text in a file, each in its cell', async () => {
    let made = 0;
    for (const file of modelFiles) {
      const plain = await modelFile(file);
      const text = plain.text.replaceAll('\r\n', '\n');
      const model = await modelFile(file, text);
      const document = notebook(cellsOf(text));
      const network = (await read(document)).find(({ name }) => name === model.network.name);
      assert.ok(network, file);
      for (const asked of wishesFor(model.network).slice(0, 3)) {
        const expected = await edit(model, asked);
        const result = await editSource(network, asked.changes, editable(document, network));
        const label = `${file}: ${asked.what}`;
        if ('refused' in expected) {
          assert.ok('refused' in result, label);
          assert.equal(result.refused.id, expected.refused.id, label);
          continue;
        }
        assert.ok('edits' in result, label);
        made++;
        const [first, ...others] = edited(document, result.edits);
        assert.equal(first, document.cells![0]!.text, label);
        assert.equal(others.join('\n').trimEnd(), applyEdits(text, expected.edits).trimEnd(), label);
        assert.deepEqual(result.keys, expected.keys, label);
      }
    }
    assert.ok(made > 15, String(made));
  });

  it('add an import in the cell of imports, and name a cell where they are refused', async () => {
    const texts = [
      'from torch.nn import Conv2d, Module',
      [
        'class Net(Module):',
        '    def __init__(self):',
        '        super().__init__()',
        '        self.conv = Conv2d(3, 8, 3)',
        '    def forward(self, x):',
        '        return self.conv(x)',
      ].join('\n'),
      'import torch\nmodel = Net()\nmodel(torch.randn(4, 3, 8, 8))',
    ];
    const document = notebook(texts);
    const [network] = await read(document);
    const layer = { kind: 'BatchNorm2d', attributes: { num_features: 8 } };
    const change = { operation: 'insert' as const, site: network!.calls[0]!.id, layer };
    const result = await editSource(network!, [change], editable(document, network!));
    assert.ok('edits' in result, JSON.stringify(result));
    const after = edited(document, result.edits);
    assert.match(after[0]!, /import .*BatchNorm2d|from torch import nn|import torch/);
    assert.match(after[1]!, /BatchNorm2d\(8\)/);
    assert.equal(after[2], texts[2]);

    const trained = notebook([...texts.slice(0, 2), `${texts[2]}\nmodel.load_state_dict(torch.load('net.pt'))`]);
    const [loaded] = await read(trained);
    const refused = await editSource(loaded!, [change], editable(trained, loaded!));
    assert.ok('refused' in refused);
    assert.match(refused.refused.text, /^Cell 6, line 4 loads trained weights/);
  });

  it('change arguments in the cell of their call', async () => {
    const texts = [
      'import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader',
      'net = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4))',
      '# the training data\nloader = DataLoader(data, batch_size=4)',
    ];
    const document = notebook(texts);
    const [network] = await read(document);
    const line = { line: 2, column: 10 };
    const source = {
      uri: cellUri(2),
      cell: 5,
      hash: document.cells![2]!.hash,
      start: line,
      end: { line: 2, column: texts[2]!.split('\n')[1]!.length + 1 },
    };
    const result = await editArgument(
      network!,
      { source, name: 'drop_last', value: 'True' },
      editable(document, network!),
    );
    assert.ok('edits' in result, JSON.stringify(result));
    assert.match(edited(document, result.edits)[2]!, /DataLoader\(data, batch_size=4, drop_last=True\)/);
  });
});
