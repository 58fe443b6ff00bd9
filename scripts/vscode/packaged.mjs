// A VS Code server with the packaged extension installed in it and a copy of the examples to open.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installServer } from './install.mjs';
import { startServer } from './server.mjs';
import { quietSettings } from './settings.mjs';
import { versions } from './versions.mjs';
import { packageVsix } from './vsix.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Starts it; `settings` come on top of the quiet ones. `stop` ends it and takes everything away. */
export async function startPackaged({ version = versions.current, settings = {} } = {}) {
  const installed = await installServer(version);
  const vsix = await packageVsix();
  const parent = await mkdtemp(path.join(tmpdir(), 'normscope-examples-'));
  const folder = path.join(parent, 'examples');
  await cp(path.join(root, 'examples'), folder, { recursive: true });
  const clear = async () => {
    await vsix.dispose();
    await rm(parent, { recursive: true, force: true });
  };
  try {
    const server = await startServer(installed, { settings: { ...quietSettings, ...settings }, vsix: vsix.file });
    return {
      ...server,
      folder,
      packaged: vsix.said,
      stop: async () => {
        await server.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
