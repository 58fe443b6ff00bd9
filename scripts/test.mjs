// `npm test`: types, lint, a fresh bundle of every test, one run of them all. The last line is `N passed, N failed`
// (`, N skipped` where there are any); a stage that fails counts as one failed, and the exit code tells the same.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const script = (...parts) => path.join(root, 'node_modules', ...parts);

/** Runs one stage, its output passed on; gives its exit code and what it printed. */
function stage(name, args, environment = process.env) {
  const began = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
      process.stdout.write(data);
    });
    child.on('close', (code, signal) => {
      const end = signal === null ? (code === 0 ? 'done' : `failed with exit code ${code}`) : `ended by ${signal}`;
      process.stdout.write(`== ${name}: ${end}, ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
      resolve({ ok: code === 0, printed });
    });
  });
}

let passed = 0;
let failed = 0;
let skipped = 0;
/** What is said of each failure, to be said again at the end: thousands of lines stand between. */
const failures = [];

/** Mocha's account of its failures, or a failed test of the suite inside of VS Code with its error. */
const ACCOUNTS =
  /^ +\d+ failing$[\s\S]*?(?=^\S|$(?![\s\S]))|^ {2}✘ .*\n[\s\S]*?(?=^ {2}(?:✔|✘|\d+\.\d s$)|$(?![\s\S]))/gm;

/** Keeps what a stage said of its failures; its last lines where it said nothing. */
function keepFailures(name, printed) {
  const accounts = [...printed.matchAll(ACCOUNTS)].map(([account]) => account.trimEnd());
  failures.push(
    `-- ${name}\n${accounts.length > 0 ? accounts.join('\n') : printed.split('\n').slice(-40).join('\n')}\n`,
  );
}

/** Runs test bundles in one process and adds up; `live` is false where tests that want a PyTorch ran before. */
async function testStage(name, patterns, { environment, live = true, leaving = [] } = {}) {
  const mocha = [script('mocha', 'bin', 'mocha.js'), '--no-color', '--reporter', 'spec'];
  const tests = await stage(
    name,
    [
      ...mocha,
      '--ignore',
      'dist/test/e2e/vscode/**',
      ...patterns,
      ...leaving.flatMap((pattern) => ['--ignore', pattern]),
    ],
    environment,
  );
  // The reporter's closing lines; tests print above them, so the last of each counts.
  const closing = (word) => [...tests.printed.matchAll(new RegExp(`^ +(\\d+) ${word}\\b`, 'gm'))].pop();
  const count = (word) => Number(closing(word)?.[1] ?? 0);
  passed += count('passing');
  if (live) skipped += count('pending');
  failed += count('failing');
  // A run that broke off, or in which nothing ran, has not passed whatever it counted.
  if (count('failing') === 0 && (!tests.ok || count('passing') === 0)) failed++;
  if (!tests.ok || count('passing') === 0) keepFailures(name, tests.printed);
}

for (const [name, args] of [
  ['types', [script('typescript', 'bin', 'tsc'), '--noEmit']],
  ['types of the pages', [script('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'webview']],
  ['lint', [script('@biomejs', 'biome', 'bin', 'biome'), 'check', '--diagnostic-level=error']],
]) {
  const { ok, printed } = await stage(name, args);
  if (ok) continue;
  failed++;
  keepFailures(name, printed);
}

// Bundles of tests that no longer exist must not run.
await rm(path.join(root, 'dist', 'test'), { recursive: true, force: true });
if ((await stage('build', ['esbuild.mjs', '--tests'])).ok) {
  await testStage('tests', ['dist/test/**/*.test.js'], { leaving: ['dist/test/fuzz/**'] });
  // By themselves: what a reading takes is judged, and a process that holds much else takes longer.
  await testStage('mutated files', ['dist/test/fuzz/*.test.js']);

  // What every value rests on once more, run as WebAssembly: the primitives, and the committed answers of PyTorch.
  const { NORMSCOPE_PYTHON: _, ...environment } = process.env;
  await testStage('tests as WebAssembly', ['dist/test/unit/tensor/*.test.js', 'dist/test/parity/*.test.js'], {
    environment: { ...environment, NORMSCOPE_RUNTIME: 'wasm' },
    live: false,
  });

  // In a real VS Code. Each prints its own counts; where something from outside is missing it says so and is skipped.
  for (const [name, args] of [
    ['VS Code, newest', ['scripts/vscodeServer.mjs', 'current']],
    ['VS Code, oldest supported', ['scripts/vscodeServer.mjs', 'floor']],
    ['the packaged extension in use', ['scripts/vscodeEndToEnd.mjs']],
  ]) {
    const { ok, printed } = await stage(name, args);
    const counts = [...printed.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].pop();
    passed += Number(counts?.[1] ?? 0);
    failed += Number(counts?.[2] ?? 0) || (ok && counts ? 0 : 1);
    skipped += Number(counts?.[3] ?? 0);
    if (!ok) keepFailures(name, printed);
  }
} else {
  failed++;
}

if (failures.length > 0) process.stdout.write(`\n== what failed\n${failures.join('\n')}== that failed\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
