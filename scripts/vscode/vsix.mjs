import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Packages the checkout into a VSIX of its own, which `dispose` takes away; `said` is what packaging printed. */
export async function packageVsix() {
  const folder = await mkdtemp(path.join(tmpdir(), 'normscope-vsix-'));
  const file = path.join(folder, 'normscope.vsix');
  const dispose = () => rm(folder, { recursive: true, force: true });
  let said = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'package.mjs'), file], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (data) => {
      said += data;
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return { file, said: said.trim(), dispose };
  await dispose();
  throw new Error('the VSIX could not be packaged');
}
