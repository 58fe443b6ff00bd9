import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bindShape,
  countParameters,
  InputError,
  type Network,
  type SourceDocument,
  type Span,
  sourceDocument,
} from '../network';
import type { DocumentText, Missing, OfferedNetwork } from '../protocol';
import type { ReadOptions } from '../readers';
import { readModelFile } from '../readers/modelFile';
import { type ReaderRow, readerFor, readerTable } from '../readers/table';
import type { ReportSource } from '../report';
import { structureHash } from './structureHash';

/** As on the command line: the longest text that is read, in UTF-8 bytes. */
const MOST_BYTES = 5_000_000;

/**
 * The document that the editor sent; one that is no text is read from disk.
 * @throws InputError where it is too large, or cannot be read.
 */
export async function documentOf({ uri, text, cells }: DocumentText): Promise<SourceDocument> {
  const row = readerFor(fileName(uri));
  if (row?.binary) return binaryFile(uri, row);
  const most = row?.mostBytes ?? MOST_BYTES;
  const bytes = [text, ...(cells ?? []).map((cell) => cell.text)].reduce(
    (sum, each) => sum + Buffer.byteLength(each),
    0,
  );
  if (bytes > most) {
    throw new InputError(
      `the file holds ${(bytes / 1e6).toFixed(1)} MB, and model files are read up to ${most / 1e6} MB`,
      'open the source file that defines the network',
    );
  }
  const document = sourceDocument(uri, text);
  return cells
    ? { ...document, cells: cells.map((cell) => ({ ...sourceDocument(cell.uri, cell.text), cell: cell.index })) }
    : document;
}

function binaryFile(uri: string, row: ReaderRow): Promise<SourceDocument> {
  if (!uri.startsWith('file:')) {
    throw new InputError(`${fileName(uri)} is on no disk that can be read`, 'save it in a folder and analyze it there');
  }
  const file = fileURLToPath(uri);
  return readModelFile(path.basename(file), path.dirname(file), row);
}

/**
 * The networks that a document offers, at least one.
 * @throws InputError for a document that no reader reads, that says something wrong, or that holds no network.
 */
export async function readDocument(document: SourceDocument, options: ReadOptions): Promise<readonly Network[]> {
  const name = fileName(document.uri);
  const row = readerFor(name);
  if (row === undefined) {
    throw new InputError(
      `no reader reads ${name}`,
      `open one of ${readerTable.map(({ files }) => files).join(', ')}, and save it under such a name first`,
    );
  }
  const networks = await (await row.load()).read(document, options);
  if (networks.length === 0) throw new InputError('no network was found in the file', 'open a file that defines one');
  return networks;
}

/**
 * The one network that an analysis is of.
 * @throws InputError where the document offers several and the options name none.
 */
export function onlyNetwork(networks: readonly Network[]): Network {
  const [network, ...more] = networks;
  if (network === undefined || more.length > 0) {
    throw new InputError(
      `the file offers ${networks.length} networks: ${networks.map(({ name }) => name).join(', ')}`,
      'choose one',
    );
  }
  return network;
}

/** What the client is told of a network before it is analysed. */
export function offeredNetwork(network: Network, toSource: (span: Span) => ReportSource): OfferedNetwork {
  const missing: Missing[] = [];
  if (network.inputs.length === 0) missing.push('input');
  // The readers' word for a batch that nobody gives.
  if (network.batch.origin === 'default') missing.push('batch');
  return {
    name: network.name,
    source: toSource(network.source),
    parameters: countParameters(network).total,
    layers: network.modules.filter(({ container }) => !container).length,
    structure: structureHash(network),
    inputs: network.inputs.map(({ name, shape, dtype }) => ({
      name,
      shape: bindShape(shape, network.batch.size),
      dtype,
    })),
    batch: network.batch,
    missing,
  };
}

/** The last part of a URI's path; what cannot be decoded stays as it is written. */
function fileName(uri: string): string {
  const [path = ''] = uri.split(/[?#]/);
  const last = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
