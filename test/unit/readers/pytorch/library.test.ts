import assert from 'node:assert/strict';
import { countParameters } from '../../../../src/engine/network';
import { modulesOf, read, whysOf } from './read';

/** Reads code whose `SIZE` becomes the width of a layer, and gives that width. */
async function sizeOf(code: string): Promise<number> {
  const network = await read(`${code}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, SIZE, bias=False)

    def forward(self, x):
        return self.fc(x)
`);
  assert.deepEqual(whysOf(network), []);
  return countParameters(network).total;
}

describe('PyTorch reader: Python as libraries write it', () => {
  const cases: readonly (readonly [what: string, size: number, code: string])[] = [
    [
      "torch's old constructors: of sizes, of values, typed; Variable",
      14,
      `from torch.autograd import Variable
sizes = torch.FloatTensor(2, 3).size()
values = torch.LongTensor([4, 5])
same = Variable(torch.cuda.FloatTensor([1.0, 2.0, 3.0]), requires_grad=True)
SIZE = sizes[0] * sizes[1] + values.tolist()[1] + len(same)
`,
    ],
    [
      'the type of a function and of a partial, and what the partial is of',
      7,
      `import functools, types

def norm(x):
    return x

made = functools.partial(nn.BatchNorm2d, affine=False)
SIZE = 1
if type(made) == functools.partial and made.func == nn.BatchNorm2d:
    SIZE += 2
if type(norm) is types.FunctionType and type(norm) != functools.partial:
    SIZE += 4
`,
    ],
    [
      'parameters by the names that a method has for them',
      9,
      `a, b = torch.zeros(2, 5).split(split_size=[2, 3], dim=-1)
c = torch.zeros(2, 6).unflatten(1, sizes=(2, 3))
SIZE = b.shape[1] + c.shape[1] * 2 + torch.mm(torch.zeros(2, 3), mat2=torch.zeros(3, 2)).shape[0]
`,
    ],
    [
      'dataclasses: defaults, factories, replace, asdict, fields of bases, __post_init__',
      26,
      `from dataclasses import dataclass, field, replace, asdict, fields

@dataclass(frozen=True)
class Base:
    width: int = 4
    sizes: list = field(default_factory=list)
    kept: int = field(default=1, init=False)

@dataclass(frozen=True)
class Config(Base):
    depth: int = 3

    def __post_init__(self):
        object.__setattr__(self, 'total', self.width * self.depth)

one = Config()
one.sizes.append(5)
two = replace(one, width=8)
SIZE = two.total + len(asdict(two)) - len(Config().sizes) - len([f for f in fields(two)]) + two.kept + 1
`,
    ],
    [
      'enumerations: members by name and value, auto, of texts',
      12,
      `import enum

class Kind(str, enum.Enum):
    SMALL = 'small'
    LARGE = 'large'

class Order(enum.IntEnum):
    FIRST = enum.auto()
    SECOND = enum.auto()

SIZE = 0
if Kind('large') is Kind.LARGE and Kind['SMALL'] == 'small' and Kind.LARGE != Kind.SMALL:
    SIZE = 10 * len([k for k in Kind if k.value.startswith('l')]) + Order.SECOND
`,
    ],
    [
      'named tuples, of both kinds',
      9,
      `from collections import namedtuple
from typing import NamedTuple

class Block(NamedTuple):
    channels: int
    stride: int = 2

    @property
    def area(self):
        return self.channels * self.stride

Stage = namedtuple('Stage', 'block depth', defaults=(1,))
stage = Stage(Block(3))._replace(depth=3)
channels, stride = stage.block
SIZE = stage.block.area + stage.depth + channels - 3
`,
    ],
    [
      'partials of partials, with what they hold',
      7,
      `from functools import partial

def build(a, b=1, c=1):
    return a * b + c

inner = partial(build, 2, b=2)
outer = partial(inner, c=3)
assert isinstance(outer, partial) and outer.func is build and outer.keywords == {'b': 2, 'c': 3}
SIZE = outer()
`,
    ],
    [
      'iterators that are used up, generators with yield from',
      11,
      `def below(n):
    for i in range(n):
        yield i

def all():
    yield from below(3)
    yield 5

it = iter(all())
first = next(it)
second = next(it)
SIZE = first * 100 + second * 4 + sum(it)
assert next(it, None) is None
`,
    ],
    [
      'properties with setters, attributes by code of their own, contexts',
      15,
      `class Scope:
    value = 1

    def __init__(self, value):
        self.value = value

    def __enter__(self):
        self.before = Scope.value
        Scope.value = self.value

    def __exit__(self, *args):
        Scope.value = self.before

class Named:
    names = {'width': 'size'}

    def __init__(self):
        self._half = 0

    @property
    def half(self):
        return self._half

    @half.setter
    def half(self, value):
        self._half = value // 2

    def __getattr__(self, name):
        if name not in self.names:
            raise AttributeError(name)
        return 7

with Scope(4):
    inside = Scope.value
thing = Named()
thing.half = 6
SIZE = inside + Scope.value + thing.half + thing.width if not hasattr(thing, 'other') else 0
`,
    ],
    [
      'objects below dict, defaultdict, deque, sets and chained assignment',
      14,
      `from collections import defaultdict, deque

class Table(dict):
    def total(self):
        return sum(self.values())

table = Table(a=1)
table['b'] = 2
groups = defaultdict(list)
groups['x'].append(3)
queue = deque([1, 2])
queue.appendleft(5)
left = right = queue.popleft()
SIZE = table.total() + len(groups['x']) + len(groups['y']) + left + right if 'b' in table and {1, 2} - {2} == {1} else 0
`,
    ],
    [
      'strings and regular expressions',
      30,
      `import re

options = {}
for op in 'ir_r2_c24_se0.25'.split('_')[1:]:
    parts = re.split(r'(\\d.*)', op)
    if len(parts) >= 2:
        key, value = parts[:2]
        options[key] = value
name, _, tag = 'resnet50.a1'.partition('.')
width = re.match(r'^resnet(?P<n>\\d+)$', name)
SIZE = int(options['c']) + int(options['r']) + (4 if tag.upper() == 'A1' and width.group('n') == '50' else 0)
`,
    ],
    [
      'known tensors as lists, and their sorted values',
      6,
      `widths = torch.unique(torch.round(torch.tensor([8., 2., 8., 4.]))).tolist()
rates = [x.item() for x in torch.linspace(0, 1, 3)]
SIZE = int(widths[1] + len(widths) - 1 + (0 if rates == [0., .5, 1.] else 9))
`,
    ],
  ];
  for (const [what, size, code] of cases) it(what, async () => assert.equal(await sizeOf(code), size));

  it('a regular expression that could take for ever is said, and not run', async () => {
    const network = await read(`import re

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2 if re.match(r'(a+)+$', 'a' * 40 + 'b') else 3)

    def forward(self, x):
        return self.fc(x)
`);
    assert.match(whysOf(network).join(), /regular expression is not modelled/);
  });

  it('a forward behind wrappers takes what the innermost takes, and its output may be an object', async () => {
    const network = await read(`import functools
from dataclasses import dataclass

@dataclass
class Output:
    logits: torch.Tensor = None
    hidden: torch.Tensor = None

def checked(function):
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        return function(self, *args, **kwargs)
    return wrapper

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    @checked
    def forward(self, features):
        hidden = self.fc(features)
        return Output(logits=F.relu(hidden), hidden=hidden)
`);
    assert.deepEqual(modulesOf(network), ['fc Linear']);
    assert.equal(network.inputs[0]?.name, 'features');
    assert.equal(network.outputs.length, 2);
    assert.deepEqual(whysOf(network), []);
  });

  it('super() in a method behind a decorator is of the class that the method is written in', async () => {
    const network = await read(`def logged(function):
    def wrapper(self, *args, **kwargs):
        return function(self, *args, **kwargs)
    return wrapper

class Net(nn.Module):
    @logged
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.rest = nn.Identity(4, unused=True)

    def forward(self, x):
        return self.rest(self.fc(x))
`);
    assert.deepEqual(modulesOf(network), ['fc Linear', 'rest Identity']);
    assert.deepEqual(whysOf(network), []);
  });

  it('what a tensor starts with is changed in place: a truncated normal by the inverse error function', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3, bias=False)
        with torch.no_grad():
            self.fc.weight.uniform_(-0.9545, 0.9545)
            self.fc.weight.erfinv_()
            self.fc.weight.mul_(0.02 * 2 ** 0.5)

    def forward(self, x):
        return self.fc(x)
`);
    assert.deepEqual(whysOf(network), []);
    const { initialization } = network.parameters[0]!;
    assert.equal(initialization.kind, 'trunc_normal');
    if (initialization.kind !== 'trunc_normal') return;
    assert.ok(Math.abs(initialization.std - 0.02) < 1e-12);
    // 95.45 % of a normal lies within two deviations.
    assert.ok(Math.abs(initialization.b - 0.04) < 1e-4, String(initialization.b));
  });
});
