import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileDocument, type SourceDocument } from '../../../network';
import type { ImportRoots } from '../../reader';

/** Longer files are no model code. */
const LARGEST_FILE = 2_000_000;
/** Longer files are no settings. */
const LARGEST_CONFIGURATION = 200_000;

/** A file that `import` finds: a module, or a package by its `__init__.py`. */
export interface PythonFile {
  readonly document: SourceDocument;
  /** The package's folder, or a module's name without `.py`, where its submodules would lie. */
  readonly folder: string;
  /** As Python names it from its outermost package. */
  readonly name: string;
}

/** Python's own modules whose names packages use for theirs. */
const STANDARD =
  /^(abc|ast|base64|bisect|calendar|cmath|code|codecs|collections|contextlib|copy|csv|ctypes|dataclasses|datetime|decimal|dis|email|enum|errno|fractions|functools|gc|glob|gzip|hashlib|heapq|html|http|importlib|inspect|io|itertools|json|keyword|linecache|locale|logging|math|mimetypes|multiprocessing|numbers|operator|os|parser|pathlib|pickle|platform|pprint|profile|queue|random|re|secrets|select|shelve|shutil|signal|site|socket|ssl|stat|statistics|string|struct|subprocess|symbol|sys|tempfile|test|textwrap|threading|time|timeit|token|tokenize|trace|traceback|types|typing|unittest|urllib|uuid|warnings|weakref|xml|zipfile)$/;

/** Libraries that a package's own part may share its name with: `import transformers` in a package means the library. */
const LIBRARIES =
  /^(transformers|torch|torchvision|torchaudio|timm|einops|diffusers|keras|tensorflow|jax|flax|numpy|scipy|sklearn|pandas|matplotlib|lightning|pytorch_lightning|accelerate|peft)$/;

const isInside = (file: string, root: string): boolean =>
  file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);

const realPath = (file: string): string | undefined => {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
};

/**
 * The Python files that a model file may import, read as text. Outside the workspace and the site-packages that the
 * person chose nothing exists: a link that leads out of them is not followed.
 */
export class PythonFiles {
  readonly hint: string;
  readonly #workspace: readonly string[];
  readonly #roots: readonly string[];
  readonly #sitePackages: readonly string[];
  readonly #found = new Map<string, PythonFile | undefined>();

  constructor({ workspace, sitePackages, hint = '' }: ImportRoots) {
    this.hint = hint;
    const real = (folders: readonly string[]) => folders.flatMap((folder) => realPath(folder) ?? []);
    this.#workspace = real(workspace);
    this.#sitePackages = real(sitePackages);
    this.#roots = [...this.#workspace, ...this.#sitePackages];
  }

  /**
   * The file of `import a.b` or, with leading dots, of `from ..a import`, as seen from a document. Absolute names are
   * looked for beside the document, in the folders above it up to the workspace's, in their `src`, then among packages, unless only
   * a person's `own` are asked for.
   */
  find(name: string, from: SourceDocument, own = false): PythonFile | undefined {
    const here = this.#folderOf(from);
    if (here === undefined) return undefined;
    const dots = /^\.*/.exec(name)![0].length;
    const parts = name.slice(dots).split('.').filter(Boolean);
    if (dots > 0) {
      let folder = here;
      for (let up = 1; up < dots; up++) folder = path.dirname(folder);
      return this.at(path.join(folder, ...parts));
    }
    for (const folder of own ? this.#folders(here) : this.#searched(here)) {
      // A package's own `warnings.py` is no rival of Python's, nor its part `transformers` of that library:
      // they are imported by the package's name.
      const top = parts[0] ?? '';
      if ((STANDARD.test(top) || LIBRARIES.test(top)) && existsSync(path.join(folder, '__init__.py'))) continue;
      const found = this.at(path.join(folder, ...parts));
      if (found) return found;
    }
    return undefined;
  }

  /** Whether packages are read at all, and this one, source or compiled, is among them. */
  package(name: string): 'found' | 'missing' | 'unnamed' {
    if (this.#sitePackages.length === 0) return 'unnamed';
    const there = this.#roots.some(
      (root) =>
        existsSync(path.join(root, name)) ||
        existsSync(path.join(root, `${name}.py`)) ||
        existsSync(path.join(root, 'src', name)),
    );
    return there ? 'found' : 'missing';
  }

  /** The module or package at a path without `.py`. */
  at(folder: string): PythonFile | undefined {
    if (!this.#found.has(folder)) {
      const found = this.#read(path.join(folder, '__init__.py')) ?? this.#read(`${folder}.py`);
      this.#found.set(folder, found && { document: found, folder, name: this.#nameOf(folder) });
    }
    return this.#found.get(folder);
  }

  #nameOf(folder: string): string {
    const parts = [path.basename(folder)];
    for (let at = path.dirname(folder); existsSync(path.join(at, '__init__.py')); at = path.dirname(at)) {
      if (at === path.dirname(at)) break;
      parts.unshift(path.basename(at));
    }
    return parts.join('.');
  }

  #searched(here: string): string[] {
    return [...this.#folders(here), ...this.#sitePackages];
  }

  /** The workspace's folders around one, the nearest first. */
  #folders(here: string): string[] {
    const folders: string[] = [];
    const root = this.#workspace.find((folder) => isInside(here, folder));
    for (let folder = here; root !== undefined && isInside(folder, root); folder = path.dirname(folder)) {
      folders.push(folder, path.join(folder, 'src'));
    }
    return folders;
  }

  #folderOf({ uri }: SourceDocument): string | undefined {
    if (!uri.startsWith('file:')) return undefined;
    try {
      return realPath(path.dirname(fileURLToPath(uri)));
    } catch {
      return undefined;
    }
  }

  /** A configuration that a file names: YAML or JSON inside the workspace, beside the file or from where it would be run. */
  configuration(name: string, from: SourceDocument): string | undefined {
    const here = this.#folderOf(from);
    if (here === undefined || path.isAbsolute(name) || !/\.(ya?ml|json)$/i.test(name)) return undefined;
    const root = this.#workspace.find((folder) => isInside(here, folder));
    for (let folder = here; root !== undefined && isInside(folder, root); folder = path.dirname(folder)) {
      const found = this.#read(path.join(folder, name));
      const real = found && realPath(path.join(folder, name));
      if (found && real && isInside(real, root))
        return found.text.length <= LARGEST_CONFIGURATION ? found.text : undefined;
    }
    return undefined;
  }

  /** A configuration that lies inside a package: YAML or JSON, by its path in the package. */
  packaged(name: string, inside: string): string | undefined {
    if (path.isAbsolute(inside) || !/\.(ya?ml|json)$/i.test(inside)) return undefined;
    for (const root of this.#roots) {
      const file = path.join(root, name, inside);
      const found = this.#read(file);
      const real = found && realPath(file);
      if (found && real && isInside(real, root) && found.text.length <= LARGEST_CONFIGURATION) return found.text;
    }
    return undefined;
  }

  #read(file: string): SourceDocument | undefined {
    try {
      // A folder without the file is the usual case; asking first costs less than an exception.
      if (!lstatSync(file, { throwIfNoEntry: false })) return undefined;
      const real = realPath(file);
      if (real === undefined || !this.#roots.some((root) => isInside(real, root))) return undefined;
      const found = statSync(real);
      if (!found.isFile() || found.size > LARGEST_FILE) return undefined;
      return fileDocument(file, readFileSync(real, 'utf8'));
    } catch {
      return undefined;
    }
  }
}
