import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countParameters, fileDocument, InputError, type Network } from '../../../src/engine/network';
import { type PythonChoice, sitePackagesOf } from '../../../src/engine/readers';
import { pytorchReader } from '../../../src/engine/readers/pytorch';
import { modulesOf, whysOf } from './pytorch/read';

describe('the packages of an interpreter', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'normscope-packages-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (...parts: string[]) => path.join(folder, ...parts);
  const write = (name: string, text = '') => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const packages = (name: string): string => {
    mkdirSync(at(name), { recursive: true });
    return at(name);
  };

  it('are found beside the executable, by the layouts of Unix, Debian and Windows, and from the folder itself', () => {
    write('unix/bin/python3');
    const unix = packages('unix/lib/python3.12/site-packages');
    assert.deepEqual(sitePackagesOf({ interpreter: at('unix/bin/python3') }), [unix]);
    assert.deepEqual(sitePackagesOf({ interpreter: at('unix') }), [unix]);
    write('debian/bin/python3');
    const debian = packages('debian/lib/python3/dist-packages');
    assert.deepEqual(sitePackagesOf({ interpreter: at('debian/bin/python3') }), [debian]);
    write('windows/Scripts/python.exe');
    write('windows/python.exe');
    const windows = packages('windows/Lib/site-packages');
    assert.deepEqual(sitePackagesOf({ interpreter: at('windows/Scripts/python.exe') }), [windows]);
    assert.deepEqual(sitePackagesOf({ interpreter: at('windows/python.exe') }), [windows]);
  });

  it('are of the environment where its executable is a link, and of the installation too where it says so', () => {
    write('system/bin/python3');
    const system = packages('system/lib/python3.12/site-packages');
    mkdirSync(at('env/bin'), { recursive: true });
    symlinkSync(at('system/bin/python3'), at('env/bin/python'));
    const own = packages('env/lib/python3.12/site-packages');
    write('env/pyvenv.cfg', `home = ${at('system/bin')}\ninclude-system-site-packages = false\n`);
    assert.deepEqual(sitePackagesOf({ interpreter: at('env/bin/python') }), [own]);
    write('env/pyvenv.cfg', `home = ${at('system/bin')}\ninclude-system-site-packages = true\n`);
    assert.deepEqual(sitePackagesOf({ interpreter: at('env/bin/python') }), [own, system]);
    symlinkSync(at('system/bin/python3'), at('python'));
    assert.deepEqual(sitePackagesOf({ interpreter: at('python') }), [system]);
  });

  it('are refused in one line where there are none', () => {
    write('empty/bin/python3');
    assert.throws(() => sitePackagesOf({ interpreter: at('empty/bin/python3') }), /no folder of packages beside it/);
    assert.throws(() => sitePackagesOf({ interpreter: at('nowhere/python3') }), InputError);
    assert.throws(() => sitePackagesOf({ sitePackages: [at('nowhere')] }), /there is no folder/);
  });

  const NET = `
from torch import nn

class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.linear = nn.Linear(size, size)

    def forward(self, x):
        return self.linear(x)

def small():
    return Net(4)
`;
  const read = async (text: string, python: PythonChoice | undefined): Promise<Network> => {
    write('work/model.py', text);
    const hint = 'say --python PATH';
    const sitePackages = python ? sitePackagesOf(python) : [];
    const [network] = await pytorchReader.read(fileDocument(at('work/model.py'), text), {
      inputs: [{ shape: [1, 4] }],
      imports: { workspace: [at('work')], sitePackages, hint },
    });
    return network!;
  };

  it('are read where a file imports them', async () => {
    packages('site');
    write('site/hub/__init__.py', 'from .models import small as small\n');
    write('site/hub/models.py', NET);
    const network = await read('import hub\nmodel = hub.small()\n', { sitePackages: [at('site')] });
    assert.deepEqual(modulesOf(network), ['linear Linear']);
    assert.equal(countParameters(network).total, 20);
    assert.deepEqual(whysOf(network), []);
  });

  it('say how to name them where they are not', async () => {
    const model = 'import hub\nmodel = hub.small()\n';
    await assert.rejects(
      read(model, undefined),
      /hub\.small is not modelled: the package hub is not read, as nobody says/,
    );
    packages('site');
    await assert.rejects(read(model, { sitePackages: [at('site')] }), /there is no package hub/);
  });

  it('do not lead out of their folder', async () => {
    packages('site');
    write('secret.py', NET);
    symlinkSync(at('secret.py'), at('site', 'secret.py'));
    await assert.rejects(read('import secret\nmodel = secret.small()\n', { sitePackages: [at('site')] }), InputError);
  });

  it('fill a registry where a model is asked for by name, and run no more than that', async () => {
    packages('site');
    write('site/hub/__init__.py', 'from .a import *\nfrom .b import *\nfrom .registry import create\n');
    write(
      'site/hub/registry.py',
      `
_models = {}

def register(fn):
    _models[fn.__name__] = fn
    return fn

def create(name, **kwargs):
    if name not in _models:
        raise RuntimeError(f'Unknown model {name}')
    return _models[name](**kwargs)
`,
    );
    write(
      'site/hub/a.py',
      `${NET}\nfrom .registry import register\n\n@register\ndef first(size=4):\n    return Net(size)\n`,
    );
    write(
      'site/hub/b.py',
      'from .registry import register\nraise ValueError("nobody asked for it")\n\n@register\ndef second():\n    pass\n',
    );
    const network = await read("import hub\nmodel = hub.create('first', size=4)\n", { sitePackages: [at('site')] });
    assert.equal(countParameters(network).total, 20);
    await assert.rejects(
      read("import hub\nmodel = hub.create('third')\n", { sitePackages: [at('site')] }),
      /Unknown model third/,
    );
  });

  it('are missing in the model where a builder could not be read to its end', async () => {
    packages('site');
    write(
      'site/hub.py',
      `${NET}\nimport other\n\ndef build():\n    net = Net(4)\n    for layer in other.extra():\n        net.add(layer)\n    return net\n`,
    );
    const network = await read('import hub\nmodel = hub.build()\n', { sitePackages: [at('site')] });
    assert.match(whysOf(network).join(), /other\.extra is not modelled/);
  });
});
