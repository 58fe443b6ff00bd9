// `node scripts/measureVscode.mjs [current|floor]`: what the packaged extension costs, measured in a real extension host:
// activation, command to first numbers and to advice on every example, keystroke to networks in 2,000 lines, the host's
// stalls, sizes. Needs dist/ with the test
// bundles (`node esbuild.mjs --tests`).
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './vscode/browser.mjs';
import { runInExtensionHost } from './vscode/extensionHost.mjs';
import { installServer } from './vscode/install.mjs';
import { versions } from './vscode/versions.mjs';
import { packageVsix } from './vscode/vsix.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Activation is measured this often, each time in a new host. */
const ACTIVATIONS = 3;

const version = versions[process.argv[2] ?? 'current'];
const installed = await installServer(version);
const browser = await openBrowser(findChromium());
const vsix = await packageVsix();
const examples = (await readdir(path.join(root, 'examples'))).sort();
examples.sort((a, b) => Number(b === 'deep_sigmoid.py') - Number(a === 'deep_sigmoid.py'));

const measure = (names) => {
  process.env.NORMSCOPE_EXAMPLES = names.join(',');
  return runInExtensionHost(installed, browser, {
    vsix: vsix.file,
    tests: path.join(root, 'dist', 'test', 'vscode', 'measure.js'),
    mode: 'measure',
  });
};

/** Milliseconds, as short as they are sure. */
const ms = (value) => (value === null ? '–' : value < 100 ? value.toFixed(1) : value.toFixed(0));

const median = (sorted) => sorted[Math.floor(sorted.length / 2)];

try {
  const figures = await measure(examples);
  const activations = [figures.activation];
  while (activations.length < ACTIVATIONS) activations.push((await measure(examples.slice(0, 1))).activation);
  const { size } = await stat(vsix.file);
  const rows = figures.runs.map((run, i) => [
    `${run.example}${i === 0 ? ', engine started for it' : ''}`,
    ms(run.firstNumbers),
    ms(run.advice),
    ms(run.stalls.longest),
    ms(run.stalls.percentile999),
    ms(run.stalls.longestBusy),
    run.recommendation,
  ]);
  const table = [
    ['example', 'first numbers', 'advice', 'longest stall', '99.9 %', 'of it computing', 'recommendation'],
    ...rows,
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  process.stdout.write(
    [
      `VS Code ${version.vscode}, ${process.platform}-${process.arch}; all times in ms`,
      `activation: ${activations.map(ms).join(', ')}`,
      vsix.said
        .split('\n')
        .pop()
        .replace(/^.*?: /, 'VSIX: '),
      `VSIX: ${size} bytes`,
      `host at rest: longest stall ${ms(figures.idle.longest)}, 99.9 % ${ms(figures.idle.percentile999)}, computing at most ${ms(figures.idle.longestBusy)} within one`,
      `keystroke to networks in ${figures.typing.lines} lines, edits sent and the engine's answer read: median ${ms(median(figures.typing.keystrokes))}, 95 % ${ms(figures.typing.keystrokes[Math.floor(figures.typing.keystrokes.length * 0.95)])}, longest ${ms(figures.typing.keystrokes.at(-1))} (${figures.typing.keystrokes.length} times; the first reading ${ms(figures.typing.first)}); host meanwhile: longest stall ${ms(figures.typing.stalls.longest)}, computing at most ${ms(figures.typing.stalls.longestBusy)} within one`,
      '',
      ...table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ')),
      '',
    ].join('\n'),
  );
} finally {
  await browser.close();
  await vsix.dispose();
}
