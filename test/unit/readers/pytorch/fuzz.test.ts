import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { InputError } from '../../../../src/engine/network';
import { readAll } from './read';

const examples = ['deep_sigmoid.py', 'small_resnet.py', 'cnn_batch2.py'].map((file) =>
  readFileSync(path.join(process.cwd(), 'examples', file), 'utf8'),
);

const PIECES = [
  '(',
  ')',
  '[',
  '"""',
  "'",
  ':',
  '\n',
  '    ',
  'while True:\n',
  'self',
  '*',
  '**',
  '-1',
  '0',
  '1e400',
  '10**9',
  'None',
  'lambda: ',
  '[0]*',
  'for x in ',
  'def f():\n',
  '\0',
  '𝕏',
  'yield ',
  '@',
  'return ',
  '# normscope: batch=0',
  'super().',
  'x[',
  '{',
  '}',
  'range(10**12)',
];

/** Reads it, within two seconds; wrong input may be refused, nothing else may happen. */
async function survives(text: string): Promise<void> {
  const start = performance.now();
  try {
    await readAll(text);
  } catch (error) {
    assert.ok(error instanceof InputError, `${error instanceof Error ? error.stack : error}`);
  }
  const took = performance.now() - start;
  assert.ok(took < 2000, `it took ${took} ms`);
}

describe('PyTorch reader: anything a person may type', () => {
  const example = fc.constantFrom(...examples);

  it('survives files cut off anywhere', () =>
    fc.assert(
      fc.asyncProperty(example, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) =>
        survives(text.slice(0, Math.floor(text.length * share))),
      ),
      { numRuns: 60 },
    ));

  it('survives pieces put in, out and over', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(12),
      insert: fc.constantFrom(...PIECES),
    });
    return fc.assert(
      fc.asyncProperty(example, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) =>
        survives(
          edits.reduce((changed, { at, remove, insert }) => {
            const index = Math.floor(changed.length * at);
            return changed.slice(0, index) + insert + changed.slice(index + remove);
          }, text),
        ),
      ),
      { numRuns: 120 },
    );
  });

  it('survives lines out of order', () =>
    fc.assert(
      fc.asyncProperty(example, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (text, a, b) => {
        const lines = text.split('\n');
        [lines[a % lines.length], lines[b % lines.length]] = [lines[b % lines.length]!, lines[a % lines.length]!];
        return survives(lines.join('\n'));
      }),
      { numRuns: 40 },
    ));

  for (const [what, text] of [
    ['deep brackets', `x = ${'('.repeat(5000)}${')'.repeat(5000)}\n`],
    ['a deep expression', `x = ${'1 + '.repeat(5000)}1\n`],
    [
      'deep blocks',
      `${Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}if True:\n`).join('')}${' '.repeat(300)}x = 1\n`,
    ],
    ['endless recursion', 'def f(n):\n    return f(n + 1) + [f(n)]\nf(0)\n'],
    ['recursion that branches', 'def f(n):\n    return f(n - 1) + f(n - 2) if n > 1 else n\nx = f(60)\n'],
    ['a loop that grows', 'x = [1]\nwhile True:\n    x = x + x\n'],
    ['endless loops in a row', 'while True:\n    pass\n'.repeat(50)],
    [
      'endless loops in a script of functions',
      'def f():\n    while True:\n        g()\ndef g():\n    while True:\n        pass\n'.concat('f()\n'.repeat(40)),
    ],
    ['a million modules', 'import torch.nn as nn\nmodel = nn.Sequential(*[nn.Linear(2, 2) for _ in range(1000000)])\n'],
    [
      'modules that hold themselves',
      'import torch.nn as nn\nclass A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = self\n        self.fc = nn.Linear(2, 2)\n    def forward(self, x):\n        return self.a(x)\nm = A()\n',
    ],
    [
      'a list that holds itself',
      'x = []\nx.append(x)\nprint(repr(x))\ny = x == x\nz = [x] == [[x]]\nm = max(x, [x])\n',
    ],
    ['a null character and no end of line', 'x = "\0'],
    ['nothing', ''],
  ] as const) {
    it(`survives ${what}`, () => survives(text));
  }
});
