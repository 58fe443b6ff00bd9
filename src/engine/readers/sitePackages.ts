import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../network';

/** Whose packages a model file imports: an interpreter, or folders of packages. Paths are absolute. */
export interface PythonChoice {
  /** A `python` executable, or the folder of an environment. */
  readonly interpreter?: string;
  readonly sitePackages?: readonly string[];
}

const isFolder = (at: string): boolean => {
  try {
    return statSync(at).isDirectory();
  } catch {
    return false;
  }
};

const entries = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Folders of packages below an environment's folder, by the layouts of Unix, Debian and Windows. */
function packagesBelow(prefix: string): string[] {
  const found: string[] = [];
  for (const lib of ['lib', 'lib64', 'local/lib']) {
    const versions = entries(path.join(prefix, lib)).filter((name) => /^python3(\.\d+)?$/.test(name));
    for (const version of versions.sort())
      for (const packages of ['site-packages', 'dist-packages']) found.push(path.join(prefix, lib, version, packages));
  }
  found.push(path.join(prefix, 'Lib', 'site-packages'));
  return found.filter(isFolder);
}

/** The interpreter that an environment was made from, where it uses that one's packages too. */
function baseOf(prefix: string): string | undefined {
  const file = path.join(prefix, 'pyvenv.cfg');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8').slice(0, 10_000);
  const setting = (name: string) => new RegExp(`^${name}\\s*=\\s*(.+)$`, 'm').exec(text)?.[1]?.trim();
  return setting('include-system-site-packages')?.toLowerCase() === 'true' ? setting('home') : undefined;
}

/** The folder that an executable or an environment's folder belongs to: `bin/python` and `Scripts\python.exe` lie one below. */
function prefixOf(interpreter: string): string {
  if (isFolder(interpreter))
    return /^(bin|Scripts)$/.test(path.basename(interpreter)) ? path.dirname(interpreter) : interpreter;
  const folder = path.dirname(interpreter);
  return /^(bin|Scripts)$/.test(path.basename(folder)) ? path.dirname(folder) : folder;
}

/** The folders of an interpreter's packages, found beside it; it is not run. */
function packagesOf(interpreter: string): string[] {
  const prefix = prefixOf(interpreter);
  const base = baseOf(prefix);
  const own = [...packagesBelow(prefix), ...(base === undefined ? [] : packagesBelow(prefixOf(base)))];
  if (own.length > 0 || !existsSync(interpreter)) return own;
  // A link elsewhere: `~/bin/python` to an installation.
  const real = realpathSync(interpreter);
  return real === interpreter ? [] : packagesOf(real);
}

/**
 * The folders whose source may be read for what a model file imports.
 * @throws InputError for an interpreter or a folder that is not there, or that has no packages.
 */
export function sitePackagesOf({ interpreter, sitePackages = [] }: PythonChoice): string[] {
  for (const folder of sitePackages) {
    if (!isFolder(folder))
      throw new InputError(`there is no folder ${folder}`, 'name the folder that packages are installed in');
  }
  if (interpreter === undefined) return [...sitePackages];
  const found = packagesOf(interpreter);
  if (found.length === 0) {
    throw new InputError(
      existsSync(interpreter) ? `${interpreter} has no folder of packages beside it` : `there is no ${interpreter}`,
      'name a python executable, the folder of an environment, or the folder of its packages itself',
    );
  }
  return [...new Set([...sitePackages, ...found])];
}
