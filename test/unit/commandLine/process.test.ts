import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { assertSarif } from '../report/sarifSchema';

const CLI = path.resolve('dist', 'cli.js');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('command line: the process', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'normscope-'));
    await writeFile(
      path.join(directory, 'small.normscope.yaml'),
      'input: [4]\nlayers:\n  - Linear: {out_features: 3}\n  - ReLU\n',
    );
    // Deep enough that the gradient vanishes at initialization.
    await writeFile(
      path.join(directory, 'deep.normscope.yaml'),
      'input: [64]\nlayers:\n  - repeat: 12\n    layers: [{Linear: {out_features: 64}}, Sigmoid]\n  - Linear: {out_features: 10}\n',
    );
  });
  after(() => rm(directory, { recursive: true }));

  const normscope = (...args: string[]): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });

  const refused = async (pattern: RegExp, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await normscope(...args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, pattern);
    assert.equal(stderr.split('\n').length, 2, `not one line: ${stderr}`);
  };

  it('answers --version and --help with 0', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    assert.deepEqual(await normscope('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
    assert.match((await normscope('--help')).stdout, /Usage:/);
    assert.match((await normscope('analyze', '--help')).stdout, /--budget SECONDS/);
  });

  it('converts a network to a description that is the same network', async () => {
    for (const to of ['yaml', 'json']) {
      const file = `again.normscope.${to}`;
      const { code, stderr } = await normscope('convert', 'deep.normscope.yaml', '--to', to, '--output', file);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const record = async (of: string) => {
        const { networks } = JSON.parse((await normscope('inspect', of, '--json')).stdout);
        // Where it stands is another file.
        return JSON.parse(JSON.stringify(networks, (key, value) => (/^(source|callSite)$/.test(key) ? null : value)));
      };
      assert.deepEqual(await record(file), await record('deep.normscope.yaml'));
    }
    await refused(/^normscope: --to .*yaml, json/, 'convert', 'deep.normscope.yaml', '--to', 'xml');
  });

  it('refuses bad flags with 2 and one line', async () => {
    await refused(
      /^normscope: --bacth is not a flag of 'analyze'; did you mean --batch\?/,
      'analyze',
      'x.py',
      '--bacth',
      '2',
    );
    await refused(/^normscope: '\\x1b\[31m\\nx' is not a command/, '\x1b[31m\nx');
  });

  it('refuses files that cannot be a model with 2 and one line', async () => {
    const file = (name: string): string => path.join(directory, name);
    await writeFile(file('latin1.py'), Buffer.from([0x23, 0xe9, 0x0a]));
    await writeFile(file('notes.txt'), 'hello');
    await writeFile(file('large.py'), '');
    await truncate(file('large.py'), 6_000_000);
    await mkdir(file('folder.py'));
    await refused(/missing\.py: there is no such file; check its path/, 'inspect', 'missing.py');
    await refused(/small\.normscope\.yaml\/x\.py: there is no such file/, 'inspect', 'small.normscope.yaml/x.py');
    await refused(/folder\.py: this is a directory/, 'inspect', 'folder.py');
    await refused(/latin1\.py: the file is not UTF-8 text/, 'inspect', 'latin1.py');
    await refused(/notes\.txt: no reader reads this kind of file; name one of .*\*\.py/, 'inspect', 'notes.txt');
    await refused(/large\.py: the file holds 6\.0 MB/, 'inspect', 'large.py');
  });

  it('refuses an output that cannot be written before it works', async () => {
    await refused(
      /no\/where\.json: its directory does not exist/,
      'inspect',
      'small.normscope.yaml',
      '--output',
      'no/where.json',
    );
    await refused(/this is a directory/, 'inspect', 'small.normscope.yaml', '--output', '.');
    for (const command of ['inspect', 'analyze', 'convert']) {
      const onto = ['--output', './small.normscope.yaml'];
      await refused(/this is the file that is read; name another/, command, 'small.normscope.yaml', ...onto);
    }
  });

  it('prints what the rules find without a probe', async () => {
    await writeFile(
      path.join(directory, 'one-value.normscope.yaml'),
      'name: one\ninput: [4]\nbatch: 1\nlayers: [{Linear: {out_features: 3, bias: false}}, BatchNorm1d, {Linear: {out_features: 2}}]\n',
    );
    const { stdout } = await normscope('inspect', 'one-value.normscope.yaml');
    assert.match(stdout, /Findings without a probe: 1 error/);
    assert.match(stdout, /one-value\.normscope\.yaml:\d+:\d+: batchnorm-small-batch, 1/);
    const json = await normscope('inspect', 'one-value.normscope.yaml', '--json');
    const { networks } = JSON.parse(json.stdout) as { networks: { findings: { rule: string }[] }[] };
    assert.deepEqual(
      networks[0]!.findings.map(({ rule }) => rule),
      ['batchnorm-small-batch'],
    );
  });

  describe('what is left out of the findings', () => {
    interface Inspected {
      readonly findings: readonly { readonly rule: string; readonly severity: string }[];
      readonly suppressed?: readonly { readonly rule: string; readonly suppressed: { readonly by: string } }[];
    }
    const biased = (mark = '', above = '') =>
      `${above}input: [4]\nlayers:\n  - Linear: {out_features: 3}${mark}\n  - BatchNorm1d\n  - Linear: {out_features: 2}\n`;
    const inspected = async (...args: string[]): Promise<Inspected> => {
      const { stdout, stderr } = await normscope('inspect', 'biased.normscope.yaml', '--json', ...args);
      assert.equal(stderr, '');
      return (JSON.parse(stdout) as { networks: Inspected[] }).networks[0]!;
    };
    const write = (text: string) => writeFile(path.join(directory, 'biased.normscope.yaml'), text);

    it('is chosen by rule, and is another severity where that is chosen', async () => {
      await write(biased());
      const severities = ({ findings }: Inspected) => findings.map(({ rule, severity }) => `${rule} ${severity}`);
      assert.deepEqual(severities(await inspected()), ['bias-before-batchnorm note']);
      assert.deepEqual(severities(await inspected('--rule', 'bias-before-batchnorm=error')), [
        'bias-before-batchnorm error',
      ]);
      const off = await inspected('--rule', 'bias-before-batchnorm=off');
      assert.deepEqual([off.findings, off.suppressed], [[], undefined]);
      const analyze = ['analyze', 'biased.normscope.yaml', '--steps', '0', '--no-advise', '--fail-on', 'error'];
      assert.equal((await normscope(...analyze)).code, 0);
      assert.equal((await normscope(...analyze, '--rule', 'bias-before-batchnorm=error')).code, 1);
      await refused(
        /'bias-before-bacthnorm' is not a rule; did you mean 'bias-before-batchnorm'\?/,
        'inspect',
        'biased.normscope.yaml',
        '--rule',
        'bias-before-bacthnorm=off',
      );
    });

    it('is what a comment names, counted and said', async () => {
      await write(biased('  # normscope: ignore[bias-before-batchnorm]'));
      const { findings, suppressed } = await inspected();
      assert.deepEqual(findings, []);
      assert.deepEqual(suppressed?.[0]?.suppressed, {
        by: 'comment',
        source: { file: 'biased.normscope.yaml', line: 3, column: 32 },
      });
      const { stdout } = await normscope('inspect', 'biased.normscope.yaml');
      assert.match(stdout, /Findings without a probe: no findings \(1 suppressed by a comment\)/);
      const report = await normscope('analyze', 'biased.normscope.yaml', '--steps', '0', '--no-advise');
      assert.match(report.stdout, /Findings: no findings \(1 suppressed by a comment\)/);
    });

    it('is what a baseline holds, wherever its line has moved to', async () => {
      await write(biased());
      const written = await inspected('--write-baseline', 'known.json');
      assert.deepEqual([written.findings.length, written.suppressed?.length], [0, 1]);
      await write(biased('', '# one line\n# and another\n'));
      const { findings, suppressed } = await inspected('--baseline', 'known.json');
      assert.deepEqual([findings, suppressed?.[0]?.suppressed.by], [[], 'baseline']);
      await write(biased('\n  - Linear: {out_features: 5}').replace('  - Linear: {out_features: 2}\n', ''));
      const flags = ['--steps', '0', '--no-advise', '--baseline', 'known.json', '--fail-on', 'note'];
      assert.equal((await normscope('analyze', 'biased.normscope.yaml', ...flags)).code, 1);
      await refused(
        /--baseline none\.json: there is no such file; write one with --write-baseline/,
        'inspect',
        'biased.normscope.yaml',
        '--baseline',
        'none.json',
      );
      await refused(
        /is no baseline: it is not valid JSON/,
        'inspect',
        'biased.normscope.yaml',
        '--baseline',
        'biased.normscope.yaml',
      );
      await refused(
        /its directory does not exist/,
        'inspect',
        'biased.normscope.yaml',
        '--write-baseline',
        'no/b.json',
      );
    });
  });

  it('writes SARIF that is valid, with fixes, help and what is left out', async () => {
    const net = (name: string, mark = '') =>
      `class ${name}(nn.Module):${mark}\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 8)\n        self.bn = nn.BatchNorm1d(8)\n        self.b = nn.Linear(8, 2)\n\n    def forward(self, x):\n        return self.b(self.bn(self.a(x)))\n\n\n`;
    await writeFile(
      path.join(directory, 'nets.py'),
      `import torch.nn as nn\n# normscope: input=4\n\n${net('Plain')}${net('Marked', '  # normscope: ignore')}`,
    );
    const log = async (name: string) => {
      const flags = ['--steps', '0', '--no-advise', '--format', 'sarif'];
      const { stdout, stderr } = await normscope('analyze', `nets.py::${name}`, ...flags);
      const value = JSON.parse(stdout || stderr);
      assertSarif(value);
      return value.runs[0];
    };
    const plain = await log('Plain');
    assert.equal(plain.automationDetails.id, 'normscope/nets.py::Plain/');
    assert.equal(plain.results[0].ruleId, 'bias-before-batchnorm');
    const [replacement] = plain.results[0].fixes[0].artifactChanges[0].replacements;
    assert.equal(replacement.insertedContent.text, ', bias=False');
    assert.match(plain.tool.driver.rules[0].help.markdown, /^# bias-before-batchnorm\n\nFinds biases/);
    const marked = await log('Marked');
    assert.deepEqual(
      marked.results.map(({ suppressions }: { suppressions: { kind: string }[] }) => suppressions[0]!.kind),
      ['inSource'],
    );
  });

  it('lists the rules, and explains each', async () => {
    const { rules } = JSON.parse((await normscope('rules', '--json')).stdout) as { rules: { id: string }[] };
    assert.ok(rules.length > 40);
    const listed = (await normscope('rules')).stdout;
    for (const { id } of rules) assert.ok(listed.includes(`\n  ${id}`), id);
    for (const id of ['bias-before-batchnorm', 'vanishing-gradient']) {
      const { code, stdout } = await normscope('explain', id);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^${id}\n\n`));
      assert.match(stdout, /\n\nWhat helps\. /);
      assert.ok(stdout.split('\n').every((line) => line.length <= 120 && !line.includes('**')));
    }
    await refused(
      /^normscope: 'double-sofmax' is not a rule; did you mean 'double-softmax'\?/,
      'explain',
      'double-sofmax',
    );
  });

  it('prints what the structure shows where a network is too large to be measured, and still fails with one line', async () => {
    await writeFile(
      path.join(directory, 'huge.normscope.yaml'),
      'name: huge\ninput: [100000]\nbatch: 2\nlayers: [{Linear: {out_features: 100000}}, BatchNorm1d, {Linear: {out_features: 2}}]\n',
    );
    const { code, stdout, stderr } = await normscope('analyze', 'huge.normscope.yaml');
    assert.equal(code, 2);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.match(stderr, /GB of memory/);
    assert.match(stdout, /^Findings without a probe: 1 warning, 1 note\n.*batchnorm-small-batch, 1/);
    assert.equal((await normscope('analyze', 'huge.normscope.yaml', '--json')).stdout, '');
  });

  it('prints JSON alone on standard output', async () => {
    const { code, stdout, stderr } = await normscope('inspect', 'small.normscope.yaml', '--json', '--batch', '5');
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as {
      schema: string;
      networks: { source: object; batch: { size: number }; layers: { kind: string; outputShape: number[] }[] }[];
    };
    assert.equal(report.schema, 'normscope/network@1');
    assert.equal(report.networks[0]!.batch.size, 5);
    assert.deepEqual(
      report.networks[0]!.layers.filter(({ outputShape }) => outputShape !== null).map(({ kind, outputShape }) => [
        kind,
        outputShape,
      ]),
      [
        ['Linear', [5, 3]],
        ['ReLU', [5, 3]],
      ],
    );
  });

  it('writes the report to a file', async () => {
    const { code, stdout } = await normscope('inspect', 'small.normscope.yaml', '--output', 'report.txt');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(await readFile(path.join(directory, 'report.txt'), 'utf8'), /15 parameters/);
  });

  it('says a reader’s error with file, line and column', async () => {
    await writeFile(
      path.join(directory, 'wrong.normscope.yaml'),
      'input: [4]\nlayers:\n  - Linaer: {out_features: 3}\n',
    );
    await refused(/^wrong\.normscope\.yaml:3:\d+: .*; .*/, 'inspect', 'wrong.normscope.yaml');
  });

  it('asks which network is meant, and for an input that nothing says', async () => {
    const convolution = (name: string): string =>
      `class ${name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 8, 3)\n\n    def forward(self, x):\n        return self.conv(x)\n\n\n`;
    await writeFile(
      path.join(directory, 'two.py'),
      `import torch.nn as nn\n\n\n${convolution('First')}${convolution('Second')}`,
    );
    await refused(/two\.py offers 2 networks: First, Second; name one, as in two\.py::First/, 'analyze', 'two.py');
    await writeFile(
      path.join(directory, 'any.py'),
      `import torch.nn as nn\n\n\n${convolution('First').replace('nn.Conv2d(3, 8, 3)', 'nn.PReLU()')}`,
    );
    await refused(/^any\.py:4:1: the input shape of First is not known; give it with --input/, 'analyze', 'any.py');
    const { stdout } = await normscope('inspect', 'two.py::Second', '--input', '2x3x8x8', '--json');
    const { networks } = JSON.parse(stdout) as { networks: { name: string; layers: { outputShape: number[] }[] }[] };
    assert.equal(networks[0]!.name, 'Second');
    assert.deepEqual(networks[0]!.layers[0]!.outputShape, [2, 8, 6, 6]);
  });

  it('fails on findings as grave as asked', async () => {
    const flags = ['--steps', '0', '--no-advise', '--json'];
    const report = await normscope('analyze', 'deep.normscope.yaml', ...flags);
    assert.equal(report.code, 0, report.stderr);
    const { findings } = JSON.parse(report.stdout) as { findings: { severity: string }[] };
    assert.ok(findings.length > 0);
    const noted = await normscope('analyze', 'deep.normscope.yaml', ...flags, '--fail-on', 'note');
    assert.equal(noted.code, 1);
  });

  it('prints what it has when it is cancelled, and exits with 3', async function () {
    // Windows has no signals to send.
    if (process.platform === 'win32') return this.skip();
    const child = spawn(
      process.execPath,
      [CLI, 'analyze', 'deep.normscope.yaml', '--steps', '100000', '--budget', '3600', '--json'],
      {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const outcome = new Promise<Ended>((resolve) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const began = Date.now();
    child.kill('SIGINT');
    const { code, stdout, stderr } = await outcome;
    assert.equal(code, 3, stderr);
    assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
    if (stdout === '') assert.match(stderr, /^normscope: cancelled before anything was measured\n$/);
    else assert.equal((JSON.parse(stdout) as { status: string }).status, 'cancelled');
  });
});
