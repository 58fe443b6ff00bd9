// Starts a VS Code server on a free port, with a data folder of its own that goes when it stops.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const READY = 'Extension host agent listening';
const READY_MILLISECONDS = 60_000;

/** A port that nobody listens on. With a taken one the server says that it has started, and has not. */
const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Installs a VSIX into a server's data folder, as a person would. */
const installExtension = (main, node, data, vsix) =>
  new Promise((resolve, reject) => {
    const child = spawn(node, [main, '--install-extension', vsix, '--server-data-dir', data], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        printed += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 && printed.includes('successfully installed')
        ? resolve()
        : reject(new Error(`${vsix} could not be installed: ${printed.trim()}`)),
    );
  });

/**
 * Starts an installed server, with `vsix` installed where one is given. `trust: false` leaves Workspace Trust on, so that a folder opens in Restricted Mode;
 * `driver` lets a page run a test module in the extension host; `environment` reaches the extension host.
 */
export async function startServer(
  { main, node },
  { trust = true, driver = false, settings = {}, environment = {}, vsix } = {},
) {
  const port = await freePort();
  const data = await mkdtemp(path.join(tmpdir(), 'normscope-vscode-'));
  for (const place of ['Machine', 'User']) {
    await mkdir(path.join(data, 'data', place), { recursive: true });
    await writeFile(path.join(data, 'data', place, 'settings.json'), JSON.stringify(settings));
  }
  if (vsix) await installExtension(main, node, data, vsix);
  const child = spawn(
    node,
    [
      main,
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
      ...['--server-data-dir', data, '--disable-telemetry'],
      ...(trust ? ['--disable-workspace-trust'] : []),
      ...(driver ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: { ...process.env, ...environment, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the server is not ready after 60 s: ${printed}`)),
      READY_MILLISECONDS,
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        printed = (printed + chunk).slice(-4000);
        if (!printed.includes(READY)) return;
        clearTimeout(timer);
        resolve();
      });
    }
    child.once('error', reject);
    void ended.then(() => reject(new Error(`the server ended before it was ready: ${printed}`)));
  });
  return {
    address: `127.0.0.1:${port}`,
    data,
    printed: () => printed,
    stop: async () => {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(kill);
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
