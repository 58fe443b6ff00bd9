// Installs a VS Code server from npm into .vscode-test/, once. No native module is built: nothing that we use needs one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Missing } from './missing.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cache = path.join(root, '.vscode-test');

const windows = process.platform === 'win32';
/** Node itself as an npm package, which needs no install script. */
const nodePackage = `node-${nodePlatform()}-${process.arch}`;

function nodePlatform() {
  if (windows) return 'win';
  return process.platform === 'darwin' && process.arch === 'arm64' ? 'bin-darwin' : process.platform;
}

/** A machine without a network is to know that soon. */
const QUIETLY = [
  ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
  ...['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=3000'],
];

/** The one line of what npm said that tells why. */
const reasonOf = (said) =>
  said
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .find((line) => line && !/^(npm warn|code|errno|syscall|type|A complete log)\b/.test(line)) ?? 'npm said nothing';

/** Runs npm in a folder. @throws Missing, with why. */
function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const command = windows ? 'npm.cmd' : 'npm';
    // Settings of an outer `npm run` are not meant for this folder.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(config|package)_/i.test(name)),
    );
    const child = spawn(command, [...args, ...QUIETLY], {
      cwd,
      env: { ...env, ...registryOf(process.env) },
      shell: windows,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Missing(`npm ${args.join(' ')} failed: ${reasonOf(said)}`)),
    );
  });
}

/** Where packages come from is the one outer setting that does count. */
const registryOf = (env) =>
  env.npm_config_registry === undefined ? {} : { npm_config_registry: env.npm_config_registry };

/**
 * The installed server: `main`, the script to run, and `node`, what to run it with.
 * @throws Missing, in one line where it cannot be installed.
 */
export async function installServer({ server, node }) {
  if (windows) throw new Missing('VS Code as a server is not there for Windows: npm run test:electron runs the suite');
  // Its own Node is taken only where this one is another: native parts are not built, so any of the same number serves.
  const other = process.versions.node.split('.')[0] !== node;
  const folder = path.join(cache, `code-server-${server}`);
  const vscode = path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const done = path.join(folder, 'installed');
  const executable = path.join(folder, 'node_modules', nodePackage, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(done) || (other && !existsSync(executable))) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{"private": true}');
    await npm(['install', `code-server@${server}`, ...(other ? [`${nodePackage}@${node}`] : [])], folder);
    await npm(['install', '--omit=dev'], vscode);
    await writeFile(done, '');
  }
  return { main: path.join(vscode, 'out', 'server-main.js'), node: other ? executable : process.execPath };
}
