import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError, type Network, type SourceDocument } from '../network';
import { type PythonChoice, type ReadOptions, sitePackagesOf } from '../readers';
import { readModelFile } from '../readers/modelFile';
import { type ReaderRow, readerFor, readerTable } from '../readers/table';
import type { ReadRequest } from './arguments';

/** What a file offers, and the file itself. */
export interface ReadFile {
  readonly networks: readonly Network[];
  readonly document: SourceDocument;
  /** Reads another text of the file as this one was. @throws InputError as the first reading does. */
  reread(document: SourceDocument): Promise<readonly Network[]>;
}

/**
 * The networks that a request's file offers, at least one.
 * @throws InputError for a file that no reader reads, that says something wrong, or that holds no network.
 */
export const readNetworks = async (request: ReadRequest, workingDirectory: string): Promise<readonly Network[]> =>
  (await readFile(request, workingDirectory)).networks;

/** The same with the file. @throws InputError as `readNetworks` does. */
export async function readFile(request: ReadRequest, workingDirectory: string): Promise<ReadFile> {
  const row = readerFor(path.basename(request.file));
  const document = await readModelFile(request.file, workingDirectory, row);
  if (row === undefined) {
    throw new InputError(`${request.file}: no reader reads this kind of file`, `name one of ${filesOf(readerTable)}`);
  }
  if (request.read.weights && !row.weights) {
    throw new InputError(
      `--weights: ${request.file} holds no weights`,
      `leave it out, or name one of ${filesOf(readerTable.filter(({ weights }) => weights))}`,
    );
  }
  const reader = await row.load();
  const options: ReadOptions = {
    ...request.read,
    assumeArguments: true,
    imports: {
      workspace: [workspaceOf(request.file, workingDirectory)],
      hint: 'name it with --python PATH or --site-packages FOLDER',
      sitePackages: packageFolders(request.python, workingDirectory),
    },
  };
  const networks = await reader.read(document, options);
  if (networks.length === 0) {
    throw new InputError(
      `${request.file}: no network was found`,
      'NormScope looks for nn.Module classes, functions that return a model, and module-level models; name one as FILE::NAME',
    );
  }
  return { networks, document, reread: (edited) => reader.read(edited, options) };
}

const filesOf = (rows: readonly ReaderRow[]): string => rows.map(({ files }) => files).join(', ');

/** The folders of packages that the person names, else those of the environment that is active. */
function packageFolders(python: PythonChoice | undefined, workingDirectory: string): string[] {
  if (python) {
    const { interpreter, sitePackages = [] } = python;
    return sitePackagesOf({
      ...(interpreter !== undefined && { interpreter: path.resolve(workingDirectory, interpreter) }),
      sitePackages: sitePackages.map((folder) => path.resolve(workingDirectory, folder)),
    });
  }
  const active = process.env.VIRTUAL_ENV || process.env.CONDA_PREFIX;
  if (!active) return [];
  try {
    return sitePackagesOf({ interpreter: active });
  } catch {
    // Nobody asked for it: an environment that is gone stops nothing.
    return [];
  }
}

/**
 * The folder whose files the model file may import: where the person works, or the file's own where that lies elsewhere; of a
 * package the folder that it lies in, as Python would need it on its path.
 */
function workspaceOf(file: string, workingDirectory: string): string {
  const absolute = path.resolve(workingDirectory, file);
  const relative = path.relative(workingDirectory, absolute);
  const inside = !relative.startsWith('..') && !path.isAbsolute(relative);
  let folder = inside ? workingDirectory : path.dirname(absolute);
  while (existsSync(path.join(folder, '__init__.py')) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  return folder;
}

/**
 * The one network that an analysis is of.
 * @throws InputError that names the candidates.
 */
export function onlyNetwork(networks: readonly Network[], file: string): Network {
  const [network, ...more] = networks;
  if (network === undefined || more.length > 0) {
    throw new InputError(
      `${file} offers ${networks.length} networks: ${networks.map(({ name }) => name).join(', ')}`,
      `name one, as in ${file}::${network?.name ?? 'NAME'}`,
    );
  }
  return network;
}
