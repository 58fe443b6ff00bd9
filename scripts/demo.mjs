// `npm run demo`: NormScope in VS Code, on the examples. Where the desktop's `code` exists, it opens with this checkout as
// the extension; else, or with --server, a VS Code server starts here and its address is printed. Ctrl-C ends it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPackaged } from './vscode/packaged.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const shell = process.platform === 'win32';
const code = (...args) => spawnSync('code', args, { shell, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

/** Opens the desktop's VS Code; false where there is none. */
function openDesktop() {
  if (code('--version').status !== 0) return false;
  const build = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) throw new Error('the bundles could not be built');
  const quoted = (file) => (shell ? `"${file}"` : file);
  const examples = path.join(root, 'examples');
  const opened = code(
    '--new-window',
    `--extensionDevelopmentPath=${quoted(root)}`,
    quoted(examples),
    quoted(path.join(examples, 'deep_sigmoid.py')),
  );
  if (opened.status !== 0) throw new Error(`code failed: ${opened.stderr.trim()}`);
  process.stdout.write('VS Code opens on examples/. In deep_sigmoid.py run "NormScope: Analyze Network" (F1).\n');
  return true;
}

/** Starts a server with the packaged extension and a copy of the examples, until someone ends it. */
async function serve() {
  process.stdout.write('Packaging, and starting VS Code as a server …\n');
  const server = await startPackaged();
  process.stdout.write(
    `\nOpen   http://${server.address}/?folder=${encodeURI(server.folder)}\nthen deep_sigmoid.py, and run "NormScope: Analyze Network" (F1). Ctrl-C ends it.\n`,
  );
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
  await server.stop();
}

try {
  if (process.argv.includes('--server') || !openDesktop()) await serve();
} catch (error) {
  process.stderr.write(`normscope: ${error.message}\n`);
  process.exitCode = 1;
}
