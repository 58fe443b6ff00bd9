// `npm run analyze [-- FILE flags]`: bundles the engine (under a second) and analyses a model file, examples/deep_sigmoid.py
// unless the arguments begin with another.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
if (!existsSync(path.join(root, 'node_modules', 'esbuild'))) {
  process.stderr.write('normscope: the packages are not installed; run npm ci first\n');
  process.exit(3);
}
const build = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
if (build.status !== 0) process.exit(3);

// npm runs scripts at the package's root; paths are meant from where the person stands.
const cwd = process.env.INIT_CWD ?? process.cwd();
const given = process.argv.slice(2);
const isFile = given[0] !== undefined && !given[0].startsWith('-');
const args = isFile ? given : [path.relative(cwd, path.join(root, 'examples', 'deep_sigmoid.py')), ...given];
// A Ctrl-C reaches the analysis itself, which then prints what it has; this process waits for it.
process.on('SIGINT', () => {});
const analysis = spawnSync(process.execPath, [path.join(root, 'dist', 'cli.js'), 'analyze', ...args], {
  stdio: 'inherit',
});
process.exit(analysis.status ?? 3);
