import assert from 'node:assert/strict';
import { countParameters } from '../../../../src/engine/network';
import { callsOf, modulesOf, read, readAll, whysOf } from './read';

/** The widths of the Linear layers that the code puts into `widths`. */
async function widths(code: string): Promise<number[]> {
  const network = await read(`${code}\nmodel = nn.ModuleList([nn.Linear(2, w) for w in widths])\n`);
  return network.modules.map(({ attributes }) => attributes.out_features as number);
}

describe('PyTorch reader: Python', () => {
  const cases: readonly (readonly [what: string, code: string, expected: readonly number[]])[] = [
    [
      'arithmetic on whole and broken numbers',
      'widths = [7 // 2, -7 // 2 + 9, 7 % 4, 2 ** 5, int(7 / 2), 1_000 // 10, 0x10, 1 << 4]',
      [3, 5, 3, 32, 3, 100, 16, 16],
    ],
    [
      'comprehensions with conditions, nested and over zip',
      'widths = [a * b for a in range(1, 4) if a != 2 for b in (1, 2)] + [x + y for x, y in zip([1, 2], [3, 4])]',
      [1, 2, 3, 6, 4, 6],
    ],
    [
      'dictionary comprehensions and items()',
      "d = {k: v * 2 for k, v in {'a': 1, 'b': 2}.items()}\nwidths = list(d.values())",
      [2, 4],
    ],
    ['slices forwards and backwards', 'l = [1, 2, 3, 4, 5]\nwidths = l[1:3] + l[::-2] + l[-2:]', [2, 3, 5, 3, 1, 4, 5]],
    ['slice assignment', 'l = [1, 2, 3, 4]\nl[1:3] = [9]\nwidths = l', [1, 9, 4]],
    [
      'unpacking with a star',
      'first, *rest = [3, 4, 5]\n(a, b), c = (1, 2), 6\nwidths = [first, *rest, a, b, c]',
      [3, 4, 5, 1, 2, 6],
    ],
    [
      'enumerate, reversed, sorted, sum, max and min',
      'widths = [i + v for i, v in enumerate([5, 6], start=1)] + list(reversed([1, 2])) + sorted([3, 1], reverse=True) + [sum([1, 2]), max(4, 9), min([7, 3])]',
      [6, 8, 2, 1, 3, 1, 3, 9, 3],
    ],
    [
      'lambdas, closures and nonlocal',
      'def counter():\n    n = 0\n    def step():\n        nonlocal n\n        n += 2\n        return n\n    return step\nf = counter()\nwidths = [f(), f(), (lambda x, y=3: x * y)(4)]',
      [2, 4, 12],
    ],
    [
      'splats of what is called, reached and indexed',
      'x = nn.Linear(2, 3).weight\nd = [[4, 5]]\nwidths = [*map(int, [1, 2]), *x.shape, *d[0], *d[0] + [6]]',
      [1, 2, 3, 2, 4, 5, 4, 5, 6],
    ],
    [
      'match: values, alternatives, guards, sequences, mappings, classes and names',
      `from dataclasses import dataclass
@dataclass
class P:
    a: int
    b: int = 7
class N:
    ONE = 1
def f(x):
    match x:
        case 0 | -2: return 1
        case N.ONE: return 2
        case int(n) if n > 50: return n
        case 'relu' | 'gelu' as name: return len(name)
        case [a, *rest, b]: return a + b + len(rest)
        case {'k': k, **more}: return k
        case P(a=3, b=q): return q
        case P(a): return a
        case None: return 9
        case _: return 11
widths = [f(v) for v in (0, -2, 1, 60, 'gelu', [1, 5, 5, 2], {'k': 8, 'l': 1}, P(3), P(4), None, 5)]`,
      [1, 1, 2, 60, 4, 5, 8, 7, 4, 9, 11],
    ],
    ['frozen sets', 'widths = [len(frozenset([3, 3, 4]))]', [2]],
    ['global names', 'w = 1\ndef grow():\n    global w\n    w *= 3\ngrow()\ngrow()\nwidths = [w]', [9]],
    [
      'defaults, *args, **kwargs and keyword-only arguments',
      'def f(a, b=2, *args, c=3, **kw):\n    return [a, b, *args, c] + list(kw.values())\nwidths = f(1) + f(1, 5, 6, 7, c=8, d=9) + f(*[4], **{"b": 4})',
      [1, 2, 3, 1, 5, 6, 7, 8, 9, 4, 4, 3],
    ],
    [
      'while, break, continue and else',
      'widths = []\nn = 0\nwhile True:\n    n += 1\n    if n % 2:\n        continue\n    if n > 6:\n        break\n    widths.append(n)\nfor x in [1]:\n    pass\nelse:\n    widths.append(99)',
      [2, 4, 6, 99],
    ],
    [
      'try, except, else and finally',
      "widths = []\ntry:\n    {}['a']\nexcept (KeyError, ValueError):\n    widths.append(1)\nelse:\n    widths.append(2)\nfinally:\n    widths.append(3)",
      [1, 3],
    ],
    [
      'conditional expressions and chained comparisons',
      'x = 5\nwidths = [1 if 1 < x <= 5 else 2, 3 if x is None else 4, (x or 7), (0 or 7)]',
      [1, 4, 5, 7],
    ],
    [
      'f-strings, %, format and their use as names',
      "d = {'conv2_64': 64, 'x03': 3, 'a-b': 5, 'n7': 7}\ni = 2\nwidths = [d[f'conv{i}_{32 * 2}'], d[f'x{3:02d}'], d['{}-{}'.format('a', 'b')], d['n%d' % 7]]",
      [64, 3, 5, 7],
    ],
    [
      'math and numpy-like functions',
      'import math\nwidths = [int(math.sqrt(16)), math.ceil(2.1), math.floor(2.9), int(math.log2(8)), math.prod([2, 3])]',
      [4, 3, 2, 3, 6],
    ],
    [
      'the walrus and augmented assignments',
      'widths = [n] if (n := 3) > 2 else []\nwidths += [1]\nwidths[0] -= 1',
      [2, 1],
    ],
    [
      'isinstance, hasattr, getattr with a default, callable',
      "class C:\n    k = 4\nc = C()\nsetattr(c, 'z', 6)\nwidths = [int(isinstance(3, (int, str))) + 1, getattr(c, 'k'), getattr(c, 'q', 5), c.z, int(hasattr(c, 'q')) + 1]",
      [2, 4, 5, 6, 1],
    ],
    [
      'class attributes, properties, static and class methods',
      'class C:\n    base = 2\n    def __init__(self, n):\n        self.n = n\n    @property\n    def double(self):\n        return self.n * self.base\n    @staticmethod\n    def one():\n        return 1\n    @classmethod\n    def make(cls, n):\n        return cls(n + cls.base)\nc = C.make(3)\nwidths = [c.double, C.one(), c.one(), C.base]',
      [10, 1, 1, 2],
    ],
    [
      'multiple inheritance in C3 order',
      'class A:\n    def f(self):\n        return [1]\nclass B(A):\n    def f(self):\n        return [2] + super().f()\nclass C(A):\n    def f(self):\n        return [3] + super().f()\nclass D(B, C):\n    pass\nwidths = D().f()',
      [2, 3, 1],
    ],
    [
      'dataclasses',
      'from dataclasses import dataclass\n@dataclass\nclass Config:\n    width: int\n    depth: int = 2\nc = Config(3)\nwidths = [c.width] * c.depth',
      [3, 3],
    ],
    [
      'generators as lists',
      'def gen(n):\n    for i in range(n):\n        yield i + 1\nwidths = list(gen(3)) + [x for x in (y * 2 for y in [4])]',
      [1, 2, 3, 8],
    ],
    [
      'functools.partial and map',
      'from functools import partial\nadd = lambda a, b: a + b\nwidths = list(map(partial(add, 1), [1, 2])) + [partial(add, b=5)(1)]',
      [2, 3, 6],
    ],
    [
      'dictionaries of classes and functions as a registry',
      "sizes = {'small': [4, 8], 'large': [16]}\ndef pick(name='small', **over):\n    cfg = dict(sizes=sizes[name], **over)\n    cfg.update(extra=1)\n    return cfg.get('sizes') + [cfg['extra'], cfg.setdefault('q', 2), cfg.pop('zz', 3)]\nwidths = pick()",
      [4, 8, 1, 2, 3],
    ],
    [
      'a condition on __name__ and nested functions with defaults from a loop',
      'fs = []\nfor i in range(3):\n    fs.append(lambda i=i: i + 1)\nwidths = [f() for f in fs]\nif __name__ == "__main__":\n    widths.append(8)',
      [1, 2, 3, 8],
    ],
  ];
  for (const [what, code, expected] of cases) {
    it(`evaluates ${what}`, async () => {
      assert.deepEqual(await widths(code), expected);
    });
  }

  it('uses a with block, an assertion that holds and a decorator', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        assert 4 % 2 == 0, 'even'
        self.fc = nn.Linear(4, 2)
    @torch.no_grad()
    def forward(self, x):
        with torch.no_grad():
            x = self.fc(x)
        return x
`);
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 2]']);
    assert.deepEqual(whysOf(network), []);
  });

  it('says an assertion or an exception of the file with its line', async () => {
    const code = `class Net(nn.Module):
    def __init__(self, dim=6, heads=4):
        super().__init__()
        if dim % heads != 0:
            raise ValueError(f"dim {dim} must be divisible by heads {heads}")
        self.fc = nn.Linear(dim, dim)
    def forward(self, x):
        return self.fc(x)
`;
    await assert.rejects(read(code), (error: { message: string; source: { start: { line: number } } }) => {
      assert.match(error.message, /ValueError: dim 6 must be divisible by heads 4/);
      assert.equal(error.source.start.line, 8);
      return true;
    });
    const network = await read(code, { set: { dim: '8' } });
    assert.equal(countParameters(network).total, 72);
  });

  it('makes no text that is longer than it holds, and goes on without it', async () => {
    const long = "a = 'x' * 150000\n";
    for (const line of [
      "b = a.replace('x', a)",
      'b = a.join([a] * 150000)',
      "b = '%s' * 5000 % tuple([a] * 5000)",
      "b = ('{}' * 5000).format(*([a] * 5000))",
      "b = ('\\t' * 9).expandtabs(10**9)",
      'b = a.translate({"x": a})',
    ]) {
      const network = await read(`${long}${line}\nmodel = nn.Linear(3, 4)\n`);
      assert.match(whysOf(network)[0] ?? '', /: it was not read to the end: a very long string$/, line);
    }
    const network = await read(
      "import math\nn = math.gcd(10**1000, 7)\nmodel = nn.Linear(3, len('a'.replace('a', '$&$&')))\n",
    );
    assert.deepEqual(network.parameters[0]!.shape, [4, 3]);
  });

  it('ends `while True` and endless recursion with an entry', async () => {
    for (const loop of ['while True:\n            self.n = 1', 'self.again()']) {
      const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        ${loop}
    def again(self):
        return self.again()
    def forward(self, x):
        return self.fc(x)
model = Net()
`);
      assert.deepEqual(modulesOf(network), ['fc Linear']);
      assert.match(whysOf(network)[0]!, /its constructor was not read to the end: /);
    }
  });

  it('says which statement was not read to the end where that is why there is no model', async () => {
    await assert.rejects(
      readAll('x = 1\nmodel = nn.Sequential(*[nn.Linear(4, 4) for _ in range(10**9)])\n'),
      (error: { message: string; source: { start: { line: number } } }) => {
        assert.match(
          error.message,
          /offers no model; model = nn\.Seq.* was not read to the end: more than 200000 elements/,
        );
        assert.equal(error.source.start.line, 2);
        return true;
      },
    );
  });

  it('bounds sizes', async () => {
    await assert.rejects(
      readAll('x = [0] * 10 ** 12\ny = "a" * 10 ** 12\nz = 10 ** 400\nq = [i for i in range(10 ** 12)]\n'),
      /offers no model/,
    );
  });

  it('takes the way of a condition on values that computes more, and says so', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
    def forward(self, x):
        x = self.fc(x)
        if x.abs().max() > 1:
            x = F.relu(x)
        return self.fc(x)
`);
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 4]', 'relu(fc) [batch, 4]', 'fc@2(relu) [batch, 4]']);
    assert.deepEqual(whysOf(network), []);
    assert.match(network.surroundings!.assumptions[0]!.what, /'x.abs\(\).max\(\) > 1' on line 10/);
  });

  it('never evaluates text as code, opens files or follows imports', async () => {
    const network = await read(`import os, secret_package
from .local import helper
os.system('touch /tmp/normscope-was-here')
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = eval('4')
        self.fc = nn.Linear(4, 2)
        helper(self.fc)
        exec('x = 1')
    def forward(self, x):
        return self.fc(x)
`);
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 2]']);
    assert.deepEqual(whysOf(network), [
      '10: eval: text is never run as code',
      '12: .local.helper: .local.helper is not modelled',
      '13: exec: text is never run as code',
    ]);
  });
});

describe('PyTorch reader: syntax errors', () => {
  const positionOf = async (text: string): Promise<string> => {
    try {
      await readAll(text);
    } catch (error) {
      const { message, source } = error as { message: string; source: { start: { line: number; column: number } } };
      return `${source.start.line}:${source.start.column} ${message.split(';')[0]}`;
    }
    throw new Error('it was read');
  };

  it('says where, in one line', async () => {
    assert.equal(await positionOf('import torch\nx = (1,\n'), "2:5 SyntaxError: '(' was never closed");
    assert.equal(
      await positionOf('x = [1, 2)\n'),
      "1:10 SyntaxError: closing ')' does not match opening '[' on line 1",
    );
    assert.match(await positionOf('def f(:\n    pass\n'), /^1:\d+ SyntaxError: /);
    assert.match(await positionOf('class A\n    pass\n'), /^1:\d+ SyntaxError: /);
  });

  it('reads the class after an unclosed bracket, and says what is left out', async () => {
    const network = await read(`class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(x)
`);
    assert.equal(network.name, 'Net');
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 3]']);
    assert.deepEqual(whysOf(network), ["7: a part of the file: SyntaxError: '(' was never closed"]);
  });

  it('does not take brackets in strings and comments for code', async () => {
    const network = await read(`"""a ( [ docstring"""
x = "(" # ((
model = nn.Linear(4, 2)
`);
    assert.deepEqual(modulesOf(network), ['Linear Linear']);
  });

  it('tells which case of a match it takes where the subject is not known, in model code', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        match x.sum().item():
            case 0:
                return self.fc(x)
            case _:
                return torch.relu(self.fc(x))
`);
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['fc', 'relu'],
    );
  });

  it('passes over calls of packages that are not read, but for those that are given a model or a tensor', async () => {
    const network = await read(`import tracker
class Net(nn.Module):
    def __init__(self, size=3):
        super().__init__()
        tracker.log('size', size, f'{size}')
        with tracker.section('layers'):
            self.fc = nn.Linear(2, size)
        tracker.wrap(self.fc)
    def forward(self, x):
        tracker.count(x.shape[0])
        return self.fc(x)
`);
    assert.deepEqual(
      whysOf(network).map((why) => why.split(':', 2).join(':')),
      ['11: tracker.wrap'],
    );
  });
});
