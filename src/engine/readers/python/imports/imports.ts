import type { SourceDocument } from '../../../network';
import { orMissing } from '../evaluator/attributes';
import { BudgetExceeded } from '../evaluator/budget';
import type { Evaluation } from '../evaluator/evaluation';
import type { PythonParser } from '../syntax';
import { type FileValue, fromStars, lookup, newScope, positional, string, type Value } from '../values';
import type { PythonFile, PythonFiles } from './files';
import { Registries } from './registries';

/** Files that one reading opens at most. */
const MOST_FILES = 400;
/** Files whose names one reading's imports say at most. */
const MOST_FOUND = 3_000;
/** What the statements of all imported files may cost. */
const FILE_OPERATIONS = 3_000_000;

/** What imported files mean to the file that imports them. */
export interface Imports {
  /** The file of `import name`; undefined where none may be read. Its statements run when a name of it is asked for. */
  find(name: string, from: SourceDocument): FileValue | undefined;
  /** A name of an imported file: its own, one that it imports, or a module of its package. */
  member(file: FileValue, name: string): Value | undefined;
  /** The text of a configuration beside a file; undefined where there is none that may be read. */
  configuration(name: string, from: SourceDocument): string | undefined;
  /** The text of a configuration inside of a package that may be read, by its path there. */
  packaged(name: string, inside: string): string | undefined;
  /** How a person names packages, in the words of the surface. */
  readonly hint: string;
  /** Whether a package is among those that may be read; `unnamed` where nobody named any packages. */
  package(name: string): 'found' | 'missing' | 'unnamed';
  /** A file that was found before, by its full name: `sys.modules[name]`. */
  named(name: string): FileValue | undefined;
  /**
   * Runs files that are imported and that nothing has needed yet, where they define or say a key that a file's own
   * dictionary or set lacks; whether any ran.
   */
  filledBy(container: Value, key: string): boolean;
}

/** Without files: nothing can be imported. */
export const noImports: Imports = {
  find: () => undefined,
  member: () => undefined,
  configuration: () => undefined,
  packaged: () => undefined,
  hint: '',
  package: () => 'unnamed',
  named: () => undefined,
  filledBy: () => false,
};

/**
 * Imports for one evaluation. A file is run once, as Python would run it on import, but only when something of it is
 * needed: a package's `__init__` names many files of which a model uses few.
 */
export function importsFrom(files: PythonFiles, parser: PythonParser, run: Evaluation): Imports {
  const values = new Map<string, FileValue>();
  const ran = new Set<FileValue>();
  let remaining = FILE_OPERATIONS;
  /** How many files are running, one inside the other. */
  let running = 0;

  const fileOf = (found: PythonFile | undefined): FileValue | undefined => {
    if (!found) return undefined;
    const { document, folder, name } = found;
    const known = values.get(document.uri);
    if (known) return known;
    if (document.uri === run.document.uri) {
      // The file that is read, imported by another: it has run, as far as it has come.
      const own: FileValue = { type: 'file', name, folder, scope: run.globals };
      values.set(document.uri, own);
      ran.add(own);
      return own;
    }
    if (values.size >= MOST_FOUND) throw new BudgetExceeded(`more than ${MOST_FOUND} imported files`);
    const scope = newScope('module', undefined, { file: document });
    scope.names.set('__name__', string(name));
    scope.names.set('__file__', string(`${name.split('.').at(-1)}.py`));
    const value: FileValue = { type: 'file', name, folder, scope };
    values.set(document.uri, value);
    return value;
  };

  /** Runs a file's statements outside of whatever is running; what they note of a training script is not the model's. */
  const execute = (file: FileValue): void => {
    if (ran.has(file)) return;
    if (ran.size >= MOST_FILES) throw new BudgetExceeded(`more than ${MOST_FILES} imported files`);
    // Before it runs: a file that imports itself by a detour sees what stands so far.
    ran.add(file);
    const { findings, budget, owners, tryDepth, trace, away } = run;
    const noted = [findings.notes, findings.records, findings.examples, findings.localModels, findings.batchSizes].map(
      (list) => ({
        list: list as unknown[],
        length: list.length,
      }),
    );
    const outer = { owners: owners.splice(0), operations: budget.operations, nesting: budget.nesting, running };
    let parsed = false;
    Object.assign(run, { tryDepth: 0, trace: undefined, away: 0 });
    try {
      const { statements } = parser.parse(file.scope.file!);
      parsed = true;
      budget.operations = remaining;
      running++;
      for (const statement of statements) run.execute(statement, file.scope);
    } finally {
      for (const { list, length } of noted) list.length = length;
      owners.push(...outer.owners);
      running = outer.running;
      if (parsed) remaining = budget.operations;
      Object.assign(budget, { operations: outer.operations, nesting: outer.nesting });
      Object.assign(run, { tryDepth, trace, away });
    }
  };

  const registries = new Registries(values, ran);

  /** Nothing while a file runs: there it is the file itself that fills it. */
  function filledBy(container: Value, key: string): boolean {
    if (running > 0) return false;
    const chosen = registries.filesFor(container, key);
    for (const file of chosen) execute(file);
    return chosen.length > 0;
  }

  /** What a module's own `__getattr__` gives for a name that it does not have. */
  function byOwnGetter({ scope }: FileValue, name: string): Value | undefined {
    const getter = /^__\w+__$/.test(name) ? undefined : scope.names.get('__getattr__');
    if (getter?.type !== 'function') return undefined;
    return orMissing(() => run.call(getter, positional(string(name)), getter.source), run);
  }

  return {
    find: (name, from) => fileOf(files.find(name, from, run.framework.closed?.(name) === true)),
    configuration: (name, from) => files.configuration(name, from),
    packaged: (name, inside) => files.packaged(name, inside),
    hint: files.hint,
    package: (name) => files.package(name),
    named: (name) => [...values.values()].find((file) => file.name === name),
    filledBy,
    member(file, name) {
      execute(file);
      return (
        lookup(file.scope, name) ??
        fromStars(file.scope.stars, name) ??
        fileOf(files.at(`${file.folder}/${name}`)) ??
        byOwnGetter(file, name)
      );
    },
  };
}
