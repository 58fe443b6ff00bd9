import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileDocument, type Network } from '../../src/engine/network';
import { readerFor } from '../../src/engine/readers/table';

/** What is read: a function of a model file, the sample shape and the batch. */
export interface ModelChoice {
  readonly file: string;
  readonly model: string;
  readonly input: readonly number[];
  readonly batch: number;
  readonly optimizer?: Omit<Network['optimizer'], 'origin'>;
  readonly set?: Readonly<Record<string, string>>;
}

/**
 * Reads a benchmark's model with the reader that a person's file goes through.
 * @throws Error saying what could not be modelled.
 */
export async function readModel(folder: string, choice: ModelChoice): Promise<Network> {
  const file = path.join(folder, choice.file);
  const reader = await readerFor(choice.file)!.load();
  const [network] = await reader.read(fileDocument(file, await readFile(file, 'utf8')), {
    name: choice.model,
    inputs: [{ shape: [choice.batch, ...choice.input] }],
    batch: choice.batch,
    ...(choice.set && { set: choice.set }),
  });
  if (!network) throw new Error(`${choice.file} offers no ${choice.model}`);
  const [missing] = network.unmodelled;
  if (missing) throw new Error(`${missing.what}: ${missing.why}`);
  return choice.optimizer ? { ...network, optimizer: { ...choice.optimizer, origin: 'the benchmark' } } : network;
}
