import path from 'node:path';
import type * as vscode from 'vscode';
import type { PythonChoice } from '../src/engine/readers/sitePackages';
import type { Configuration } from './configuration';
import type { Log, Vscode } from './vscodeApi';

/** The part of the Python extension's interface that is asked; it need not be installed. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: {
      readonly path: string;
    }): Promise<{ readonly executable?: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** How long the Python extension may take to answer, in milliseconds: an analysis does not wait for it. */
const PATIENCE = 3000;

/**
 * Whose packages a document's imports are read from: the folder of the setting, else the interpreter that the person chose
 * in the Python extension; undefined where there is neither. In a workspace that is not trusted it is a folder of the
 * person's own settings or nothing: the editor leaves out what the workspace sets. Never throws.
 */
export async function pythonOf(
  uri: vscode.Uri,
  { extensions, workspace }: Pick<Vscode, 'extensions' | 'workspace'>,
  configuration: Configuration,
  log: Log,
): Promise<PythonChoice | undefined> {
  const setting = configuration.get('python.sitePackages');
  if (setting === 'none') return undefined;
  if (setting !== 'auto' && setting !== '') {
    const folder = workspace.getWorkspaceFolder(uri)?.uri;
    if (path.isAbsolute(setting)) return { sitePackages: [setting] };
    return folder?.scheme === 'file' ? { sitePackages: [path.resolve(folder.fsPath, setting)] } : undefined;
  }
  // To tell an interpreter's place the Python extension may run it, and it may lie in the workspace.
  if (!workspace.isTrusted) return undefined;
  const extension = extensions.getExtension<PythonExtension>('ms-python.python');
  if (!extension) return undefined;
  try {
    const interpreter = await inTime(chosenInterpreter(extension, uri));
    return interpreter === undefined ? undefined : { interpreter };
  } catch (error) {
    log.warn(`the Python extension does not say which interpreter is chosen: ${String(error)}`);
    return undefined;
  }
}

async function chosenInterpreter(
  extension: vscode.Extension<PythonExtension>,
  uri: vscode.Uri,
): Promise<string | undefined> {
  const { environments } = extension.isActive ? extension.exports : await extension.activate();
  if (!environments) return undefined;
  const chosen = environments.getActiveEnvironmentPath(uri);
  // The path may be the bare word `python`: then only the resolved environment says where it lies.
  const resolved = await environments.resolveEnvironment(chosen);
  const executable = resolved?.executable?.uri?.fsPath ?? chosen.path;
  return path.isAbsolute(executable) ? executable : undefined;
}

/** The answer, or undefined where it does not come in time. */
function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, undefined);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
