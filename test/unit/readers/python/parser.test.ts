import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sourceDocument } from '../../../../src/engine/network';
import { type ParsedPython, PythonParser, type SyntaxNode } from '../../../../src/engine/readers/python/syntax';
import { pythonParser } from '../../../../src/engine/readers/python/syntax/grammar';
import { CUTS, cutSegments } from '../../../../src/engine/readers/python/syntax/segments';

const FOLDERS = ['examples', 'test/bench', 'test/bench/models', 'test/parity', 'test/parity/models'];
const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((file) => path.join(folder, file))).filter((file) =>
  file.endsWith('.py'),
);

/** A node and all below it, with their places, as text. */
const shown = ({ type, start, end, text, children }: SyntaxNode): string =>
  `${type} ${start.line}:${start.column}-${end.line}:${end.column} ${children.length > 0 ? `(${children.map(shown).join(' ')})` : text}`;
const statementsOf = ({ statements }: ParsedPython): string[] => statements.map(shown);
const names = ({ statements }: ParsedPython): string[] => statements.map(({ text }) => text.split('\n')[0]!);
const problemsOf = ({ problems }: ParsedPython): string[] =>
  problems.map(({ what, source }) => `${source.start.line}:${source.start.column} ${what}`);

/** Lines of a model file: 40 to each class. */
const modelFile = (classes: number): string => {
  const one = (n: number) =>
    [`class Block${n}(nn.Module):`, '    def forward(self, x):', ...Array(36).fill('        x = x + 1'), '', ''].join(
      '\n',
    );
  return ['import torch', 'from torch import nn', '', ...Array.from({ length: classes }, (_, n) => one(n))].join('\n');
};

describe('Python parser', () => {
  let grammar: Awaited<ReturnType<typeof pythonParser>>;
  before(async () => {
    grammar = await pythonParser();
  });
  const parser = () => new PythonParser(grammar);
  const parse = (text: string) => parser().parse(sourceDocument('file:///m.py', text));

  it('gives, part by part, what the grammar makes of the whole file', () => {
    assert.ok(files.length > 8);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const whole = grammar.parse(text)!;
      const root = whole.rootNode.namedChildren.filter((node) => node !== null && node.type !== 'comment');
      const parts = parse(text);
      assert.deepEqual(problemsOf(parts), [], file);
      assert.deepEqual(
        parts.statements.map(({ type, text, start, end }) => [type, text, start.line, start.column, end.line]),
        root.map((node) => [
          node!.type,
          node!.text,
          node!.startPosition.row + 1,
          node!.startPosition.column + 1,
          node!.endPosition.row + 1,
        ]),
        file,
      );
      whole.delete();
    }
  });

  it('cuts into segments that are together the text', () => {
    const texts = [
      ...files.map((file) => readFileSync(file, 'utf8')),
      '',
      '\n\n',
      'x = """\nclass A:\n"""\nclass B: pass',
    ];
    for (const text of texts) {
      for (const cut of CUTS) {
        const segments = cutSegments({ text, line: 0 }, cut);
        assert.equal(segments.map((segment) => segment.text).join(''), text);
        let line = 0;
        for (const segment of segments) {
          assert.equal(segment.line, line);
          line += segment.text.split('\n').length - 1;
        }
      }
    }
  });

  it('takes code inside a string for a string', () => {
    const parsed = parse('a = """\nclass A:\n    pass\ndef f(\n"""\nclass B:\n    """\nclass C: x\n    """\nb = 1\n');
    assert.deepEqual(problemsOf(parsed), []);
    assert.deepEqual(names(parsed), ['a = """', 'class B:', 'b = 1']);
  });

  it('keeps decorators with what they decorate, and branches with their statement', () => {
    const parsed = parse(
      '@a\n@b(\n    1)\n# why\nclass A: pass\nif x:\n    pass\nelse:\n    pass\ntry:\n    y\nexcept E:\n    z\n',
    );
    assert.deepEqual(problemsOf(parsed), []);
    assert.deepEqual(
      parsed.statements.map(({ type }) => type),
      ['decorated_definition', 'if_statement', 'try_statement'],
    );
  });

  describe('half-written code', () => {
    for (const [what, broken, problem] of [
      [
        'an open bracket',
        'class A:\n    def f(self):\n        self.c = nn.Conv2d(3,\n',
        /^2:.*|4:.*'\(' was never closed/,
      ],
      ['an open string', 'class A:\n    def f(self):\n        """what\n        x = 1\n', /./],
      ['a name and a dot', 'class A:\n    def f(self):\n        self.\n', /./],
      ['half a decorator', '@torch.no_\nclass A\n', /./],
    ] as const) {
      it(`${what} costs its own class, not what stands around it`, () => {
        const text = `import torch\n${broken}\nclass B:\n    """What it is."""\n    x = 1\n\nmodel = B()\n`;
        const parsed = parse(text);
        assert.deepEqual(names(parsed), ['import torch', 'class B:', 'model = B()']);
        assert.equal(parsed.problems.length, 1);
        assert.match(problemsOf(parsed)[0]!, problem);
      });
    }

    it('costs its own statement among others', () => {
      const parsed = parse('import torch\nfrom torch import\nimport math\nx = foo(\ny = 2\nclass A: pass\n');
      assert.deepEqual(names(parsed), ['import torch', 'import math', 'y = 2', 'class A: pass']);
      assert.equal(parsed.problems.length, 2);
    });

    it('costs the class before a variable made of it, not the variable', () => {
      const parsed = parse('class A:\n    x = f(\nmodel = B()\n');
      assert.deepEqual(names(parsed), ['model = B()']);
      assert.deepEqual(problemsOf(parsed), ["2:10 '(' was never closed"]);
    });
  });

  describe('after an edit', () => {
    const CLASSES = 50;
    const text = modelFile(CLASSES);
    const document = (content: string) => sourceDocument('file:///typed.py', content);

    it('parses the part that was edited, and nothing else', () => {
      const typed = parser();
      typed.parse(document(text));
      assert.ok(typed.work.characters >= text.length);
      const lines = text.split('\n');
      assert.ok(lines.length > 2000);
      for (let key = 0; key < 20; key++) {
        const before = typed.work.characters;
        lines[1000] += 'y';
        typed.parse(document(lines.join('\n')));
        const done = typed.work.characters - before;
        assert.ok(done > 0 && done < (2 * text.length) / CLASSES, `${done} of ${text.length} characters`);
      }
    });

    it('parses nothing where lines come or go above', () => {
      const typed = parser();
      typed.parse(document(text));
      const before = typed.work.characters;
      const moved = typed.parse(document(text.replace('import torch\n', 'import torch\n\n\n')));
      assert.ok(typed.work.characters - before < 100);
      assert.deepEqual(statementsOf(moved), statementsOf(parse(text.replace('import torch\n', 'import torch\n\n\n'))));
      assert.equal(moved.statements.at(-1)!.document.text.length, text.length + 2);
    });

    it('gives what a parser that saw nothing before gives, whatever is typed', () => {
      const typed = parser();
      const small = modelFile(3);
      let content = small;
      const edits: readonly ((content: string) => string)[] = [
        (before) => before.replace('x = x + 1', 'x = f('),
        (before) => before.replace('x = f(', 'x = f(1)'),
        (before) => `${before}\nmodel = Block1()\n`,
        (before) => before.replace('import torch\n', 'import torch, """\n'),
        (before) => before.replace(', """', ''),
        (before) => before.replace('class Block1', '# new\n@mark\nclass Block1'),
        (before) => `${before}${before}`,
        (before) => before.slice(400),
        (before) => before.replace(/^class Block2.*\n/m, ''),
        () => '',
        () => small,
      ];
      for (const edit of edits) {
        content = edit(content);
        const again = typed.parse(document(content));
        const fresh = parse(content);
        assert.deepEqual(statementsOf(again), statementsOf(fresh));
        assert.deepEqual(problemsOf(again), problemsOf(fresh));
      }
    });
  });

  it('takes time that grows with a file, not with its square', () => {
    const seconds = (classes: number): number => {
      const text = modelFile(classes);
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3; round++) {
        const began = process.cpuUsage();
        parse(text);
        const { user, system } = process.cpuUsage(began);
        least = Math.min(least, user + system);
      }
      return least;
    };
    seconds(100);
    // 4,000 and 16,000 lines: four times as many; sixteen times would be the square.
    const ratio = seconds(400) / seconds(100);
    assert.ok(ratio < 9, `${ratio.toFixed(1)} times as long for 4 times the lines`);
  });

  it('says where code is nested too deeply, and keeps the rest', () => {
    const parsed = parse(`a = 1\nclass A:\n    x = ${'('.repeat(900)}1${')'.repeat(900)}\nb = 2\n`);
    assert.deepEqual(names(parsed), ['a = 1', 'b = 2']);
    assert.equal(parsed.problems.length, 1);
  });
});
