import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../network';
import { elementWidth, ModelFormatError, type ModelTensor, tensorSize } from '../../onnx';
import type { ExternalBytes } from './stored';

/**
 * Reads tensors' bytes from files beside the model file: never from outside of its folder, links followed or not.
 * @throws InputError where the file is missing, lies elsewhere or is too short.
 */
export function externalDataBeside(uri: string): ExternalBytes {
  const folder = uri.startsWith('file:') ? path.dirname(fileURLToPath(uri)) : undefined;
  return (tensor) => {
    const { external } = tensor;
    if (!external) return undefined;
    const refuse = (why: string): never => {
      throw new InputError(
        `the weights of '${tensor.name}' are in '${external.location}', ${why}`,
        'put that file beside the model file, as its exporter did',
      );
    };
    if (folder === undefined) return refuse('and a document that is no file has nothing beside it');
    const file = insideOf(folder, external.location);
    if (file === undefined) return refuse('which is not below the model file’s folder');
    const bytes = read(file, external.offset, external.length ?? sizeOf(tensor));
    return typeof bytes === 'string' ? refuse(bytes) : bytes;
  };
}

function sizeOf(tensor: ModelTensor): number {
  try {
    return tensorSize(tensor) * elementWidth(tensor.dataType);
  } catch (error) {
    if (error instanceof ModelFormatError) throw new InputError(error.message, 'export the model again');
    throw error;
  }
}

/** The real path of a file below the folder; undefined where it leads out of it. A missing file is its own path. */
function insideOf(folder: string, location: string): string | undefined {
  if (location === '' || path.isAbsolute(location) || /^[a-z]:|\\/i.test(location)) return undefined;
  const below = (root: string, file: string) => {
    const relative = path.relative(root, file);
    return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  };
  const asked = path.resolve(folder, location);
  if (!below(folder, asked)) return undefined;
  try {
    const real = realpathSync(asked);
    return below(realpathSync(folder), real) ? real : undefined;
  } catch {
    return asked;
  }
}

/** Bytes of a file, or why there are none. */
function read(file: string, offset: number, length: number): Uint8Array | string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return 'which cannot be read';
  }
  try {
    const found = fstatSync(descriptor);
    // Before anything is allocated: a shape may claim anything.
    if (!found.isFile() || offset + length > found.size) return 'which is too short';
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const count = readSync(descriptor, bytes, at, length - at, offset + at);
      if (count === 0) return 'which is too short';
      at += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
