// `node scripts/measureReading.mjs [FILE::NAME] [--root FOLDER]`: how long reading a model file takes. Cold, as a process of
// `inspect`; in a warm engine host; after a keystroke in 2,000 lines, as the editor sends it; and against the length of a
// file, with the exponent. FILE is read with imports below FOLDER (default: the file's own); without FILE, an example.
import { fork, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { longModel, typingAt } from './longModel.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = (name) => path.join(root, 'dist', name);
const args = process.argv.slice(2);
const rootAt = args.indexOf('--root');
const target = args[0] !== undefined && rootAt !== 0 ? args[0] : path.join(root, 'examples', 'small_resnet.py');
const [file, name] = target.split('::');
const absolute = path.resolve(file);
const folder = rootAt >= 0 ? path.resolve(args[rootAt + 1]) : path.dirname(absolute);

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
const figures = (values) =>
  `median ${median(values).toFixed(0)} ms, ${sorted(values)[0].toFixed(0)} to ${sorted(values).at(-1).toFixed(0)} (${values.length} times)`;
const say = (text) => process.stdout.write(`${text}\n`);

/** Milliseconds that each round of some work takes. */
async function timed(rounds, work) {
  const taken = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work(round);
    taken.push(performance.now() - began);
  }
  return taken;
}

const input = ['--input', '1x3x224x224'];
const cold = await timed(9, () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [dist('cli.js'), 'inspect', path.relative(folder, absolute) + (name ? `::${name}` : ''), ...input, '--json'],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
});
say(`cold, a process of inspect:            ${figures(cold)}`);

const child = fork(dist('host.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
connection.listen();

/** A document that the host follows; `read` asks for its networks, as an editor does after each edit. */
async function followed(uri, text, options) {
  let version = 1;
  const document = { uri, baseUri: pathToFileURL(folder).href, text };
  await connection.sendNotification('normscope/openDocument', { document, version });
  return {
    read: () => connection.sendRequest('normscope/currentNetworks', { uri, version, options }),
    change: (...changes) =>
      connection.sendNotification('normscope/changeDocument', { uri, version: ++version, changes }),
    close: () => connection.sendNotification('normscope/closeDocument', { uri }),
  };
}

const options = { ...(name && { name }), inputs: [{ shape: [1, 3, 224, 224] }] };
const own = await followed(pathToFileURL(absolute).href, readFileSync(absolute, 'utf8'), options);
for (let round = 0; round < 5; round++) await own.read();
say(`warm, in an engine host:               ${figures(await timed(15, () => own.read()))}`);
await own.close();

const text = longModel(2000);
const typed = await followed('file:///typed.py', text, {});
for (let round = 0; round < 5; round++) await typed.read();
// In the constructor of the block in the middle: a space more, a space less.
const at = typingAt(text);
const keys = await timed(40, async (round) => {
  await typed.change(round % 2 === 0 ? { offset: at, length: 0, text: ' ' } : { offset: at, length: 1, text: '' });
  await typed.read();
});
say(`after a keystroke in ${text.split('\n').length} lines:        ${figures(keys)}`);
await typed.close();

const points = [];
for (const count of [1250, 2500, 5000, 10_000, 20_000]) {
  const taken = await timed(5, async (round) => {
    const long = await followed(`file:///long${count}-${round}.py`, longModel(count), {});
    await long.read();
    await long.close();
  });
  points.push([Math.log(count), Math.log(median(taken))]);
  say(`${String(count).padStart(6)} lines, read for the first time: ${figures(taken)}`);
}
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const [x, y] = [mean(points.map(([a]) => a)), mean(points.map(([, b]) => b))];
const slope = mean(points.map(([a, b]) => (a - x) * (b - y))) / mean(points.map(([a]) => (a - x) ** 2));
say(`time grows with length to the power of ${slope.toFixed(2)}`);

connection.dispose();
child.kill('SIGKILL');
