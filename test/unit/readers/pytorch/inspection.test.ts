import assert from 'node:assert/strict';
import { modulesOf, read, whysOf } from './read';

describe('what code asks about functions', () => {
  it('is their parameters, through wrappers too', async () => {
    const network = await read(`import functools
import inspect

REGISTRY = {}

def register(fn):
    REGISTRY[fn.__name__] = fn
    return fn

def checked(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper

@register
@checked
def small(first, *, width=4, depth):
    return nn.Linear(width, 2)

parameters = inspect.signature(REGISTRY["small"]).parameters
keyword_only = [p.name for p in parameters.values() if p.kind == inspect.Parameter.KEYWORD_ONLY]
required = [n for n, p in parameters.items() if p.default is inspect.Parameter.empty]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.names = nn.ModuleDict({name: nn.Linear(2, len(keyword_only)) for name in keyword_only + required})

    def forward(self, x):
        return self.names["width"](x)

model = Net()
`);
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(modulesOf(network), [
      'names ModuleDict',
      'names.width Linear',
      'names.depth Linear',
      'names.first Linear',
    ]);
  });

  it('names arguments by getfullargspec', async () => {
    const network = await read(`import inspect
def make(width, depth=2, *, bias=True):
    return width
spec = inspect.getfullargspec(make)
model = nn.Sequential(nn.Linear(2, len(spec.args)), nn.Linear(2, 3 if 'depth' in spec.args else 4))
`);
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape[0]),
      [2, 2, 3, 3],
    );
  });
});
