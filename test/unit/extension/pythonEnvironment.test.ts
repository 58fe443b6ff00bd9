import assert from 'node:assert/strict';
import path from 'node:path';
import type { Uri } from 'vscode';
import { Configuration } from '../../../extension/configuration';
import { pythonOf } from '../../../extension/pythonEnvironment';
import { FakeLog, FakeUri, FakeVscode } from './fakeVscode';

const SETTING = 'normscope.python.sitePackages';

describe('extension: whose packages are read', () => {
  let fake: FakeVscode;
  let log: FakeLog;
  let activated: number;
  beforeEach(() => {
    fake = new FakeVscode();
    fake.folder = FakeUri.parse('file:///project');
    log = new FakeLog();
    activated = 0;
  });

  const of = (uri = 'file:///project/net.py') =>
    pythonOf(FakeUri.parse(uri) as unknown as Uri, fake.api, new Configuration(fake.api), log);
  /** The Python extension as it is installed, not active yet. */
  const install = (environments: unknown) => {
    const exports = { environments };
    const activate = async () => {
      activated++;
      return exports;
    };
    fake.extensions.set('ms-python.python', { isActive: false, exports, activate });
  };
  const chosen = (executable: string | undefined, path = 'python') => ({
    getActiveEnvironmentPath: () => ({ path }),
    resolveEnvironment: async () => executable && { executable: { uri: { fsPath: executable } } },
  });

  it('are those of the interpreter that was chosen in the Python extension', async () => {
    assert.equal(await of(), undefined);
    install(chosen('/venv/bin/python'));
    assert.deepEqual(await of(), { interpreter: '/venv/bin/python' });
    assert.equal(activated, 1);
    install(chosen(undefined, '/usr/bin/python3'));
    assert.deepEqual(await of(), { interpreter: '/usr/bin/python3' });
    // A bare word says of no place.
    install(chosen(undefined));
    assert.equal(await of(), undefined);
    install(undefined);
    assert.equal(await of(), undefined);
  });

  it('are those of the folder that the setting names, the Python extension unasked, or nobody’s', async () => {
    install(chosen('/venv/bin/python'));
    fake.set(SETTING, '/packages');
    assert.deepEqual(await of(), { sitePackages: ['/packages'] });
    fake.set(SETTING, 'env/packages');
    assert.deepEqual(await of(), { sitePackages: [path.resolve('/project', 'env/packages')] });
    assert.equal(await of('file:///elsewhere/net.py'), undefined);
    fake.set(SETTING, 'none');
    assert.equal(await of(), undefined);
    assert.equal(activated, 0);
  });

  it('are nobody’s where the Python extension fails or is late, and an analysis does not wait for it', async function () {
    this.timeout(6000);
    install({
      getActiveEnvironmentPath: () => {
        throw new Error('no environment');
      },
    });
    assert.equal(await of(), undefined);
    assert.match(log.lines.join(), /does not say which interpreter is chosen: Error: no environment/);
    install({ ...chosen('/venv/bin/python'), resolveEnvironment: () => new Promise(() => undefined) });
    const began = performance.now();
    assert.equal(await of(), undefined);
    assert.ok(performance.now() - began < 5000);
  });

  it('are not asked for where the workspace is not trusted: its interpreter might be run to tell', async () => {
    install(chosen('/project/.venv/bin/python'));
    fake.trusted = false;
    assert.equal(await of(), undefined);
    assert.equal(activated, 0);
    fake.set(SETTING, '/packages');
    assert.deepEqual(await of(), { sitePackages: ['/packages'] });
  });
});
