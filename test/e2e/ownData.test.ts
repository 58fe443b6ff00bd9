import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Report } from '../../src/engine/report';
import { npyOfFloats, npyOfWholeNumbers } from '../unit/dataFiles/numpyFiles';

/** The bundled command line, beside this test's bundle or above it. */
function commandLine(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'cli.js');
    if (existsSync(candidate)) return candidate;
    assert.notEqual(folder, path.dirname(folder), 'there is no cli.js: run node esbuild.mjs --tests');
  }
}

const SAMPLES = 700;
/** Two classes that one number tells apart, sorted by class as files often are. */
const label = (n: number) => Number(n >= SAMPLES / 2);
const feature = (n: number, k: number) => Math.sin(12.9898 * (n + 1) + 78.233 * k) + (k === 0 ? 4 * label(n) - 2 : 0);

const NET = `import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, x):
        return self.layers(x)

model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
`;

describe('end to end: own data', function () {
  this.timeout(60_000);
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'normscope-own-'));
    const put = (name: string, content: string | Buffer) => writeFile(path.join(directory, name), content);
    const features = Array.from({ length: SAMPLES * 3 }, (_, i) => feature(Math.floor(i / 3), i % 3));
    await put('net.py', NET);
    await put('x.npy', npyOfFloats([SAMPLES, 3], features));
    await put(
      'y.npy',
      npyOfWholeNumbers(
        [SAMPLES],
        Array.from({ length: SAMPLES }, (_, n) => label(n)),
      ),
    );
    await put('wide.npy', npyOfFloats([SAMPLES, 4], new Array(SAMPLES * 4).fill(0)));
    await put(
      'pixels.npy',
      npyOfFloats(
        [SAMPLES, 3],
        features.map((value) => 128 + 60 * value),
      ),
    );
    const rows = Array.from({ length: 40 }, (_, i) => [0, 1, 2].map((k) => feature(i * 17, k)).concat(label(i * 17)));
    await put('table.csv', ['a,b,c,label', ...rows.map((row) => row.join(','))].join('\n'));
  });
  after(() => rm(directory, { recursive: true }));

  const normscope = (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [commandLine(), ...args], { cwd: directory });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  const analysis = async (...args: string[]): Promise<Report> => {
    const { code, stdout, stderr } = await normscope('analyze', ...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  it('trains on the files’ samples, judges by others of them, and says so', async () => {
    const report = await analysis('net.py', '--data', 'x.npy,y.npy', '--batch', '32', '--seeds', '2');
    const { probe } = report;
    assert.deepEqual(probe.data, {
      kind: 'own',
      generator: 'files',
      files: ['x.npy', 'y.npy'],
      samples: SAMPLES,
      training: SAMPLES - 256,
      evaluation: 256,
    });
    assert.ok(probe.notes.some(({ id }) => id === 'note-own-data'));
    assert.ok(!probe.notes.some(({ id }) => id === 'note-unstandardized'));
    // Learned, on samples that it has not seen.
    const { initial, evaluation } = probe.loss!;
    assert.ok(Number(evaluation!.recomputed) < 0.5 * Number(initial), `${initial} → ${evaluation!.recomputed}`);
    assert.ok(report.recommendation);
    for (const { source } of report.recommendation!.reasons) assert.doesNotMatch(source, /synthetic/);
  });

  it('gives the same report again, timings apart', async () => {
    const once = async () => {
      const report = await analysis('net.py', '--data', 'x.npy,y.npy', '--steps', '3', '--no-advise');
      return { ...report, timings: {} };
    };
    assert.deepEqual(await once(), await once());
  });

  it('takes a table of few samples, and says that half of them judge', async () => {
    const { probe } = await analysis('net.py', '--data', 'table.csv', '--steps', '2', '--seeds', '1', '--no-advise');
    assert.deepEqual([probe.data.samples, probe.data.training, probe.data.evaluation], [40, 20, 20]);
    assert.match(probe.reduced.map(({ text }) => text).join(), /Evaluation samples: 20, half of your 40/);
  });

  it('notes values that are not standardized', async () => {
    const options = ['--steps', '0', '--seeds', '1', '--no-advise'];
    const { probe } = await analysis('net.py', '--data', 'pixels.npy,y.npy', ...options);
    const note = probe.notes.find(({ id }) => id === 'note-unstandardized');
    assert.match(note!.text, /Values of x have the mean 1\d\d and the standard deviation \d\d/);
  });

  it('refuses in one line, with 2, what does not fit', async () => {
    for (const [data, words] of [
      ['wide.npy,y.npy', /^normscope: wide\.npy: its samples are \[4\], and the input x takes \[3\]; [^\n]+\n$/],
      ['x.npy,x.npy', /^normscope: x\.npy: its samples are \[3\], and the loss takes one number each; [^\n]+\n$/],
      ['x.npy,none.npy', /^normscope: none\.npy: there is no such file; check its path\n$/],
      ['net.py,y.npy', /^normscope: net\.py: data files end in [^\n]+\n$/],
    ] as const) {
      const { code, stdout, stderr } = await normscope('analyze', 'net.py', '--data', data);
      assert.deepEqual([code, stdout], [2, ''], data);
      assert.match(stderr, words);
    }
  });

  it('says the shape of an input that nothing else says', async () => {
    await writeFile(
      path.join(directory, 'open.py'),
      'import torch\nfrom torch import nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n' +
        '        self.head = nn.Linear(8, 2)\n        self.conv = nn.Conv1d(1, 8, 1)\n    def forward(self, x):\n' +
        '        return self.head(self.conv(x).mean(2))\n',
    );
    await writeFile(
      path.join(directory, 'series.npy'),
      npyOfFloats([SAMPLES, 1, 5], new Float32Array(SAMPLES * 5).map(Math.sin)),
    );
    const options = ['--steps', '1', '--seeds', '1', '--no-advise'];
    const { network } = await analysis('open.py', '--data', 'series.npy,y.npy', ...options);
    assert.deepEqual(network.inputs, [{ name: 'x', shape: [32, 1, 5], dtype: 'float32', origin: '--data' }]);
  });
});
