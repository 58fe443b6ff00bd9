import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InputError, type Network, sourceDocument } from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { notebookReader } from '../../../../src/engine/readers/notebook';
import { brokenAt } from '../../../../src/engine/readers/notebook/json';
import { pythonOf } from '../../../../src/engine/readers/notebook/magics';
import { reportSource, sourceText } from '../../../../src/engine/report/reportSource';

const code = (...lines: string[]) => ({
  cell_type: 'code',
  source: lines.map((line, i) => (i < lines.length - 1 ? `${line}\n` : line)),
  outputs: [{ output_type: 'stream', text: ['import never\n'] }],
  execution_count: null,
  metadata: {},
});
const markdown = (text: string) => ({ cell_type: 'markdown', source: text, metadata: {} });
const notebook = (
  cells: readonly unknown[],
  metadata: object = { kernelspec: { language: 'python', name: 'python3' } },
) => JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1);

const MODEL = [
  markdown('# A model\nclass NotCode(nn.Module): pass'),
  code('%matplotlib inline', '!pip install torch', 'import torch', 'from torch import nn'),
  code(
    '%%time',
    'class Net(nn.Module):',
    '    def __init__(self):',
    '        super().__init__()',
    '        self.a = nn.Linear(8, 16)',
    '        self.b = nn.Linear(16, 4)',
    '    def forward(self, x):',
    '        return self.b(torch.relu(self.a(x)))',
  ),
  code('# normscope: batch=7', 'model = Net()', 'model(torch.randn(2, 8))', 'model??'),
];

const readAll = (text: string, options: ReadOptions = {}): Promise<readonly Network[]> =>
  notebookReader.read(sourceDocument('file:///work/nets/net.ipynb', text), options);
const read = async (cells: readonly unknown[]): Promise<Network> => {
  const [network, ...more] = await readAll(notebook(cells));
  assert.ok(network && more.length === 0);
  return network;
};

/** The error, with its place as a person sees it. */
async function refusal(text: string): Promise<string> {
  try {
    await readAll(text);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(!error.message.includes('\n'));
    return `${error.source ? sourceText(reportSource(error.source, '/work')) : ''} ${error.message}`;
  }
  return assert.fail('it was read');
}

describe('notebooks', () => {
  it('are read over all cells in their order, outputs and other languages aside', async () => {
    const network = await read([...MODEL, code('%%bash', 'python -c "class X("'), code('%%html', '<b>')]);
    assert.equal(network.name, 'model');
    assert.deepEqual(network.unmodelled, []);
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['a', 'relu', 'b'],
    );
    assert.deepEqual(network.batch, { size: 7, origin: 'directive, cell 4, line 1' });
  });

  it('say the cell and the line in it, for every place', async () => {
    const network = await read(MODEL);
    const place = (id: string) => {
      const { source } = network.modules.find((module) => module.id === id)!;
      return sourceText(reportSource(source, '/work'));
    };
    assert.deepEqual(['a', 'b'].map(place), ['nets/net.ipynb#cell 3:5:18', 'nets/net.ipynb#cell 3:6:18']);
    assert.equal(sourceText(reportSource(network.calls[1]!.source, '/work')), 'nets/net.ipynb#cell 3:8:23');
    assert.match(network.inputs[0]!.origin, /cell 4, line 3/);
    // A cell's own hash, for a surface to see that it is stale.
    assert.notEqual(network.modules[0]!.source.hash, network.source.hash);
  });

  it('lose one class to a syntax error, not their cells', async () => {
    const network = await read([...MODEL, code('class Half(nn.Module):', '    x = (', '', 'def f(): pass')]);
    assert.equal(network.calls.length, 3);
    assert.deepEqual(
      network.unmodelled.map(({ why, source }) => [why, sourceText(reportSource(source, '/work'))]),
      [["SyntaxError: '(' was never closed", 'nets/net.ipynb#cell 5:2:9']],
    );
  });

  it('may be of version 3, with worksheets', async () => {
    const cells = MODEL.map(({ source, ...rest }) => ({ ...rest, input: source }));
    const [network] = await readAll(JSON.stringify({ worksheets: [{ cells }], nbformat: 3 }));
    assert.equal(network!.calls.length, 3);
  });

  it('are read from the cells that an editor holds', async () => {
    const cells = [
      'from torch import nn\n%load_ext autoreload',
      '!ls\nmodel = nn.Sequential(nn.Linear(4, 2))  # normscope: input=4',
    ].map((text, i) => ({ uri: `vscode-notebook-cell:/net.ipynb#${i}`, text, hash: `${i}`, cell: i }));
    const [network] = await notebookReader.read({ uri: 'file:///net.ipynb', text: '', hash: '', cells }, {});
    assert.deepEqual(reportSource(network!.modules[0]!.source, '/'), {
      file: 'vscode-notebook-cell:/net.ipynb#1',
      line: 2,
      column: 23,
    });
  });

  describe('refused', () => {
    for (const [what, text, expected] of [
      ['nothing', '', /^nets\/net\.ipynb:1:1 the notebook ends in the middle/],
      ['half of one', notebook(MODEL).slice(0, 300), /^nets\/net\.ipynb:\d+:\d+ the notebook ends in the middle/],
      [
        'JSON that breaks',
        '{"cells": [\n {"cell_type": code}\n]}',
        /^nets\/net\.ipynb:2:16 the notebook is not valid JSON here/,
      ],
      ['other JSON', '{"a": 1}', /it has no list of cells/],
      ['another language', notebook(MODEL, { kernelspec: { language: 'R' } }), /language is R, not Python/],
      ['cells that are no text', notebook([{ cell_type: 'code', source: 7 }]), /cell 1 has a source that is no text/],
      ['cells of millions of characters', notebook([code('#'.repeat(2_000_001))]), /2 million characters/],
      ['no cell of code', notebook([markdown('nothing')]), /offers no model/],
    ] as const) {
      it(`${what}, in one line`, async () => assert.match(await refusal(text), expected));
    }

    it('whatever is no JSON, at the place where it ceases to be that', () => {
      fc.assert(
        fc.property(
          fc.json({ maxDepth: 4 }),
          fc.nat(),
          fc.constantFrom('', '"', '}', ',', 'x', '\n'),
          (text, at, put) => {
            const broken = text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1);
            try {
              JSON.parse(broken);
              return;
            } catch {
              const offset = brokenAt(broken);
              assert.ok(offset >= 0 && offset <= broken.length);
              // What stands before the place is the beginning of JSON.
              assert.equal(brokenAt(broken.slice(0, offset)), offset);
            }
          },
        ),
        { numRuns: 500 },
      );
    });
  });
});

describe('lines of IPython', () => {
  for (const [what, cell, expected] of [
    ['magics and commands', '  %time\n!ls -l\nx = 1', '  pass\npass\nx = 1'],
    ['values of them', 'files = !ls\nt = %timeit -o f()\na %= 2', 'files = None\nt = None\na %= 2'],
    ['help', 'nn.Linear?\n?nn\nx = a if b else c', 'pass\npass\nx = a if b else c'],
    ['a command over several lines', '!pip install \\\n  torch \\\n  numpy\nx = 1', 'pass\n\n\nx = 1'],
    ['not what stands in brackets', 'x = (a\n  % b\n  )\n%who', 'x = (a\n  % b\n  )\npass'],
    ['not what stands in a string', 'x = """\n%s\n!what\n"""\n!ls "it\'s', 'x = """\n%s\n!what\n"""\npass'],
    ['brackets in strings and comments', "a = '('  # [\n%who", "a = '('  # [\npass"],
    ['a cell in another language', '%%bash\nls (', '\n'],
    ['a cell that is timed', '\n%%time\nx = 1', '\n\nx = 1'],
  ] as const) {
    it(what, () => assert.equal(pythonOf(cell), expected));
  }

  it('keep the number of lines, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('%x', '!ls \\', '"""', "'", '(', ')', 'x = 1', '%%time', '# "', ' ?', '\\'), {
          maxLength: 12,
        }),
        (lines) => assert.equal(pythonOf(lines.join('\n')).split('\n').length, Math.max(1, lines.length)),
      ),
      { numRuns: 500 },
    );
  });
});
